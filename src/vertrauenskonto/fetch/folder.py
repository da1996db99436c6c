"""An inbox folder on this machine: files are read and then moved to `done` or `failed`.

Nothing leads out of the installation's inbox: no path parts, no links.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from vertrauenskonto.core.errors import Text
from vertrauenskonto.fetch.reaching import NotReached

DONE, FAILED = "done", "failed"
# Somebody may still be writing what changed only just now.
QUIET_SECONDS = 10
_BLOCK_BYTES = 1 << 20
_UNFINISHED = (".part", ".tmp", ".partial", ".crdownload", ".filepart")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file somewhere: its name there, its size in bytes, and when it changed (seconds)."""

    name: str
    size: int
    changed: int


def place(root: Path, folder: str) -> Path:
    """Return the folder within the inbox that a source names.

    Raises:
        NotReached: it is none, or leads elsewhere.
    """
    parts = [part for part in folder.replace("\\", "/").split("/") if part not in ("", ".")]
    path = root.joinpath(*parts)
    if ".." in parts or any(link.is_symlink() for link in (path, *path.parents) if link != root):
        raise NotReached(
            Text(
                de=f"„{folder}“ führt aus dem Eingangsordner hinaus; erlaubt sind nur Ordner darin, "
                "ohne Verknüpfungen.",
                en=f"'{folder}' leads out of the inbox; only folders inside it are allowed, "
                "without links.",
            )
        )
    if not path.is_dir():
        raise NotReached(
            Text(
                de=f"Den Ordner „{'/'.join(parts) or '.'}“ gibt es im Eingangsordner nicht; legen "
                f"Sie ihn an: {path}",
                en=f"The inbox has no folder '{'/'.join(parts) or '.'}'; make it: {path}",
            )
        )
    return path


def new_files(folder: Path, pattern: str, *, now: float) -> list[Found]:
    """Return the regular files in a folder that nobody is writing any more, oldest first."""
    found = []
    for entry in os.scandir(folder):
        told = entry.stat(follow_symlinks=False)
        if (
            stat.S_ISREG(told.st_mode)
            and not entry.name.startswith(".")
            and not entry.name.endswith(_UNFINISHED)
            and fnmatch(entry.name.casefold(), (pattern or "*").casefold())
            and now - told.st_mtime >= QUIET_SECONDS
        ):
            found.append(Found(name=entry.name, size=told.st_size, changed=int(told.st_mtime)))
    return sorted(found, key=lambda f: (f.changed, f.name))


def blocks(folder: Path, name: str) -> Iterator[bytes]:
    """Yield the contents of a file; one that became a link meanwhile is refused by the system."""
    handle = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW)
    with os.fdopen(handle, "rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def put_away(folder: Path, name: str, where: str) -> None:
    """Move a file to `done` or `failed`; one of that name there is kept beside it."""
    target = folder / where
    target.mkdir(exist_ok=True)
    aim, number = target / name, 1
    while aim.exists():
        aim, number = target / f"{number}-{name}", number + 1
    try:
        (folder / name).rename(aim)
    except FileNotFoundError:
        # Another worker was faster.
        return
