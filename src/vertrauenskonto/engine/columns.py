"""Columns of somebody's table as typed SQL: texts, days, points, flags; what cannot be read is NULL."""

from datetime import date

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.engine.rules import ALWAYS, EPOCH
from vertrauenskonto.engine.sources import Source
from vertrauenskonto.engine.text_files import quoted

_FIRST_DAY = date.min.toordinal() - EPOCH
_TEXT_DAY = r"^\d{4}-\d{2}-\d{2}$"


class Columns:
    """The SQL of a source's columns, whatever their types; empty cells are NULL."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __contains__(self, name: str) -> bool:
        return name in self._source.columns

    def raw(self, name: str) -> str:
        """Return the column as the text that problems quote."""
        return f"CAST({quoted(name)} AS VARCHAR)" if name in self else "CAST(NULL AS VARCHAR)"

    def text(self, name: str) -> str:
        """Return the column as text; an empty one is NULL."""
        if name not in self or self._source.is_text:
            # The reader of text files has made empty cells NULL already.
            return quoted(name) if name in self else "CAST(NULL AS VARCHAR)"
        if self._source.columns[name] == "VARCHAR":
            return f"NULLIF({quoted(name)}, '')"
        return f"NULLIF(CAST({quoted(name)} AS VARCHAR), '')"

    def day(self, name: str) -> str:
        """Return the column as days since 1970-01-01.

        Raises:
            Invalid: the column holds instants with a time zone; whose day that is, is not ours to
                guess.
        """
        if name not in self:
            return "CAST(NULL AS INTEGER)"
        column, kind = quoted(name), self._source.columns[name]
        if kind == "TIMESTAMP WITH TIME ZONE":
            raise _instants(self._source.name, name)
        if kind != "DATE":
            written = f"CAST({column} AS VARCHAR)"
            if kind.startswith("TIMESTAMP"):
                column = f"TRY_CAST({column} AS DATE)"
            else:
                column = (
                    f"CASE WHEN regexp_matches({written}, '{_TEXT_DAY}') "
                    f"THEN TRY_CAST({written} AS DATE) END"
                )
        return f"CAST({column} - DATE '1970-01-01' AS INTEGER)"

    def points(self, dimension: str) -> str:
        """Return the points of one dimension."""
        name = f"points_{dimension}"
        return f"TRY_CAST({quoted(name)} AS DOUBLE)" if name in self else "CAST(NULL AS DOUBLE)"

    def flag(self, name: str) -> str:
        """Return the column as true or false."""
        return f"TRY_CAST({quoted(name)} AS BOOLEAN)" if name in self else "CAST(NULL AS BOOLEAN)"


def no_day(column: str) -> str:
    """Return the condition that `column`, in days since 1970-01-01, is no day of the calendar."""
    return f"({column} IS NULL OR {column} NOT BETWEEN {_FIRST_DAY} AND {ALWAYS})"


def _instants(file: str, column: str) -> Invalid:
    return Invalid(
        Text(
            de=f"{file}: „{column}“ enthält Zeitpunkte mit Zeitzone; bitte den Kalendertag in der "
            "Zeitzone des Kontos angeben (Typ DATE).",
            en=f"{file}: '{column}' holds instants with a time zone; give the calendar day in the "
            "account's time zone (type DATE).",
        )
    )
