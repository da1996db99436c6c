"""The server: gunicorn with sync workers on a socket that is open already, a worker beside it.

    serve (gunicorn's master) ── answering processes
                              └─ minder ── worker (`work`), started again when it dies

Each process ends when the one above it is gone, so that even kill -9 of the master leaves nothing.
"""

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

_RESTART_SECONDS = 1.0
_WATCH_SECONDS = 0.2
_STOP_SECONDS = 30
_SECONDS_PER_REQUEST_MAX = 60


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """One running service."""

    def __init__(self, listening: socket.socket, *, workers: int, with_work: bool) -> None:
        self._listening = listening
        self._workers = workers
        self._with_work = with_work
        self._minder = 0
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn what is always so; it reads no file and no command line of its own."""
        values: dict[str, object] = {
            "bind": f"fd://{self._listening.fileno()}",
            "workers": self._workers,
            "worker_class": "sync",
            "timeout": _SECONDS_PER_REQUEST_MAX,
            "graceful_timeout": _STOP_SECONDS,
            # Its lines would hold paths and addresses; ours are written by site/requests.py.
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "vertrauenskonto",
            # A worker is renewed now and then, whatever may leak in some library.
            "max_requests": 20_000,
            "max_requests_jitter": 2_000,
            "post_fork": lambda arbiter, _worker: _end_with(arbiter.pid),
            "child_exit": _forget_counts,
            "on_exit": lambda _arbiter: self._stop_minder(),
        }
        for name, value in values.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application, in each answering process."""
        # By name: the command line and the site do not import each other.
        return import_module("vertrauenskonto.site.wsgi").application

    def run(self) -> None:
        """Serve until told to stop."""
        from django.db import connections

        counts = tempfile.mkdtemp(prefix="vertrauenskonto-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts
        # A connection must not be shared by two processes.
        connections.close_all()
        try:
            if self._with_work:
                self._minder = _forked(self._mind)
            super().run()
        finally:
            self._stop_minder()
            shutil.rmtree(counts, ignore_errors=True)

    def _mind(self, parent: int) -> None:
        # Or it would keep the port while it waits for a worker to end.
        self._listening.close()
        _mind(parent)

    def _stop_minder(self) -> None:
        if self._minder:
            _end(self._minder)
            self._minder = 0


def _end_with(parent: int) -> None:
    """End this process, after the request under way, soon after its parent is gone.

    Left to itself gunicorn looks for that only between requests that are half a minute apart, and
    an orphan goes on booking and keeps the port.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_WATCH_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True, name="parent").start()


def _forget_counts(_arbiter: object, worker: Any) -> None:
    from prometheus_client.multiprocess import mark_process_dead

    # What it counted stays; only what described the process itself goes.
    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def _forked(function: Callable[[int], None]) -> int:
    """Run a function in a process of its own, with its parent's number; return its number."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        function(parent)
        code = 0
    finally:
        # Not sys.exit: nothing of the parent may be run to its end a second time.
        sys.stderr.flush()
        os._exit(code)


def _mind(parent: int) -> None:
    """Keep a worker running until told to stop, or until the parent is gone."""
    is_stopping = False

    def stop(*_: object) -> None:
        nonlocal is_stopping
        is_stopping = True

    signal.signal(signal.SIGTERM, stop)
    # Ctrl-C goes to everybody at the terminal; the parent tells us when it is time.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker = _forked(_work)
    while not is_stopping and os.getppid() == parent:
        ended, _ = os.waitpid(worker, os.WNOHANG)
        if ended:
            time.sleep(_RESTART_SECONDS)
            worker = 0
            if not is_stopping:
                worker = _forked(_work)
        time.sleep(0.2)
    if worker:
        _end(worker)


def _work(parent: int) -> None:
    from vertrauenskonto.cli.worker import Worker, system_clock

    worker = Worker(system_clock)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.run(is_orphan=lambda: os.getppid() != parent)


def _end(process: int) -> None:
    """Ask a child to stop, wait, and kill it if it does not."""
    try:
        os.kill(process, signal.SIGTERM)
        limit = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < limit:
            if os.waitpid(process, os.WNOHANG)[0]:
                return
            time.sleep(0.05)
        os.kill(process, signal.SIGKILL)
    except (ProcessLookupError, ChildProcessError):
        # Gone already, and gunicorn has waited for it.
        return
