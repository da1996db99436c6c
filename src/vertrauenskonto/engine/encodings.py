"""Encodings: which one a text file is in, found by reading it once, in bounded memory.

A declared encoding is believed. Without one: a byte order mark decides, then the pattern of zero
bytes (UTF-16 without a mark), then whether the bytes are UTF-8. What is not UTF-8 is taken for
Windows-1252, unless its valid UTF-8 letters outnumber the broken bytes: then it is a UTF-8 file
with damage, and only the damaged lines are lost.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from vertrauenskonto.core.errors import Invalid, Text, did_you_mean

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"
UTF_16 = "utf-16"

# What a user may write, and what we call it; any other codec Python knows is taken as written.
_NAMES = {
    "utf-8": UTF_8,
    "utf8": UTF_8,
    "utf-8-sig": UTF_8,
    "windows-1252": WINDOWS_1252,
    "cp1252": WINDOWS_1252,
    "ansi": WINDOWS_1252,
    "utf-16": UTF_16,
    "utf16": UTF_16,
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "iso-8859-1": "iso-8859-1",
    "latin-1": "iso-8859-1",
    "iso-8859-15": "iso-8859-15",
    "cp850": "cp850",
}
_BLOCK_BYTES = 1 << 20
# `surrogateescape` turns a byte without meaning into one of these; no valid text contains them.
_BROKEN = re.compile("[\udc80-\udcff]")
_BROKEN_UTF_16 = re.compile("�")
_LETTER_BEYOND_ASCII = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """How the bytes of a file become text.

    `encoding` is the name for people, `codec` and `errors` what to open the file with. `broken`
    matches a character that stands for bytes without meaning in this encoding, and is None when
    the file has none; `has_nul` and `has_quotes` say whether a zero byte or a quotation mark lies
    in it; `is_detected` that nobody declared the encoding and the file is not the usual UTF-8.
    """

    encoding: str
    codec: str
    errors: str
    broken: re.Pattern[str] | None
    has_nul: bool
    has_quotes: bool
    is_detected: bool = False


def text_format(path: Path, declared: str | None = None) -> TextFormat:
    """Return how to read `path`, after reading all of it once.

    Raises:
        Invalid: `declared` is no encoding.
        OSError: the file cannot be read.
    """
    with path.open("rb") as file:
        if declared is not None:
            return _scanned(file, encoding_name(declared))
        start = file.read(4096)
        file.seek(0)
        encoding = _by_first_bytes(start)
        if encoding is not None:
            return _scanned(file, encoding, is_detected=encoding != UTF_8)
        found = _scanned(file, UTF_8)
        if found.broken is None or _mostly_utf_8(file):
            return found
        return _scanned(file, WINDOWS_1252, is_detected=True)


def encoding_label(encoding: str) -> str:
    """Return the name as messages write it, e.g. "UTF-8" or "Windows-1252"."""
    return encoding.upper() if encoding.startswith(("utf", "iso")) else encoding.capitalize()


def encoding_name(declared: str) -> str:
    """Return our name for an encoding as somebody wrote it.

    Raises:
        Invalid: Python does not know it, or it is none for text.
    """
    written = declared.strip().lower().replace("_", "-")
    if written in _NAMES:
        return _NAMES[written]
    try:
        "ä".encode(written, errors="replace")
        return codecs.lookup(written).name
    except LookupError:
        near = did_you_mean(written, _NAMES)
        raise Invalid(
            Text(
                de=f"Den Zeichensatz „{declared}“ gibt es nicht; üblich sind utf-8, "
                f"windows-1252 und utf-16.{near.de}",
                en=f"There is no encoding '{declared}'; usual ones are utf-8, windows-1252 and "
                f"utf-16.{near.en}",
            )
        ) from None


def _by_first_bytes(start: bytes) -> str | None:
    """Return the encoding that a byte order mark or the zero bytes tell, or None."""
    if start.startswith(codecs.BOM_UTF8):
        return UTF_8
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return UTF_16
    half = len(start) // 2
    # Western text in UTF-16 has a zero in nearly every second byte, and on one side only.
    if half >= 2 and start[1::2].count(0) > 0.6 * half and start[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if half >= 2 and start[0::2].count(0) > 0.6 * half and start[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def _scanned(file: BinaryIO, encoding: str, *, is_detected: bool = False) -> TextFormat:
    wide = encoding.startswith(("utf-16", "utf-32"))
    codec = "utf-8-sig" if encoding == UTF_8 else encoding
    errors = "replace" if wide else "surrogateescape"
    pattern = _BROKEN_UTF_16 if wide else _BROKEN
    is_broken = has_nul = has_quotes = False
    for text in _blocks(file, codec, errors):
        # ASCII knows no broken characters; asking costs nothing and skips the search.
        is_broken = is_broken or (not text.isascii() and pattern.search(text) is not None)
        has_nul = has_nul or "\0" in text
        has_quotes = has_quotes or '"' in text
    return TextFormat(
        encoding=encoding,
        codec=codec,
        errors=errors,
        broken=pattern if is_broken else None,
        has_nul=has_nul,
        has_quotes=has_quotes,
        is_detected=is_detected,
    )


def _mostly_utf_8(file: BinaryIO) -> bool:
    """Tell whether letters that are valid UTF-8 outnumber bytes that are not."""
    valid = broken = 0
    for text in _blocks(file, UTF_8, "surrogateescape"):
        valid += len(_LETTER_BEYOND_ASCII.findall(text))
        broken += len(_BROKEN.findall(text))
    return valid > broken


def _blocks(file: BinaryIO, codec: str, errors: str) -> Iterator[str]:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)(errors)
    while block := file.read(_BLOCK_BYTES):
        yield decoder.decode(block)
    yield decoder.decode(b"", final=True)
