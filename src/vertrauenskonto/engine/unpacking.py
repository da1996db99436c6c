"""Unpacking: what arrives as .zip or .gz becomes plain files, within hard limits.

Sizes are counted while unpacking, whatever the archive claims; names become plain names in one
folder. Whatever is no table at all is recognised by its first bytes, not by its name.
"""

import gzip
import re
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from vertrauenskonto.core.errors import Invalid, Text

# Of all files together, unpacked.
UNPACKED_BYTES_MAX = 2 * 1024**3
# Tables shrink to a tenth, seldom to a hundredth; a bomb to a thousandth.
RATIO_MAX = 200
FILES_MAX = 20
NAME_LENGTH_MAX = 100
_BLOCK_BYTES = 1 << 20
# Below this nothing can be a bomb.
_HARMLESS_BYTES = 10 * 1024**2
_FOREIGN = (
    (b"%PDF", Text("eine PDF-Datei", "a PDF file")),
    (b"\x89PNG", Text("ein Bild", "a picture")),
    (b"\xff\xd8\xff", Text("ein Bild", "a picture")),
    (b"GIF8", Text("ein Bild", "a picture")),
    (b"\xd0\xcf\x11\xe0", Text("eine alte Excel- oder Word-Datei", "an old Excel or Word file")),
    (b"Rar!", Text("ein RAR-Archiv", "a RAR archive")),
    (b"7z\xbc\xaf", Text("ein 7z-Archiv", "a 7z archive")),
    (b"\x7fELF", Text("ein Programm", "a program")),
    (b"MZ", Text("ein Programm", "a program")),
    (b"SQLite format 3", Text("eine SQLite-Datenbank", "an SQLite database")),
)
_HTML = re.compile(rb"\s*(?:<!doctype html|<html|<\?xml|<head|<body)", re.IGNORECASE)
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"


def plain_name(written: str) -> str:
    """Return a file name as it may lie in a folder of ours: no path, no signs that surprise."""
    name = PurePosixPath(written.replace("\\", "/")).name
    name = re.sub(r"[^\w.,()+ -]", "_", name).strip(" .") or "file"
    stem, dot, suffix = name.rpartition(".")
    kept = NAME_LENGTH_MAX - len(suffix) - 1
    return f"{stem[:kept]}.{suffix}" if dot and kept > 0 else name[:NAME_LENGTH_MAX]


def unpack(folder: Path) -> list[Path]:
    """Replace archives in `folder` by what they hold; return the plain files, by name.

    Raises:
        Invalid: an archive is too large unpacked, holds too much, is damaged, enciphered or leads
            out of the folder; or a file is no table.
    """
    left = UNPACKED_BYTES_MAX
    for path in sorted(folder.iterdir()):
        start = _start(path)
        if start.startswith(_ZIP):
            left -= _unzip(path, folder, left)
        elif start.startswith(_GZIP):
            left -= _gunzip(path, folder, left)
    found = sorted(folder.iterdir())
    for path in found:
        _check_table(path)
    return found


def _check_table(path: Path) -> None:
    start = _start(path)
    if not start:
        raise Invalid(
            Text(
                de=f"{path.name} ist leer; nötig ist eine Kopfzeile mit den Namen der Spalten.",
                en=f"{path.name} is empty; it needs a header with the names of the columns.",
            )
        )
    kind = next((kind for magic, kind in _FOREIGN if start.startswith(magic)), None)
    if kind is None and _HTML.match(start.removeprefix(b"\xef\xbb\xbf")):
        kind = Text("eine Web-Seite", "a web page")
    if start.startswith((_ZIP, _GZIP)):
        kind = Text("ein Archiv in einem Archiv", "an archive within an archive")
    if kind is not None:
        raise _no_table(path.name, kind)


def _unzip(path: Path, folder: Path, left: int) -> int:
    try:
        with ZipFile(path) as archive:
            inside = [entry for entry in archive.infolist() if not entry.is_dir()]
            _check_entries(path.name, inside)
            # Not beside the archive itself: an entry might be called as it is.
            taken = folder / f".{path.name}"
            taken.mkdir()
            written = 0
            for entry in inside:
                with archive.open(entry) as packed:
                    target = taken / plain_name(entry.filename)
                    written += _copy(packed, target, path, left - written, already=written)
    except (BadZipFile, LargeZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise _damaged(path.name) from error
    except RuntimeError as error:  # what zipfile raises for an archive with a password
        raise _refused(path.name, "es ist verschlüsselt", "it is enciphered") from error
    path.unlink()
    for file in taken.iterdir():
        if (folder / file.name).exists():
            raise _refused(path.name, "zwei Dateien heißen gleich", "two files have the same name")
        file.rename(folder / file.name)
    taken.rmdir()
    return written


def _check_entries(name: str, inside: list[ZipInfo]) -> None:
    names = [entry.filename for entry in inside]
    if any(n.startswith("xl/") or n == "[Content_Types].xml" for n in names):
        raise _no_table(name, Text("eine Excel-Datei", "an Excel file"))
    if not inside:
        raise _refused(name, "es ist leer", "it is empty")
    if len(inside) > FILES_MAX:
        raise _refused(
            name,
            f"es enthält mehr als {FILES_MAX} Dateien",
            f"it holds more than {FILES_MAX} files",
        )
    for written in names:
        parts = PurePosixPath(written.replace("\\", "/")).parts
        if ".." in parts or written.startswith(("/", "\\")) or ":" in written:
            raise _refused(
                name,
                f"eine Datei darin will in einen anderen Ordner („{written[:80]}“)",
                f"a file inside wants to go to another folder ('{written[:80]}')",
            )
    plain = [plain_name(written).casefold() for written in names]
    if len(set(plain)) < len(plain):
        raise _refused(
            name, "zwei Dateien darin heißen gleich", "two files inside have the same name"
        )


def _gunzip(path: Path, folder: Path, left: int) -> int:
    target = folder / (path.stem if path.suffix.lower() == ".gz" else f"{path.name}.csv")
    part = folder / f".{path.name}"
    if target.exists():
        raise _refused(path.name, "zwei Dateien heißen gleich", "two files have the same name")
    try:
        with gzip.open(path) as packed:
            written = _copy(packed, part, path, left)
    except (OSError, EOFError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise _damaged(path.name) from error
    path.unlink()
    part.rename(target)
    return written


def _copy(packed: object, target: Path, archive: Path, left: int, *, already: int = 0) -> int:
    """Unpack one file; give up as soon as it is too large or grows too much."""
    bound = max(_HARMLESS_BYTES, RATIO_MAX * archive.stat().st_size)
    written = 0
    with target.open("xb") as file:
        for block in _blocks(packed):  # type: ignore[arg-type]  # both libraries' readers read
            written += len(block)
            if written > left or already + written > bound:
                raise _refused(
                    archive.name,
                    "ausgepackt wäre es viel zu groß",
                    "unpacked it would be far too large",
                )
            file.write(block)
    return written


def _blocks(packed: BinaryIO) -> Iterator[bytes]:
    while block := packed.read(_BLOCK_BYTES):
        yield block


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(64)


def clear(folder: Path) -> None:
    """Delete a folder with all that is in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def _refused(name: str, why_de: str, why_en: str) -> Invalid:
    return Invalid(
        Text(
            de=f"Das Archiv {name} wird nicht gelesen: {why_de}. Es wurde nichts behalten.",
            en=f"The archive {name} is not read: {why_en}. Nothing of it was kept.",
        )
    )


def _damaged(name: str) -> Invalid:
    return Invalid(
        Text(
            de=f"Das Archiv {name} ist beschädigt; bitte neu erzeugen oder übertragen.",
            en=f"The archive {name} is damaged; make it or copy it again.",
        )
    )


def _no_table(name: str, kind: Text) -> Invalid:
    return Invalid(
        Text(
            de=f"{name} ist keine Tabelle, sondern {kind.de}. Speichern Sie die Tabelle als CSV "
            "(in Excel: Datei, Speichern unter, „CSV UTF-8“).",
            en=f"{name} is no table but {kind.en}. Save the table as CSV (in Excel: File, Save as, "
            "'CSV UTF-8').",
        )
    )
