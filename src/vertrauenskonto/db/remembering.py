"""The cache of the database, written with one statement.

Django's own counts all rows and reads the old one before it writes. Here it still does so now and
then, which is when it throws away what is over.
"""

import base64
import pickle
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import DatabaseError, connection, transaction

from vertrauenskonto.db import raw

_TIDIED_EVERY = 100
_WRITES = count(1)

_SET = """INSERT INTO remembered (cache_key, value, expires) VALUES (%s, %s, %s)
ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires"""


class Remembered(DatabaseCache):
    """Django's cache of the database, quicker to write."""

    # Any: whatever can be pickled.
    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Remember a value until its time is over."""
        ends = self.get_backend_timeout(timeout)
        if ends is None or next(_WRITES) % _TIDIED_EVERY == 0:
            super().set(key, value, timeout, version)
            return
        told = base64.b64encode(pickle.dumps(value, self.pickle_protocol)).decode("ascii")
        until = datetime.fromtimestamp(ends, tz=UTC).replace(microsecond=0)
        own = self.make_and_validate_key(key, version=version)
        values = [own, told, connection.ops.adapt_datetimefield_value(until)]
        try:
            with transaction.atomic():
                raw.written(_SET, values)
        except DatabaseError:
            # As Django does: what cannot be remembered is worked out again.
            return
