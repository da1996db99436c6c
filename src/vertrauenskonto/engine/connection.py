"""Connections to DuckDB in this process: limits, and its errors in words people can act on."""

import errno
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from vertrauenskonto.core.errors import Invalid, Text, TrustError
from vertrauenskonto.engine.interrupts import stopping_on_ctrl_c

# The disk, the user's share of it, or the size a file may have.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


# What DuckDB calls a file by: where it lies is nobody's business who sent it.
_FILE_PATH = re.compile(r"""(['"])[^'"\n]*/([^'"/\n]+\.\w+)\1""")


def reason_of(error: duckdb.Error) -> str:
    """Return what DuckDB says is wrong, in its first line, with files by their names alone."""
    return _FILE_PATH.sub(r"\1\2\1", str(error).strip().partition("\n")[0])


class OutOfSpace(TrustError):
    """The disk is full; nothing was written."""

    def __init__(self, place: str) -> None:
        super().__init__(
            Text(
                de=f"Der Speicherplatz reicht nicht ({place}); es wurde nichts geschrieben. Bitte "
                "Platz schaffen oder ein anderes Ziel angeben.",
                en=f"There is no space left ({place}); nothing was written. Make room or give "
                "another target.",
            )
        )


class OutOfMemory(TrustError):
    """The memory allowed is too little even with spilling to disk."""

    def __init__(self, memory: str) -> None:
        super().__init__(
            Text(
                de=f"Der erlaubte Hauptspeicher ({memory or 'dieser Maschine'}) reicht nicht; bitte "
                "mit --memory mehr erlauben.",
                en=f"The memory allowed ({memory or 'of this machine'}) is not enough; allow more "
                "with --memory.",
            )
        )


class DamagedFile(Invalid):
    """A file that DuckDB cannot read to its end, e.g. a Parquet file cut short."""

    def __init__(self, error: duckdb.Error, name: str = "") -> None:
        reason = reason_of(error)
        file_de, file_en = (name, name) if name else ("Eine Datei", "A file")
        super().__init__(
            Text(
                de=f"{file_de} lässt sich nicht lesen: die Datei ist beschädigt oder unvollständig, "
                f"bitte neu erzeugen oder übertragen ({reason}).",
                en=f"{file_en} cannot be read: the file is damaged or cut short, make it or copy it "
                f"again ({reason}).",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a run may take: `memory` such as "2GB" (empty: DuckDB's choice), threads (0: all)."""

    memory: str = ""
    threads: int = 0


NO_LIMITS = Limits()


@contextmanager
def opened(limits: Limits, *, spill_to: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that spills into a folder of its own within `spill_to`, then removed.

    Raises:
        Invalid: `memory` is no amount.
        OutOfSpace, OutOfMemory: the work within the block needs more.
        KeyboardInterrupt: the user pressed Ctrl-C.
    """
    folder = temporary_folder(spill_to, prefix=".vertrauenskonto-")
    try:
        with (
            failures_explained(limits, place=str(spill_to)),
            duckdb.connect() as connection,
            stopping_on_ctrl_c(connection),
        ):
            configure(connection, limits, folder)
            yield connection
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def failures_explained(limits: Limits, *, place: str) -> Iterator[None]:
    """Turn a full disk, lack of memory and broken files into errors that say what to do.

    Raises:
        KeyboardInterrupt: the user interrupted a query, however DuckDB put it.
    """
    try:
        with _interrupts_passed_on():
            yield
    except duckdb.OutOfMemoryException as error:
        if "max_temp_directory_size" in str(error) or "disk" in str(error).lower():
            raise OutOfSpace(place) from error
        raise OutOfMemory(limits.memory) from error
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        if is_full_disk(error):
            raise OutOfSpace(place) from error
        if "Failed to read file" in str(error):
            raise DamagedFile(error) from error
        raise
    except OSError as error:
        if is_full_disk(error):
            raise OutOfSpace(place) from error
        raise


@contextmanager
def _interrupts_passed_on() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, duckdb.Error, TrustError) as error:
        cause: BaseException | None = error
        while cause is not None:
            # DuckDB raises the one when Python hears of Ctrl-C, the other when asked to stop.
            is_signal = isinstance(cause, RuntimeError) and str(cause) == "Query interrupted"
            if is_signal or isinstance(cause, duckdb.InterruptException):
                raise KeyboardInterrupt from error
            cause = cause.__cause__
        raise


def temporary_folder(place: Path, *, prefix: str) -> Path:
    """Return a new folder in `place`; an error names `place`, not what we would have put there."""
    try:
        return Path(mkdtemp(prefix=prefix, dir=place))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def named_for_the_user(error: OSError, path: Path, *, hidden: Path) -> OSError:
    """Return the error as one about `path`, if it names nothing or what is in folder `hidden`."""
    if error.filename is None or str(error.filename).startswith(str(hidden)):
        return OSError(error.errno, error.strerror, str(path))
    return error


def is_full_disk(error: Exception) -> bool:
    """Tell whether an error of DuckDB's or the system's says that a disk is full."""
    if isinstance(error, OSError):
        return error.errno in FULL
    return any(words in str(error) for words in ("No space left", "Disk quota", "Could not write"))


def lock_down(connection: duckdb.DuckDBPyConnection, readable: Iterable[Path] = ()) -> None:
    """Let the connection reach no file but those in `readable` and its own spilled ones.

    It cannot be undone. Results are then written into the folder for spilling and moved.
    """
    # A table name that DuckDB does not know could otherwise mean a variable of this program.
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET allowed_paths = ?", [[str(path) for path in readable]])
    connection.execute("SET enable_external_access = false")


def spill_folder(connection: duckdb.DuckDBPyConnection) -> Path:
    """Return the folder a connection spills to."""
    (folder,) = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0]
    return Path(folder)


def configure(connection: duckdb.DuckDBPyConnection, limits: Limits, folder: Path) -> None:
    """Set the limits; spill to `folder`.

    Raises:
        Invalid: `memory` is no amount.
    """
    # Extensions would be fetched from the network, at a moment nobody expects.
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET temp_directory = ?", [str(folder)])
    # Progress is asked for by `query_progress`; printing it is the shell's business.
    connection.execute("SET enable_progress_bar = true")
    connection.execute("SET enable_progress_bar_print = false")
    if limits.threads:
        connection.execute("SET threads = ?", [limits.threads])
    if limits.memory:
        try:
            connection.execute("SET memory_limit = ?", [limits.memory])
        except duckdb.Error as error:
            raise Invalid(
                Text(
                    de=f"„{limits.memory}“ ist keine Speichergröße; nötig ist etwa 2GB oder 500MB.",
                    en=f"'{limits.memory}' is no amount of memory; say 2GB or 500MB.",
                )
            ) from error
