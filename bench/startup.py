"""Measuring the start: importing the library and printing the help, above an empty program."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

_PROGRAMS = {
    "empty": [sys.executable, "-c", "pass"],
    "import": [sys.executable, "-c", "import vertrauenskonto"],
    "help": [str(Path(sys.executable).with_name("vertrauenskonto")), "--help"],
}


def measure(*, rounds: int = 25) -> dict[str, float]:
    """Return the median milliseconds above an empty program of "import" and "help".

    The programs take turns, so that a busy moment of the machine falls on all of them. Bytecode is
    kept, as it is wherever a package is installed.
    """
    times: dict[str, list[float]] = {name: [] for name in _PROGRAMS}
    for _ in range(rounds + 1):
        for name, program in _PROGRAMS.items():
            times[name].append(_seconds(program))
    # The first round compiles and fills the caches.
    median = {name: statistics.median(seconds[1:]) for name, seconds in times.items()}
    return {name: 1000 * (median[name] - median["empty"]) for name in ("import", "help")}


def _seconds(program: Sequence[str]) -> float:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run(program, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - started
