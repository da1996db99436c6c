"""Recognising: which mapping was made for a file, told by the names of its columns."""

from collections.abc import Collection, Iterable, Mapping

from vertrauenskonto.importers.mapping import FileMapping
from vertrauenskonto.importers.shipped import SHIPPED, shipped_mapping

# So few columns in common with anything say nothing.
_COLUMNS_MIN = 3


def fits(mapping: FileMapping, columns: Collection[str]) -> int:
    """Return how many of a mapping's columns a file with these columns has; 0: it does not fit.

    Every column the mapping needs must be there. With several files, or a query over one, the
    columns of the file say too little.
    """
    if mapping.query or len(mapping.files) > 1:
        return 0
    there = {name.casefold() for name in columns}
    read = [column for column in mapping.columns if not column.expression]
    found = [c for c in read if any(source.casefold() in there for source in c.sources)]
    if any(c not in found and not c.is_optional for c in read):
        return 0
    return len(found)


def recognised(
    tables: Mapping[str, Collection[str]], own: Iterable[FileMapping] = ()
) -> tuple[str, ...]:
    """Return the names of mappings that fit the files (name → columns), the likeliest first.

    `own`: those of this company, which come before the shipped ones that fit as well.
    """
    scored: list[tuple[int, int, str]] = []
    for rank, group in enumerate((tuple(own), tuple(map(shipped_mapping, SHIPPED)))):
        for mapping in group:
            score = _score(mapping, tables)
            if score:
                scored.append((rank, -score, mapping.name))
    return tuple(dict.fromkeys(name for _, _, name in sorted(scored)))


def _score(mapping: FileMapping, tables: Mapping[str, Collection[str]]) -> int:
    if len(tables) > 1 or len(mapping.files) > 1:
        wanted = {name.casefold() for name in mapping.files.values()}
        there = {name.casefold() for name in tables}
        return len(wanted) if wanted and wanted <= there else 0
    [columns] = tables.values()
    found = fits(mapping, columns)
    is_own_name = {n.casefold() for n in mapping.files.values()} & {n.casefold() for n in tables}
    return found if found >= _COLUMNS_MIN or is_own_name else 0
