# ruff: noqa: S608 - the text is made of our own names, values are parameters
"""Noting that somebody looked at customers whom they call by key."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection

from vertrauenskonto.db import raw
from vertrauenskonto.db.access import Viewer, customer_id
from vertrauenskonto.db.actions import readings
from vertrauenskonto.db.actions.readings import What


def note(viewer: Viewer, keys: Collection[str], what: What, *, at: datetime) -> None:
    """Note that the viewer was shown the data of these customers, whom they may see.

    A list of pseudonyms is not noted: it shows nobody's data. One pseudonym looked at is.
    """
    if viewer.role != "analyst":
        # With every page that shows somebody: one way there and back.
        raw.written(
            "INSERT INTO reading (read_at, actor, channel, customer_id, what) "
            f"SELECT %s, %s, %s, id, %s FROM customer WHERE {raw.among('key')}",
            [
                connection.ops.adapt_datetimefield_value(at),
                viewer.actor,
                viewer.channel,
                what,
                raw.listed(set(keys)),
            ],
        )
    elif len(keys) == 1:
        readings.record(viewer, [customer_id(viewer, key) for key in keys], what, at)


def note_list(viewer: Viewer, keys: Collection[str], *, at: datetime) -> None:
    """Note that the viewer was shown a list of these customers: one statement, for every page.

    A list of pseudonyms is not noted: it shows nobody's data.
    """
    if not keys or viewer.role == "analyst":
        return
    sql = (
        "INSERT INTO reading (read_at, actor, channel, customer_id, what) "
        f"SELECT %s, %s, %s, id, 'list' FROM customer WHERE {raw.among('key')}"
    )
    at_here = connection.ops.adapt_datetimefield_value(at)
    # Any: values as the database's driver takes them.
    values: list[Any] = [at_here, viewer.actor, viewer.channel, raw.listed(keys)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
