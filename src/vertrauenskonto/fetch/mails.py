"""What a mail tells: who, when, about what, and the words that are its own. Pure.

A forwarded mail is about those named in what was forwarded; a BCC'd one about whom it went to.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from imap_tools import MailMessage

TEXT_LENGTH_MAX = 500
_SUBJECT_LENGTH_MAX = 200
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"']+@[^\s@<>()\[\],;:\"']+\.[^\s@<>()\[\],;:\"']+")
_SIGNATURE = re.compile(
    r"^(?:-- ?|__+|Mit freundlichen Grüßen|Viele Grüße|Freundliche Grüße|"
    r"Best regards|Kind regards|Sent from my|Von meinem .* gesendet).*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"^(?:>|Am .{5,120} schrieb .*:$|On .{5,120} wrote:$|-{2,} ?(?:Ursprüngliche Nachricht|"
    r"Original Message) ?-{2,})",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"^(?:-{5,} ?(?:Forwarded message|Weitergeleitete Nachricht|Original Message|"
    r"Ursprüngliche Nachricht) ?-{2,}|Begin forwarded message:|"
    r"Anfang der weitergeleiteten Nachricht:)",
    re.IGNORECASE,
)
_FORWARD_SUBJECT = re.compile(r"^\s*(?:wg|fw|fwd)\s*:", re.IGNORECASE)
_HEADER = re.compile(
    r"^\*?(Von|From|An|To|Cc|Kopie|Gesendet|Sent|Datum|Date|Betreff|Subject|Reply-To)\*?:\s*(.*)$",
    re.IGNORECASE,
)
_PEOPLE = ("von", "from", "an", "to", "cc", "kopie", "reply-to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail: `addresses` may each be the customer's, the likeliest first."""

    fingerprint: str
    sent_date: date
    sender: str
    recipients: tuple[str, ...]
    addresses: tuple[str, ...]
    subject: str
    text: str
    attachments: tuple[str, ...]


def told(message: MailMessage, *, time_zone: str, received_at: datetime) -> Mail:
    """Return what a mail tells, with its day in the accounts' time zone.

    `received_at`: when it was read, in place of a date that is missing or makes no sense.
    """
    body = message.text or _plain(message.html)
    forwarded = _forwarded(body, message.subject)
    sender = message.from_
    recipients = (*message.to, *message.cc)
    named = [*(forwarded or ()), *message.reply_to, sender, *recipients]
    return Mail(
        fingerprint=_fingerprint(message),
        sent_date=_day(message, time_zone, received_at),
        sender=sender[:254],
        recipients=tuple(address[:254] for address in recipients[:20]),
        addresses=tuple(dict.fromkeys(a.strip().casefold() for a in named if "@" in a)),
        subject=" ".join(message.subject.split())[:_SUBJECT_LENGTH_MAX],
        text=own_words(body, is_forward=forwarded is not None),
        attachments=tuple(part.filename[:100] for part in message.attachments if part.filename),
    )


def own_words(body: str, *, is_forward: bool) -> str:
    """Return the beginning of what somebody wrote: without quotes and signature.

    Of a forwarded mail that is what was forwarded.
    """
    lines = body.replace("\r\n", "\n").replace("\0", "").split("\n")
    if is_forward:
        lines = _after_headers(lines)
    kept: list[str] = []
    for line in lines:
        plain = line.strip()
        if _SIGNATURE.match(plain) or _QUOTED.match(plain):
            if kept or _SIGNATURE.match(plain):
                break
            continue
        kept.append(plain)
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()
    return text if len(text) <= TEXT_LENGTH_MAX else text[: TEXT_LENGTH_MAX - 1].rstrip() + "…"


def _forwarded(body: str, subject: str) -> list[str] | None:
    """Return the addresses in the head of a forwarded mail, None if it is none."""
    lines = body.replace("\r\n", "\n").split("\n")
    marked = next((n for n, line in enumerate(lines) if _FORWARDED.match(line.strip())), None)
    if marked is None and not _FORWARD_SUBJECT.match(subject):
        return None
    found: list[str] = []
    heads = 0
    for line in lines[marked or 0 :]:
        match = _HEADER.match(line.strip().lstrip("> "))
        if match:
            heads += 1
            if match[1].casefold() in _PEOPLE:
                found += _ADDRESS.findall(match[2])
        elif heads > 1 and line.strip():
            break
    return found if heads else None


def _after_headers(lines: Sequence[str]) -> list[str]:
    heads = [n for n, line in enumerate(lines) if _HEADER.match(line.strip().lstrip("> "))]
    rest = list(lines[heads[0] :]) if heads else list(lines)
    while rest and (not rest[0].strip() or _HEADER.match(rest[0].strip().lstrip("> "))):
        rest.pop(0)
    # Some programs quote the whole of what they forward.
    return [re.sub(r"^(?:> ?)+", "", line) for line in rest]


def _fingerprint(message: MailMessage) -> str:
    ids: tuple[str, ...] = dict(message.headers).get("message-id", ())
    named = ids[0].strip() if ids else f"{message.date_str}|{message.from_}|{message.subject}"
    return hashlib.sha256(named.encode()).hexdigest()


def _day(message: MailMessage, time_zone: str, received_at: datetime) -> date:
    sent = message.date if message.date.year > 1990 else received_at
    aware = sent if sent.tzinfo else sent.replace(tzinfo=UTC)
    return min(aware, received_at).astimezone(ZoneInfo(time_zone)).date()


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag in ("style", "script", "head"):
            self._hidden += 1
        elif tag in ("br", "p", "div", "tr", "li"):
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "script", "head"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(" ".join(data.split()) if data.strip() else " ")


def _plain(html: str) -> str:
    words = _Words()
    words.feed(html)
    return "".join(words.parts)
