"""Ctrl-C ends what runs, whatever it is, soon and without leftovers."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from vertrauenskonto.engine.interrupts import stopping_on_ctrl_c

_PROGRAM = """
import os, signal, sys, threading, time
from pathlib import Path
from vertrauenskonto.engine.connection import NO_LIMITS, opened
from vertrauenskonto.engine.outputs import write_query
folder = Path(sys.argv[1])
endless = "SELECT i, hash(i) FROM range(10000000000) t(i)"
try:
    with opened(NO_LIMITS, spill_to=folder) as connection:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        {work}
except KeyboardInterrupt:
    print("interrupted")
"""
_WORK = {
    "csv": "write_query(connection, endless, folder / 'a.csv')",
    "parquet": "write_query(connection, endless, folder / 'a.parquet')",
    "duckdb": "write_query(connection, endless, folder / 'a.duckdb')",
    "a query": "connection.execute(f'SELECT max(hash) FROM ({endless}) t(i, hash)')",
    "python": "time.sleep(30)",
    "the end": "time.sleep(0.6)",
}


@pytest.mark.parametrize("work", _WORK)
def test_ctrl_c_is_an_interrupt_and_leaves_nothing(tmp_path: Path, work: str):
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.replace("{work}", _WORK[work]), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=25,
    )
    assert (done.stdout, done.stderr) == ("interrupted\n", "")
    assert list(tmp_path.iterdir()) == []


def test_other_signals_are_left_alone(tmp_path: Path):
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        with duckdb.connect() as connection, stopping_on_ctrl_c(connection):
            signal.raise_signal(signal.SIGUSR1)
            assert connection.execute("SELECT 1").fetchall() == [(1,)]
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert heard == [signal.SIGUSR1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_handles_ctrl_c_already_goes_on_doing_so():
    def own(_number: int, _frame: object) -> None: ...

    before = signal.signal(signal.SIGINT, own)
    try:
        with duckdb.connect() as connection, stopping_on_ctrl_c(connection):
            assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_off_the_main_thread_nothing_is_changed():
    found: list[object] = []

    def work() -> None:
        with duckdb.connect() as connection, stopping_on_ctrl_c(connection):
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize(
    ("work", "ends_with"),
    [
        (
            lambda c: c.execute("SELECT max(hash(i)) FROM range(1000000000000) t(i)"),
            duckdb.InterruptException,
        ),
        (lambda _: time.sleep(30), KeyboardInterrupt),
        (lambda _: time.sleep(0.5), KeyboardInterrupt),
    ],
    ids=["a query", "long work in Python", "short work in Python"],
)
def test_the_connection_lives_on(
    work: Callable[[duckdb.DuckDBPyConnection], object], ends_with: type[BaseException]
):
    press = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    with duckdb.connect() as connection:
        with pytest.raises(ends_with), stopping_on_ctrl_c(connection):
            press.start()
            work(connection)
        press.join()
        assert connection.execute("SELECT 1").fetchall() == [(1,)]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
