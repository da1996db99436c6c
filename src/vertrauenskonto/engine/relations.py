"""The relations that a scoring text reads, and what an engine does with them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

from vertrauenskonto.engine.shape import Shape


class Rows(Protocol):
    """What a statement returned."""

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        """Return the rows."""


class Database(Protocol):
    """Runs statements written for DuckDB: DuckDB itself, or an engine that has them translated."""

    def execute(self, statement: str, /) -> Rows:
        """Run one statement."""


# Runs the scoring text of a shape and returns a DuckDB SELECT of its rows, in no particular order.
Valuer = Callable[[Shape], str]


def without_slots(shape: Shape) -> Shape:
    """Return the shape in the words that every engine is told: slots are a short cut of DuckDB's."""
    return replace(shape, slots=0)


def relations(shape: Shape) -> tuple[str, ...]:
    """Return the names of the relations that `scoring_sql(shape)` reads."""
    names = ["event", "kind"]
    if shape.slots:
        names.append("calendar")
    if shape.segments:
        names.append("parameters")
    if shape.suspensions:
        names.append("suspension")
    if shape.accounts or shape.segments:
        names.append("account_segment")
    if shape.runway:
        names.append("runway")
    return tuple(names)
