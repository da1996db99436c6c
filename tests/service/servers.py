"""A real server for tests: `vertrauenskonto serve` in a process of its own, on a free port."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Making a company up takes its time on a busy machine.
SECONDS_TO_START = 240
SECONDS_TO_STOP = 40


@dataclass
class Service:
    """A running server."""

    url: str
    process: subprocess.Popen[bytes]
    errors: Path

    def get(self, path: str, **headers: str) -> tuple[int, str]:
        """Return status and body."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()

    def said(self) -> str:
        """Return what it wrote to standard error."""
        return self.errors.read_text(encoding="utf-8")

    def children(self, parent: int | None = None) -> list[int]:
        """Return the numbers of the processes below it, or below one of those."""
        top = parent or self.process.pid
        listed = Path(f"/proc/{top}/task/{top}/children").read_text(encoding="ascii")
        return [int(number) for number in listed.split()]


def command(*words: str) -> list[str]:
    """Return the command line of the program."""
    return [sys.executable, "-m", "vertrauenskonto.cli.main", *words]


def unconfigured() -> dict[str, str]:
    """Return the environment of these tests without a data folder that whoever runs them chose."""
    return {name: said for name, said in os.environ.items() if name != "VERTRAUENSKONTO_DATA"}


@contextmanager
def service(
    folder: Path, *words: str, name: str = "serve", **environment: str
) -> Iterator[Service]:
    """Serve on a free port, in a fresh folder with nothing configured but what is given.

    `name` is the command that serves.
    """
    errors = folder / "serve.err"
    with errors.open("wb") as file:
        process = subprocess.Popen(
            command(name, "--bind", "127.0.0.1:0", "--language", "en", *words),
            cwd=folder,
            env={**unconfigured(), **environment},
            stderr=file,
            stdout=file,
        )
    try:
        running = Service(url=_address(process, errors), process=process, errors=errors)
        _wait(running)
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _address(process: subprocess.Popen[bytes], errors: Path) -> str:
    limit = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < limit:
        for line in errors.read_text(encoding="utf-8").splitlines():
            if "running at " in line:
                return line.split("running at ")[1].split()[0].rstrip("/")
        assert process.poll() is None, errors.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(errors.read_text(encoding="utf-8"))


def _wait(running: Service) -> None:
    limit = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < limit:
        try:
            if running.get("/health/ready")[0] == 200:
                return
        except OSError:
            pass
        assert running.process.poll() is None, running.said()
        time.sleep(0.2)
    raise AssertionError(running.said())
