"""The entry point as people start it: a process of its own."""

import os
import subprocess
import sys

import pytest

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("LANG", "LC_"))}


def started(*words, **environment):
    return subprocess.run(
        [sys.executable, "-m", "vertrauenskonto.cli.main", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=ENVIRONMENT | environment,
    )


@pytest.mark.parametrize(
    ("environment", "word"), [({"LANG": "de_DE.UTF-8"}, "Aufruf:"), ({"LANG": "C"}, "Usage:")]
)
def test_the_system_s_language_is_spoken(environment, word):
    done = started("--help", PYTHONUTF8="1", **environment)
    assert done.returncode == 0
    assert done.stdout.startswith(word)


def test_the_exit_code_reaches_the_shell(tmp_path):
    done = started(
        "score", tmp_path / "none.csv", "--as-of", "2026-01-01", "--out", tmp_path / "a.csv"
    )
    assert done.returncode == 2
    assert "none.csv" in done.stderr


def test_a_reader_that_has_enough_is_no_error():
    with subprocess.Popen(
        [sys.executable, "-m", "vertrauenskonto.cli.main", "policy", "show", "default"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        errors = process.stderr.read() if process.stderr else b""
        assert process.wait(timeout=60) == 0
    assert b"Traceback" not in errors
    assert b"BrokenPipe" not in errors
