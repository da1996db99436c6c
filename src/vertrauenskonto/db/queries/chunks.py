"""Long lists of values, in parts that a database takes in one question."""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import TypeVar

_Value = TypeVar("_Value")

SIZE = 5_000


def chunks(values: Collection[_Value]) -> Iterator[list[_Value]]:
    """Yield the values in lists of at most `SIZE`."""
    rest = iter(values)
    while chunk := list(islice(rest, SIZE)):
        yield chunk
