"""Rows as JSON, written by the database itself: the same text from SQLite and PostgreSQL.

Hashing, backing up and exporting read millions of rows; a row that arrives as one finished text
costs a tenth of one that is put together in Python. The text is exactly what `json.dumps` writes
with `ensure_ascii=False` and without spaces, so that leaves do not depend on who wrote them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from django.db.models import Field, Model

Vendor = Literal["sqlite", "postgresql"]
Sort = Literal[
    "text", "number", "real", "flag", "day", "instant", "bytes", "json", "uuid", "address"
]

_SORTS: dict[str, Sort] = {
    "BigIntegerField": "number",
    "IntegerField": "number",
    "SmallIntegerField": "number",
    "PositiveIntegerField": "number",
    "PositiveBigIntegerField": "number",
    "PositiveSmallIntegerField": "number",
    "AutoField": "number",
    "BigAutoField": "number",
    "SmallAutoField": "number",
    "ForeignKey": "number",
    "OneToOneField": "number",
    "FloatField": "real",
    "BooleanField": "flag",
    "DateField": "day",
    "DateTimeField": "instant",
    "BinaryField": "bytes",
    "JSONField": "json",
    "UUIDField": "uuid",
    "GenericIPAddressField": "address",
}


def sort_of(internal_type: str) -> Sort:
    """Return the sort of a column that Django calls by this type; unknown ones are text."""
    return _SORTS.get(internal_type, "text")


def vendor_of(name: str) -> Vendor:
    """Return the vendor of a Django connection as the two that we know."""
    assert name in get_args(Vendor), f"no ledger on {name}"
    return "sqlite" if name == "sqlite" else "postgresql"


def json_value(vendor: Vendor, sort: Sort, column: str) -> str:
    """Return SQL for the JSON text of one value; NULL becomes `null`.

    Days and instants are ISO 8601 texts, instants in UTC with six decimals; bytes are hexadecimal.
    PostgreSQL must be told `datestyle = ISO` and `timezone = UTC`.
    """
    text = _sqlite(sort, column) if vendor == "sqlite" else _postgres(sort, column)
    return f"coalesce({text}, 'null')"


def _postgres(sort: Sort, column: str) -> str:
    if sort in ("number", "real", "flag", "json"):
        return f"{column}::text"
    if sort == "day":
        return f"'\"' || {column}::text || '\"'"
    if sort == "instant":
        written = f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
        return f"'\"' || {written} || '+00:00\"'"
    if sort == "bytes":
        return f"'\"' || encode({column}, 'hex') || '\"'"
    if sort == "uuid":
        return f"'\"' || replace({column}::text, '-', '') || '\"'"
    if sort == "address":
        return f"'\"' || host({column}) || '\"'"
    return f"to_json({column}::text)::text"


def _sqlite(sort: Sort, column: str) -> str:
    # SQLite keeps whatever it is given, whatever the column's type: what is not of the right sort
    # must show, or a change from 1 to 2 in a flag would not.
    if sort == "number":
        return f"json_quote({column})"
    if sort == "real":
        return (
            f"CASE typeof({column}) WHEN 'real' THEN printf('%!.17g', {column}) "
            f"ELSE json_quote({column}) END"
        )
    if sort == "flag":
        return f"CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE json_quote({column}) END"
    if sort == "instant":
        fraction = f"CASE length({column}) WHEN 19 THEN '.000000' ELSE '' END"
        return f"json_quote(replace({column}, ' ', 'T') || {fraction} || '+00:00')"
    if sort == "bytes":
        # hex(NULL) is an empty text, not NULL.
        return f"CASE WHEN {column} IS NOT NULL THEN '\"' || lower(hex({column})) || '\"' END"
    if sort == "json":
        return column
    return f"json_quote(CAST({column} AS TEXT))"


def json_array(vendor: Vendor, values: Sequence[str]) -> str:
    """Return SQL for a JSON array of values that are JSON text already."""
    if vendor == "sqlite":
        return "'[' || " + " || ',' || ".join(values) + " || ']'"
    return f"'[' || concat_ws(',', {', '.join(values)}) || ']'"


@dataclass(slots=True)
class Source:
    """A table with the tables that its paths lead to, as SQL."""

    model: type[Model]
    joins: list[str] = field(default_factory=list)

    def column(self, path: str) -> tuple[str, Sort]:
        """Return the column at a path like `customer__key`, and its sort; joins what it takes."""
        model, alias = self.model, "t"
        *steps, last = path.split("__")
        for step in steps:
            link = model._meta.get_field(step)
            assert isinstance(link, Field), path
            target = link.related_model
            assert isinstance(target, type), path
            name = f"{alias}_{step}"
            table, key = target._meta.db_table, target._meta.pk.column
            join = f'LEFT JOIN "{table}" {name} ON {name}."{key}" = {alias}."{link.column}"'
            if join not in self.joins:
                self.joins.append(join)
            model, alias = target, name
        found = model._meta.get_field(last)
        assert isinstance(found, Field), path
        return f'{alias}."{found.column}"', sort_of(found.get_internal_type())

    def values(self, vendor: Vendor, paths: Iterable[str]) -> list[str]:
        """Return SQL for the JSON texts of the columns at the paths."""
        return [
            json_value(vendor, sort, column) for column, sort in (self.column(p) for p in paths)
        ]

    @property
    def tables(self) -> str:
        """The FROM clause without its keyword."""
        return " ".join([f'"{self.model._meta.db_table}" t', *self.joins])
