"""What goes wrong in DuckDB is said in words people can act on."""

import errno
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.engine.connection import (
    NO_LIMITS,
    DamagedFile,
    Limits,
    OutOfMemory,
    OutOfSpace,
    failures_explained,
    opened,
    temporary_folder,
)


@contextmanager
def timer(seconds: float, work: Callable[[], None]) -> Iterator[None]:
    """Do something a while later, on another thread."""
    later = threading.Timer(seconds, work)
    later.start()
    yield
    later.join()


def raised(error: Exception) -> type[BaseException]:
    """Return what becomes of an error within the block."""
    with pytest.raises(BaseException) as found, failures_explained(NO_LIMITS, place="/data"):  # noqa: PT011
        raise error
    return found.type


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (duckdb.OutOfMemoryException("could not allocate block"), OutOfMemory),
        (duckdb.OutOfMemoryException("max_temp_directory_size reached"), OutOfSpace),
        (duckdb.IOException("Could not write file: No space left on device"), OutOfSpace),
        (duckdb.IOException("Failed to read file 'a.parquet'"), DamagedFile),
        (duckdb.IOException("something else"), duckdb.IOException),
        (OSError(errno.ENOSPC, "No space left on device"), OutOfSpace),
        (OSError(errno.EFBIG, "File too large"), OutOfSpace),
        (PermissionError(errno.EACCES, "Permission denied"), PermissionError),
        (RuntimeError("Query interrupted"), KeyboardInterrupt),
        (duckdb.InterruptException("Interrupted!"), KeyboardInterrupt),
        (RuntimeError("something else"), RuntimeError),
    ],
)
def test_each_failure_becomes_what_says_most(error: Exception, becomes: type[BaseException]):
    assert raised(error) is becomes


def test_an_interrupt_taken_for_a_damaged_file_is_still_one():
    damaged = DamagedFile(duckdb.IOException("x"), "events.parquet")
    damaged.__cause__ = duckdb.InterruptException("Interrupted!")
    assert raised(damaged) is KeyboardInterrupt
    assert raised(DamagedFile(duckdb.IOException("x"), "events.parquet")) is DamagedFile


def test_a_query_that_is_asked_to_stop_is_interrupted(tmp_path: Path):
    endless = "SELECT count(*) FROM range(1000000000000) t(i) WHERE hash(i) = 3"
    with (
        pytest.raises(KeyboardInterrupt),
        opened(Limits(threads=1), spill_to=tmp_path) as connection,
        timer(0.3, connection.interrupt),
    ):
        connection.execute(endless)
    assert list(tmp_path.iterdir()) == []


def test_an_amount_that_is_none_is_refused(tmp_path: Path):
    with (
        pytest.raises(Invalid, match="'plenty' is no amount of memory"),
        opened(Limits(memory="plenty"), spill_to=tmp_path),
    ):
        pytest.fail("never opened")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_and_not_what_would_have_been_in_it():
    with pytest.raises(OSError, match=r"/proc'$") as refused:
        temporary_folder(Path("/proc"), prefix=".vertrauenskonto-")
    assert refused.value.filename == "/proc"


@pytest.mark.parametrize("folder", ["/srv/data/imports/k3/files/", "vertrauenskonto-data/imports/"])
def test_a_damaged_file_is_named_without_where_it_lies(folder: str):
    told = duckdb.IOException(f"No magic bytes found at end of file '{folder}a.parquet'\nLINE 1")
    damaged = DamagedFile(told, "a.parquet")
    assert damaged.text.en.endswith("(No magic bytes found at end of file 'a.parquet').")
    assert folder not in damaged.text.de
