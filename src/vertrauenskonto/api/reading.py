"""Reading a request: its language, its name, its body within limits, strict JSON."""

import json
import re
import zlib
from collections.abc import Iterable
from secrets import token_hex
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header
from pydantic_core import from_json

from vertrauenskonto.core.errors import Language, Text

BODY_MAX = 256 * 1024
LARGE_BODY_MAX = 16 * 1024 * 1024
INFLATED_MAX = 64 * 1024 * 1024
DEPTH_MAX = 12
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9.!#$&^_-]+\+)?json")


def language(request: HttpRequest) -> Language:
    """Return the language to answer in: the first of Accept-Language we speak, else the default."""
    for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code.startswith("de"):
            return "de"
        if code.startswith("en"):
            return "en"
    return "en" if settings.LANGUAGE_CODE.startswith("en") else "de"


def request_id(request: HttpRequest) -> str:
    """Return the name of this request: the caller's if it is harmless, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else token_hex(16)


def media_type(request: HttpRequest) -> str:
    """Return the media type of the body, without parameters, in small letters."""
    return (request.content_type or "").strip().lower()


def is_json(kind: str) -> bool:
    """Tell whether a media type is JSON."""
    return _JSON_TYPE.fullmatch(kind) is not None


def as_json(value: Any) -> bytes:
    """Return a value as JSON, compact and in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Unreadable(Exception):
    """A body that cannot be read; `code` is that of the problem."""

    def __init__(self, code: str, text: Text) -> None:
        self.code = code
        self.text = text
        super().__init__(code, text)


def body(request: HttpRequest, *, most: int) -> bytes:
    """Return the body, decompressed; not a byte more than allowed is kept in memory.

    Raises:
        Unreadable: it is too large, its length is missing, or its compression is not gzip.
    """
    length = request.headers.get("Content-Length", "")
    if "Transfer-Encoding" in request.headers and not length:
        raise Unreadable(
            "length_required",
            Text(
                de="Bitte schicken Sie den Inhalt mit Content-Length.",
                en="Send the body with Content-Length.",
            ),
        )
    if length.isdigit() and int(length) > most:
        raise _too_large(most)
    coding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("identity", "gzip"):
        raise Unreadable(
            "media_type",
            Text(
                de=f"Content-Encoding „{coding}“ geht nicht; möglich sind gzip und identity.",
                en=f"Content-Encoding '{coding}' is not supported; use gzip or identity.",
            ),
        )
    raw = request.read(most + 1)
    if len(raw) > most:
        raise _too_large(most)
    if coding == "identity":
        return raw
    return _inflated(raw, min(INFLATED_MAX, 16 * most))


def parsed(raw: bytes, *, first_line: int = 1) -> Any:
    """Return what a JSON text says: no NaN, no lone surrogates, not too deep.

    `first_line`: on which line of the body it begins.

    Raises:
        Unreadable: it is not such a text.
    """
    try:
        value = from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        if "recursion" in str(error):
            raise _too_deep() from None
        place = re.search(r"at line (\d+) column (\d+)", str(error))
        raise Unreadable("unreadable", _not_json(place, first_line)) from None
    _refuse_deep(value)
    return value


def _refuse_deep(value: Any) -> None:
    level = [value]
    for _ in range(DEPTH_MAX):
        level = [
            inner for outer in level for inner in _within(outer) if isinstance(inner, dict | list)
        ]
        if not level:
            return
    raise _too_deep()


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _inflated(raw: bytes, most: int) -> bytes:
    reader = zlib.decompressobj(wbits=31)
    try:
        inflated = reader.decompress(raw, most + 1)
    except zlib.error:
        inflated = b""
        reader = zlib.decompressobj(wbits=31)
    if len(inflated) > most:
        raise _too_large(most)
    if not reader.eof or reader.unused_data:
        raise Unreadable(
            "unreadable",
            Text(de="Der Inhalt ist kein vollständiges gzip.", en="The body is not complete gzip."),
        )
    return inflated


def _not_json(place: re.Match[str] | None, first_line: int) -> Text:
    if place is None:
        return Text(
            de="Der Inhalt ist kein JSON in UTF-8; prüfen Sie Anführungszeichen und Kommas.",
            en="The body is not JSON in UTF-8; check quotes and commas.",
        )
    line, column = int(place[1]) + first_line - 1, place[2]
    return Text(
        de=f"Der Inhalt ist ab Zeile {line}, Zeichen {column} kein JSON in UTF-8; prüfen Sie dort "
        "Anführungszeichen, Kommas und Ersatzzeichen.",
        en=f"From line {line}, column {column} the body is not JSON in UTF-8; check quotes, "
        "commas and surrogates there.",
    )


def _too_deep() -> Unreadable:
    return Unreadable(
        "too_deep",
        Text(
            de=f"Mehr als {DEPTH_MAX} Ebenen ineinander; so tiefe Angaben gibt es hier nicht.",
            en=f"More than {DEPTH_MAX} levels; nothing here is nested that deep.",
        ),
    )


def _too_large(most: int) -> Unreadable:
    return Unreadable(
        "too_large",
        Text(
            de=f"Höchstens {most // 1024} KiB je Aufruf; teilen Sie den Inhalt auf.",
            en=f"At most {most // 1024} KiB a call; split the body.",
        ),
    )
