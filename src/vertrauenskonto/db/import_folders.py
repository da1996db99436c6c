"""Where the files of imports lie: one folder per run in the data folder, for a few days."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from secrets import token_hex

from django.conf import settings

from vertrauenskonto.core.errors import Invalid, Language, Problem, Text
from vertrauenskonto.engine.unpacking import UNPACKED_BYTES_MAX, clear, plain_name, unpack

# Of all files of one upload, as they arrive.
UPLOAD_BYTES_MAX = 512 * 1024**2
FILES_MAX = 20
PROBLEMS_MAX = 10_000
_PROBLEMS = "problems.ndjson"
_BLOCK_BYTES = 1 << 20


def root() -> Path:
    """Return the folder of all imports, which only we may read."""
    folder: Path = settings.DATA / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def files_of(key: str) -> Path:
    """Return the folder with the files of a run, whether or not it is there any more."""
    return root() / key / "files"


class Arriving:
    """Files on their way into a folder of ours; nothing is left of them unless they are kept."""

    def __init__(self, *, bytes_max: int = UPLOAD_BYTES_MAX) -> None:
        self._place = root() / f".part-{token_hex(8)}"
        self.folder = self._place / "files"
        self.folder.mkdir(mode=0o700, parents=True)
        self._left = bytes_max
        self._bytes_max = bytes_max
        self.names: list[str] = []

    def add(self, name: str, blocks: Iterable[bytes]) -> Path:
        """Write one file, block by block.

        Raises:
            Invalid: there are too many, two have one name, or they are too large.
        """
        if len(self.names) >= FILES_MAX:
            raise Invalid(
                Text(
                    de=f"Das sind mehr als {FILES_MAX} Dateien; bitte teilen Sie sie auf.",
                    en=f"These are more than {FILES_MAX} files; send them in parts.",
                )
            )
        path = self.folder / plain_name(name)
        if path.exists():
            raise Invalid(
                Text(
                    de=f"Zwei Dateien heißen {path.name}; bitte benennen Sie eine um.",
                    en=f"Two files are called {path.name}; rename one of them.",
                )
            )
        with path.open("xb") as file:
            for block in blocks:
                self._left -= len(block)
                if self._left < 0:
                    raise too_large(self._bytes_max)
                file.write(block)
        self.names.append(path.name)
        return path

    def unpacked(self) -> tuple[list[str], str, int]:
        """Unpack archives; return the names of the files, a hash over all, and their size.

        Raises:
            Invalid: one is no table, or an archive goes beyond the limits.
        """
        paths = unpack(self.folder)
        digest, size = hashlib.sha256(), 0
        for path in paths:
            own = hashlib.sha256()
            with path.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    own.update(block)
                    size += len(block)
            digest.update(own.digest())
        return [path.name for path in paths], digest.hexdigest(), size

    def keep(self, key: str) -> bool:
        """Put the files in their place; False if somebody put some there already."""
        target = root() / key
        if target.exists():
            return False
        try:
            self._place.rename(target)
        except OSError:
            return False
        return True

    def drop(self) -> None:
        """Delete what has arrived, unless it was kept."""
        clear(self._place)


def forget(key: str) -> None:
    """Delete the files and problems of a run."""
    clear(root() / key)


def write_problems(key: str, problems: Sequence[Problem]) -> None:
    """Keep the problems of a run beside its files, in place of earlier ones."""
    folder = root() / key
    if not folder.is_dir():
        return
    part = folder / f".{_PROBLEMS}"
    with part.open("w", encoding="utf-8") as file:
        for p in problems[:PROBLEMS_MAX]:
            told = [p.file, p.line, p.field, p.severity, p.text.de, p.text.en]
            file.write(json.dumps(told, ensure_ascii=False) + "\n")
    part.replace(folder / _PROBLEMS)


def problems(key: str, language: Language) -> Iterator[tuple[str, int | None, str, str, str]]:
    """Yield file, line, column, severity and words of each problem that was kept."""
    path = root() / key / _PROBLEMS
    if not path.is_file():
        return
    with path.open(encoding="utf-8") as file:
        for row in file:
            name, line, field, severity, de, en = json.loads(row)
            yield name, line, field, severity, Text(de=de, en=en).in_language(language)


def too_large(limit: int) -> Invalid:
    """Return the error for files beyond the limit, in bytes."""
    size = limit // 1024**2
    return Invalid(
        Text(
            de=f"Zusammen dürfen die Dateien höchstens {size} MB groß sein; teilen Sie sie auf, "
            f"oder packen Sie sie als ZIP (ausgepackt höchstens "
            f"{UNPACKED_BYTES_MAX // 1024**3} GB).",
            en=f"Together the files may have {size} MB at most; send them in parts, or pack them "
            f"as ZIP (unpacked {UNPACKED_BYTES_MAX // 1024**3} GB at most).",
        )
    )
