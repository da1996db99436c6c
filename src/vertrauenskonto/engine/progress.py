"""Progress of long work: which stage runs, and how much of it is done."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb

# Told the stage ("read", "value", "write") and the share done of it, 0..1.
Progress = Callable[[str, float], None]
SECONDS_BETWEEN = 0.2


def no_progress(stage: str, share: float) -> None:
    """Tell nobody."""


@contextmanager
def watched(
    connection: duckdb.DuckDBPyConnection, progress: Progress
) -> Iterator[Callable[[str], None]]:
    """Yield a function that names the next stage; meanwhile `progress` hears how far it is."""
    if progress is no_progress:
        yield lambda _: None
        return
    current = [""]
    finished = threading.Event()

    def begin(stage: str) -> None:
        if current[0]:
            progress(current[0], 1.0)
        current[0] = stage
        progress(stage, 0.0)

    def watch() -> None:
        while not finished.wait(SECONDS_BETWEEN):
            share = connection.query_progress()
            if current[0] and share > 0:
                progress(current[0], min(share / 100, 1.0))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield begin
        if current[0]:
            progress(current[0], 1.0)
    finally:
        finished.set()
        watcher.join()
