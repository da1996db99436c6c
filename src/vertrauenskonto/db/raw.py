# ruff: noqa: S608 - the texts are made of our own names, values are parameters
"""SQL of our own, for the few places where thousands of rows pass and the ORM would cost most.

A list of values is one parameter: an array on PostgreSQL, a JSON array on SQLite.
"""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection


def among(column: str) -> str:
    """Return the condition that a column holds one of the values of `listed`."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)"
    return f"{column} IN (SELECT value FROM json_each(%s))"


def listed(values: Collection[int] | Collection[str]) -> object:
    """Return a list of values as one parameter."""
    return list(values) if connection.vendor == "postgresql" else json.dumps(list(values))


# Any: rows as the database gives them; the columns are those of the statement.
Rows = list[tuple[Any, ...]]
Statement = tuple[str, Sequence[Any]]


def together(*statements: Statement) -> list[Rows]:
    """Return the rows of several statements, asked for on one way there and back.

    For what every booking asks: on PostgreSQL the way costs more than the answers. The caller holds
    the transaction; later statements see what earlier ones saw, unless somebody commits meanwhile.
    """
    if connection.vendor != "postgresql":
        return [fetched(*statement) for statement in statements]
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            ";\n".join(sql for sql, _ in statements),
            [value for _, parameters in statements for value in parameters],
        )
        for number in range(len(statements)):
            if number:
                cursor.nextset()
            found.append(list(cursor.fetchall()))
    return found


def fetched(sql: str, parameters: Sequence[Any] = ()) -> Rows:
    """Return all rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def written(sql: str, parameters: Sequence[Any] = ()) -> None:
    """Carry out a statement that gives nothing back."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
