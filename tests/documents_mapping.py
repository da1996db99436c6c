"""The reference of mapping files, written from the keys the parser knows and the shipped mappings."""

from vertrauenskonto.importers.mapping_key import Key
from vertrauenskonto.importers.mapping_keys import SECTIONS
from vertrauenskonto.importers.shipped import SHIPPED, shipped_mapping

HEAD = """\
# Mapping files

A mapping file says how the columns of somebody's file become events and outcomes. It is TOML. This page is
written from the program (`make docs`); the guide is [Import your files](../guides/import-your-files.md).

```
vertrauenskonto import PATH --from MAPPING --out events.parquet --outcomes outcomes.parquet
```

`MAPPING` is the path of such a file, or the name of one we ship. Unknown keys are refused, with the nearest
known one.

## Shipped mappings

Each was made after the documented layout and is tested on a sample that we wrote ourselves. Copy one as a
model, `vertrauenskonto mapping show shopware > own.toml`: the comment at its head says which columns it uses.

| name | file | how to make the export | layout | seen |
| --- | --- | --- | --- | --- |
"""

EXPRESSIONS = """
## Expressions

An expression is an SQL expression of DuckDB over the declared columns: `status = 'open'`,
`coalesce(delivered, closed)`, `order_number || '/delivery'`, `delivered - promised` (days). Texts stand in
single quotation marks. It may call only functions that give the same value for the same row: no clock, no
chance, no file, no subquery and no sum; those belong in `query`, which reads nothing but the mapping's files.

An expression that fails for a row, such as a division by zero, is empty there.

## What a rule may read

The goal is trust, so nothing that is booked may depend on what trust brings in. Of an event, only `note` may
read a column with the role `outcome` or `display`, directly or through a computed column; every other key that
does is refused (`goal_guard`). A query may pass such a column on under its own name; no other column, no
condition, join or grouping, and no order may read it. So that this can be checked, a query names its columns:
`UNION ALL BY NAME` where a `*` or such a column takes part, and no `ORDER BY 3`, `NATURAL JOIN`, `PIVOT` or
`COLUMNS(...)`. Its functions, too, give the same for the same files. Columns named after revenue, conversion or customer value need such a role. The
kinds `repurchase`, `recommendation`, `survey_answer` and `review_star` do not exist: those are outcomes. Nor
do vouchers.
"""


def pages() -> dict[str, str]:
    """Return the generated page: path under docs/ → text."""
    lines = [HEAD + "\n".join(_shipped(name) for name in SHIPPED), ""]
    for title, keys in SECTIONS.items():
        lines += [f"## {title}", ""]
        lines += ["| key | type | default | meaning | example |", "| --- | --- | --- | --- | --- |"]
        lines += [_row(key) for key in keys]
        lines.append("")
    return {"reference/mapping.md": "\n".join(lines).rstrip("\n") + "\n" + EXPRESSIONS}


def _shipped(name: str) -> str:
    mapping = shipped_mapping(name)
    cells = (f"`{name}`", mapping.title.en, mapping.export.en, f"<{mapping.link}>", mapping.seen)
    return f"| {' | '.join(cells)} |"


def _row(key: Key) -> str:
    default = "**required**" if key.required else key.default or "none"
    example = f"`{key.example}`" if key.example else ""
    cells = (f"`{key.name}`", key.type, default, key.meaning, example)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
