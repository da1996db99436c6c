"""What goes wrong in DuckDB is said in words people can act on."""

import errno
import subprocess
import sys
import threading
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
    with pytest.raises(KeyboardInterrupt), failures_explained(NO_LIMITS, place="/data"):
        try:
            raise duckdb.InterruptException("Interrupted!")
        except duckdb.Error as error:
            raise DamagedFile(error, "events.parquet") from error


def test_a_query_that_is_asked_to_stop_is_interrupted(tmp_path: Path):
    with (
        pytest.raises(KeyboardInterrupt),
        opened(Limits(threads=1), spill_to=tmp_path) as connection,
    ):
        timer = threading.Timer(0.3, connection.interrupt)
        timer.start()
        connection.execute("SELECT count(*) FROM range(1000000000000) t(i) WHERE hash(i) = 3")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_during_a_query_is_an_interrupt_and_leaves_nothing(tmp_path: Path):
    program = """
import os, signal, sys, threading
from pathlib import Path
from vertrauenskonto.engine.connection import NO_LIMITS, opened
from vertrauenskonto.engine.outputs import write_query
folder = Path(sys.argv[1])
try:
    with opened(NO_LIMITS, spill_to=folder) as connection:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        write_query(connection, "SELECT i, hash(i) FROM range(10000000000) t(i)", folder / "a.csv")
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("interrupted\n", "")
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
