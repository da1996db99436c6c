"""Trying again when others were in the way: deadlocks, serialization failures, the same at once.

Only the outermost transaction can be repeated: what it locked before is what stands in the way.
"""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError, connection

ATTEMPTS = 5
# What PostgreSQL says when others were in the way: serialization failure, deadlock.
_PASSING = ("40001", "40P01")
_SQLITE_FULL, _POSTGRES_FULL = 13, "53100"

_Result = TypeVar("_Result")


def is_passing(error: BaseException) -> bool:
    """Tell whether an error of the database is gone when the whole transaction is repeated."""
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    return isinstance(error, OperationalError) and sqlstate in _PASSING


def is_disk_full(error: BaseException) -> bool:
    """Tell whether the database could not write for lack of room."""
    cause = error.__cause__
    return (
        getattr(cause, "sqlite_errorcode", None) == _SQLITE_FULL
        or getattr(cause, "sqlstate", None) == _POSTGRES_FULL
    )


def patiently(work: Callable[[], _Result]) -> _Result:
    """Do the work, and again when somebody else was in the way.

    Inside somebody's transaction a deadlock is theirs to repeat; two who write the same are not:
    whoever is later finds what the first has committed.
    """
    for attempt in range(ATTEMPTS):
        try:
            return work()
        except IntegrityError:
            # Somebody else booked the same in this moment; now it is there to be found, as a replay.
            if attempt:
                raise
        except OperationalError as error:
            if not is_passing(error) or connection.in_atomic_block or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")
