"""The entry point as people start it: a process of its own."""

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import duckdb
import pytest

from vertrauenskonto.cli.main import COMMANDS, _operating_failure

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


@pytest.mark.parametrize("language", ["de", "en"])
def test_ctrl_c_while_scoring_says_so_and_leaves_nothing(tmp_path, language):
    events = tmp_path / "events.parquet"
    duckdb.sql(
        f"""COPY (SELECT 'c' || hash(i) % 1000000 AS account, 'conversation' AS kind,
DATE '2025-01-01' + (i % 300)::INTEGER AS day FROM range(5000000) t(i)) TO '{events}'"""
    )
    words = ("score", events, "--as-of", "2026-01-01", "--out", tmp_path / "a.csv")
    with subprocess.Popen(
        [sys.executable, "-m", "vertrauenskonto.cli.main", *words, "--language", language],
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        # Its folder for temporary files shows that the work has begun.
        while not list(tmp_path.glob(".vertrauenskonto-*")):
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == ("Abgebrochen.\n" if language == "de" else "Interrupted.\n")
    assert [path.name for path in tmp_path.iterdir()] == ["events.parquet"]


def test_ctrl_c_while_the_command_is_looked_for_says_so(run, monkeypatch, tmp_path):
    room = tmp_path / "vertrauenskonto_slow_room.py"
    room.write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    slow = replace(COMMANDS[0], name="slow", module=room.stem)
    monkeypatch.setattr("vertrauenskonto.cli.main.COMMANDS", (slow,))
    done = run("slow")
    assert (done.code, done.out, done.err) == (130, "", "Interrupted.\n")


@pytest.mark.parametrize("command", ["", "policy"])
def test_without_a_command_the_help_is_shown(run, command):
    done = run(command) if command else run()
    assert done.code == 0
    assert done.out.startswith(f"Usage: vertrauenskonto {command}".strip())


@pytest.mark.parametrize(
    ("error", "german", "english"),
    [
        (OSError(errno.ENOSPC, "No space left"), "Der Datenträger ist voll; ", "disk is full; "),
        (OSError(errno.ENOSPC, "No space left", "/a"), "ist voll (/a); ", "is full (/a); "),
        (
            PermissionError(errno.EACCES, "Permission denied", "/a"),
            "Kein Zugriff auf /a: die Berechtigung fehlt.",
            "No access to /a: permission denied.",
        ),
        (
            OSError(errno.ESTALE, "Stale file handle"),
            "Kein Zugriff auf eine Datei: Fehler ESTALE.",
            "No access to a file: Stale file handle.",
        ),
        (OSError("odd"), "Kein Zugriff auf eine Datei: Fehler 0.", "No access to a file: odd."),
    ],
)
def test_a_failure_of_the_system_is_said_in_the_user_s_language(error, german, english):
    said = _operating_failure(error)
    assert german in said.de
    assert english in said.en
    assert "()" not in said.de + said.en
