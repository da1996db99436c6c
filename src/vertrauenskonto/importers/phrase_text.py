"""What of a pasted text we wrote ourselves: its sentences, without quotes and what customers say.

Mails, call notes and chats come as people paste them: with quoted lines, headers of the mail
answered, speakers' names, greetings and signatures. Offsets are those of the pasted text.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from vertrauenskonto.core.errors import Language
from vertrauenskonto.importers.phrase_words import pattern

Span = tuple[int, int]

# A longer run without an end is cut at a blank; one without a blank is no sentence.
SENTENCE_MAX = 600
_LINE_HEAD = 200

_QUOTED = re.compile(r"\s*[>|]")
_HEADER = pattern(
    r"\s*(?:am .{4,80}(?:schrieb|geschrieben).{0,80}:"
    r"|on .{4,80}wrote ?:"
    r"|.{0,80}(?:schrieb am|wrote on) .{4,80}:"
    r"|-{2,} ?(?:original message|ursprüngliche nachricht|original-nachricht|forwarded message"
    r"|weitergeleitete nachricht).{0,40}"
    r"|(?:von|from): .{2,120})\s*"
)
_HEADER_FIELD = pattern(r"\s*(?:gesendet|datum|an|betreff|sent|date|to|cc|subject): ?")
_CLOSING = pattern(
    r"\s*(?:(?:mit )?(?:freundlichen?|herzlichen?|besten?|vielen?|viele|liebe|schöne|sonnige|beste)"
    r" (?:grüßen?|gruß|wünschen?)\b|(?:kind|best|warm|many|kindest|warmest)? ?regards\b"
    r"|(?:yours|best wishes|sincerely|cheers|lg|mfg|vg)\b).{0,60}|-- ?"
)
_SPEAKER = re.compile(
    r"\s{0,9}(?P<stamp>\[[^\]\n]{3,40}\]\s{0,3})?(?P<name>[^\s:\[][^:\n]{0,40}):\s{1,9}(?=\S)"
)
_NAMES = re.compile(r"[^\W\d_][\w.'’-]{0,20}(?:[ ][^\W\d_][\w.'’-]{0,20}){0,2}")
_OURS = pattern(r"wir|ich|agent|support|service|mitarbeiter|mitarbeiterin|team|me|us|we")
_CUSTOMERS = pattern(
    r"(?:der |die |the )?(?:kundin|kunde|anruferin|anrufer|interessentin|interessent|käuferin|käufer"
    r"|mieterin|mieter|mandantin|mandant|kd\.?|customer|caller|client|cust\.?|buyer|tenant|patient)"
    r"(?: [\w.-]{1,30}){0,3}"
)
# A sentence ends at its mark, unless that belongs to a number, a date or an abbreviation.
_END = re.compile(
    r"(?<![\s(.]\d)(?<!\d\d)(?<!\bca)(?<!\bbzw)(?<!\bbzgl)(?<!\bz\.B)(?<!\bNr)(?<!\bDr)(?<!\bHr)"
    r"(?<!\bFr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bKd)(?<!\bCust)(?<!\bd\.h)(?<!\binkl)(?<!\bggf)"
    r"(?<!\bStr)(?<!\bTel)(?<!\ba\.m)(?<!\bp\.m)(?<!\be\.g)(?<!\bi\.e)[.!?…]+(?=[\s)\"”“]|$)"
    r"|(?<=\d)[.!?](?=\s+(?:Ich|Wir|Sie|Das|Die|Der|We|I|The|You)\b)|[!?]+(?=\s|$)"
)

_GERMAN = pattern(
    r"\b(?:ich|wir|sie|ihnen|und|der|die|das|bis|nicht|mit|für|am|zu|ist|bei|morgen|heute|uns|dir|euch"
    r"|kommt|wird|im|den|dem|ein|eine|noch|sich|mich|zugesagt|rückruf|kunde|von|auf)\b"
)
_ENGLISH = pattern(
    r"\b(?:i|we|you|the|and|by|to|your|will|for|of|on|it|is|be|with|a|at|our|us|my|tomorrow|today|not"
    r"|customer|that|have|this|i'll|we'll)\b"
)


def language_of(text: str) -> Language:
    """Return the language that more of a text's small words belong to; German when in doubt."""
    beginning = text[:20_000]
    german = sum(1 for _ in _GERMAN.finditer(beginning))
    english = sum(1 for _ in _ENGLISH.finditer(beginning))
    return "en" if english > german else "de"


def own_sentences(
    text: str, *, customers: Collection[str] = (), ours: Collection[str] = ()
) -> Iterator[Span]:
    """Yield the offsets of each sentence that is not quoted and not said by a customer.

    `customers` are names whose lines in a chat ("Petra Holm: …") are theirs; `ours` are names or
    addresses of our own by which the header of a mail ("From: …") is known as ours.
    """
    thread = _Thread(
        customers=frozenset(name.strip().casefold() for name in customers),
        ours=tuple(name.strip().casefold() for name in ours if name.strip()),
    )
    begun: int | None = None
    place = 0
    for line in text.splitlines(keepends=True):
        start, place = place, place + len(line)
        said = thread.said_by_us(line)
        if begun is not None and (said is None or said or line.lstrip()[:1] in _BULLETS):
            yield from _sentences(text, begun, start)
            begun = None
        if begun is None and said is not None and line.strip():
            begun = start + said
    if begun is not None:
        yield from _sentences(text, begun, place)


_BULLETS = ("", "-", "*", "•", "·")


@dataclass(slots=True, kw_only=True)
class _Thread:
    """Who is speaking, line after line."""

    customers: frozenset[str]
    ours: tuple[str, ...]
    in_header: bool = False
    # Below the header of a mail that is answered; it ends after lines marked one by one.
    answering: bool = False
    quoting: bool = False
    theirs: bool = False
    closing: bool = False

    def said_by_us(self, line: str) -> int | None:
        """Return where our words begin in a line (0, or after a speaker's name), or None."""
        head = line[:_LINE_HEAD].rstrip("\r\n")
        if _QUOTED.match(head):
            self.answering, self.quoting = False, True
            return None
        if not head.strip():
            self.in_header = False
            return None if self.quoting or not self._is_open() else 0
        self.quoting = False
        if _HEADER.fullmatch(head):
            self.in_header = True
            self.closing = self.theirs = False
            self.answering = not any(name in head.casefold() for name in self.ours)
            return None
        if self.in_header and _HEADER_FIELD.match(head):
            return None
        after = self._speaker(head)
        if _CLOSING.fullmatch(head):
            self.closing = True
        return after if self._is_open() else None

    def _is_open(self) -> bool:
        return not (self.answering or self.theirs or self.closing)

    def _speaker(self, head: str) -> int:
        """Note whose turn begins in this line; return where the words begin."""
        found = _SPEAKER.match(head)
        if found is None:
            return 0
        name = found["name"].strip()
        is_customer = _CUSTOMERS.fullmatch(name) is not None or name.casefold() in self.customers
        if not (is_customer or found["stamp"] or _NAMES.fullmatch(name)):
            return 0
        self.theirs, self.closing = is_customer, False
        return found.end() if is_customer or found["stamp"] or _OURS.fullmatch(name) else 0


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    place = start
    for mark in _END.finditer(text, start, end):
        yield from _pieces(text, place, mark.end())
        place = mark.end()
    yield from _pieces(text, place, end)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield a sentence without the blanks around it, in pieces if it is far too long."""
    while start < end:
        stop = end
        if end - start > SENTENCE_MAX:
            stop = max(
                text.rfind(" ", start, start + SENTENCE_MAX),
                text.rfind("\n", start, start + SENTENCE_MAX),
            )
            if stop <= start:
                start += SENTENCE_MAX
                continue
        words = text[start:stop]
        left = len(words) - len(words.lstrip())
        if words.strip():
            yield start + left, start + len(words.rstrip())
        start = stop + (stop < end)
