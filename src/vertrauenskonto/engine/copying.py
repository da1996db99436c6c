"""Copying rows out of DuckDB into a file, so that a full disk ends the copy and never stalls it.

DuckDB 2.0 writes with several threads; when one of them meets a full disk, the others sometimes
wait for it for ever (seen once in sixty CSV files on a busy machine). So it writes into a pipe that
never fails, and we write what comes out of the pipe. The bytes are the same, and so is the speed.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import duckdb

from vertrauenskonto.engine.tables import text

_CHUNK_BYTES = 1 << 20


def copy_rows(connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str) -> int:
    """Write the rows of a query to `path` and return how many they are.

    `form` are the options of COPY, e.g. `FORMAT parquet`.

    Raises:
        OSError: the disk is full or cannot be written; part of the file may be there.
    """
    with TemporaryDirectory(prefix="vertrauenskonto-") as folder:
        pipe = Path(folder) / "rows"
        try:
            os.mkfifo(pipe)
        except (AttributeError, OSError):
            return _copied_by_one_thread(connection, query, path, form)
        # Opened without waiting for each other; ours keeps the pipe open until DuckDB is done.
        source = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        ours = os.open(pipe, os.O_WRONLY)
        os.set_blocking(source, True)
        drain = _Drain(source, path)
        drain.start()
        try:
            rows = _copied(connection, query, pipe, f"{form}, USE_TMP_FILE false")
        finally:
            os.close(ours)
            drain.join()
            os.close(source)
        if drain.failure is not None:
            raise drain.failure
        return rows


class _Drain(Thread):
    """Writes what comes out of a pipe to a file; goes on reading when that fails."""

    def __init__(self, source: int, path: Path) -> None:
        super().__init__(daemon=True)
        self._source = source
        self._path = path
        self.failure: OSError | None = None

    def run(self) -> None:
        try:
            with self._path.open("wb", buffering=0) as file:
                while chunk := os.read(self._source, _CHUNK_BYTES):
                    _write_all(file.fileno(), chunk)
        except OSError as error:
            self.failure = error
            while os.read(self._source, _CHUNK_BYTES):
                pass


def _write_all(file: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        # On a disk that is nearly full only a part is taken; the next call says why.
        rest = rest[os.write(file, rest) :]


def _copied(connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str) -> int:
    return int(connection.execute(f"COPY ({query}) TO {text(str(path))} ({form})").fetchall()[0][0])


def _copied_by_one_thread(
    connection: duckdb.DuckDBPyConnection, query: str, path: Path, form: str
) -> int:
    """Copy where there are no named pipes: a single thread waits for nobody."""
    (threads,) = connection.execute("SELECT current_setting('threads')").fetchall()[0]
    connection.execute("SET threads = 1")
    try:
        return _copied(connection, query, path, form)
    finally:
        connection.execute(f"SET threads = {threads}")
