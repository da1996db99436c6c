"""Ctrl-C while DuckDB computes: a thread tells it to stop.

DuckDB 2.0 looks for signals itself, but seldom, and what it does then often never ends; so it must
not see Ctrl-C. Asked to stop through its connection, it stops within a tenth of a second.
"""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import duckdb

# A query that was asked stops sooner; after so many requests it is Python that works.
_SECONDS_BETWEEN = 0.1
_REQUESTS = 5


@contextmanager
def stopping_on_ctrl_c(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Within the block, Ctrl-C stops the query that runs on `connection`, or what Python does.

    Does nothing off the main thread, on systems without signals, or where somebody else handles
    them.

    Raises:
        KeyboardInterrupt: the user interrupted the block.
    """
    if not _is_ours_to_handle():
        yield
        return
    pressed, patience_over, finished = (threading.Event() for _ in range(3))
    source, sink = os.pipe()
    os.set_blocking(sink, False)

    def heard(_number: int, _frame: FrameType | None) -> None:
        if patience_over.is_set():
            raise KeyboardInterrupt

    def watch() -> None:
        # Python writes the number of a signal at once, whatever the main thread is doing.
        while signals := os.read(source, 1):
            if signals[0] == signal.SIGINT:
                pressed.set()
                break
        for _ in range(_REQUESTS):
            if not pressed.is_set() or finished.is_set():
                return
            connection.interrupt()
            finished.wait(_SECONDS_BETWEEN)
        patience_over.set()
        while not finished.is_set():
            signal.pthread_kill(main, signal.SIGINT)
            finished.wait(_SECONDS_BETWEEN * _REQUESTS)

    main = threading.get_ident()
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    signal.signal(signal.SIGINT, heard)
    signal.set_wakeup_fd(sink, warn_on_full_buffer=False)
    try:
        yield
    finally:
        finished.set()
        signal.set_wakeup_fd(-1)
        os.close(sink)
        watcher.join()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.close(source)
    if pressed.is_set():
        raise KeyboardInterrupt


def _is_ours_to_handle() -> bool:
    if os.name != "posix" or threading.current_thread() is not threading.main_thread():
        return False
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return False
    other = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(other, warn_on_full_buffer=False)
    return other == -1
