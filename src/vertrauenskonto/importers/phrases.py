"""Promises in pasted text: mails, call notes and chats in German or English, for a human to confirm.

`suggestions` finds sentences in which we promise something and says what, who and until when. It
works by rules that can be read: `phrase_text` leaves out what others wrote, `phrase_verbs` tells a
promise from a wish, and `phrase_dates` reads the time words. Nothing is decided here: each finding
is a suggestion, and what is ambiguous is a question.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from vertrauenskonto.core.errors import Invalid, Language, Text
from vertrauenskonto.importers.phrase_dates import Due, When, Written, due, time_words
from vertrauenskonto.importers.phrase_rules import Reading
from vertrauenskonto.importers.phrase_text import Span, language_of, own_sentences
from vertrauenskonto.importers.phrase_verbs import (
    Giver,
    clause_starts,
    giver,
    goes_on,
    is_more_of_it,
    is_silent,
    promises,
    without_lead,
)

CHARACTERS_MAX = 200_000
_CLAUSE_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A promise that a text seems to make.

    `sentence` and each of `time_words` are half-open offsets in the pasted text; `clause` is what
    was promised, without the time words; `giver` is "I" or "we". `when` holds the day or instant,
    or the candidates and the question to ask.
    """

    sentence: Span
    time_words: tuple[Span, ...]
    clause: str
    giver: Giver
    language: Language
    when: When

    @property
    def due(self) -> Due | None:
        """Return the day or instant if it is clear, otherwise None: then ask `when.question`."""
        return self.when.candidates[0] if not self.when.question.en else None


def suggestions(
    text: str,
    *,
    written: Due,
    zone: ZoneInfo,
    language: Language | None = None,
    customers: Collection[str] = (),
    ours: Collection[str] = (),
) -> tuple[Suggestion, ...]:
    """Return the promises that a text seems to make, in order.

    Args:
        text: what was pasted.
        written: the day or instant on which it was written; dates count from there.
        zone: where its times of day are meant.
        language: its language, found out when not said.
        customers: names of customers as they stand before their lines of a chat.
        ours: names or addresses of our own, by which a mail pasted with its header is known as
            ours; other mails with a header are taken for somebody else's.

    Raises:
        Invalid: the text is too long.
    """
    if len(text) > CHARACTERS_MAX:
        raise Invalid(
            Text(
                de=f"Der Text hat {len(text)} Zeichen; fügen Sie höchstens {CHARACTERS_MAX} ein.",
                en=f"The text has {len(text)} characters; paste at most {CHARACTERS_MAX}.",
            )
        )
    spoken = language or language_of(text)
    moment = Written.of(written, zone)
    return tuple(
        suggestion
        for span in own_sentences(text, customers=customers, ours=ours)
        for suggestion in _of_sentence(text, span, spoken, moment)
    )


@dataclass(slots=True, kw_only=True)
class _Clause:
    start: int
    end: int
    times: list[Reading]
    promising: bool = False


def _of_sentence(
    text: str, span: Span, language: Language, written: Written
) -> Iterator[Suggestion]:
    sentence = text[span[0] : span[1]]
    if is_silent(sentence, language=language):
        return
    found = time_words(sentence, language=language, written=written)
    clauses = _clauses(sentence, found, language)
    for together in _promised(clauses, sentence, language):
        times = together.times
        when = due(times, sentence, written=written)
        yield Suggestion(
            sentence=span,
            time_words=tuple((span[0] + start, span[0] + end) for start, end in when.spans),
            clause=_cleaned(sentence, together, when.spans, language),
            giver=giver(
                sentence[together.start : together.end],
                before=sentence[: together.start],
                language=language,
            ),
            language=language,
            when=when,
        )


def _clauses(sentence: str, found: Sequence[Reading], language: Language) -> list[_Clause]:
    """Return the clauses of a sentence with their time words; none begins inside time words."""
    starts = [
        start
        for start in clause_starts(sentence, language=language)
        if not any(reading.start < start < reading.end for reading in found)
    ]
    ends = [*starts[1:], len(sentence)]
    clauses = []
    for start, end in zip(starts, ends, strict=True):
        inside = [reading for reading in found if start <= reading.start < end]
        clauses.append(_Clause(start=start, end=end, times=inside))
    return clauses


def _promised(clauses: list[_Clause], sentence: str, language: Language) -> list[_Clause]:
    """Return the promises among the clauses, each with the time words that belong to it.

    A clause without a time takes those of a neighbour that promises nothing itself ("by noon, I'll
    see to it"); promises of which only one has a time are one ("I'll check tomorrow and let you
    know").
    """
    any_time = any(r.kind != "past" for clause in clauses for r in clause.times)
    for clause in clauses:
        words = sentence[clause.start : clause.end]
        clause.promising = promises(words, has_time=any_time, language=language) or (
            goes_on(words, before=sentence[: clause.start], language=language)
        )
    merged: list[_Clause] = []
    for clause in clauses:
        last = merged[-1] if merged else None
        if not clause.promising:
            words = sentence[clause.start : clause.end]
            if last is not None and last.end == clause.start and is_more_of_it(words):
                last.end = clause.end
                last.times = [*last.times, *clause.times]
                clause.times = []
            continue
        if last is not None and not (_is_ahead(last) and _is_ahead(clause)):
            last.end = clause.end
            last.times = [*last.times, *clause.times]
        else:
            merged.append(clause)
    for promise in merged:
        if not _is_ahead(promise):
            other = next((c for c in clauses if not c.promising and _is_ahead(c)), None)
            if other is not None:
                promise.times = [*promise.times, *other.times]
                promise.start = min(promise.start, other.start)
                promise.end = max(promise.end, other.end)
    return merged


def _is_ahead(clause: _Clause) -> bool:
    return any(reading.kind not in ("past", "vague") for reading in clause.times)


def _cleaned(sentence: str, clause: _Clause, spans: Sequence[Span], language: Language) -> str:
    """Return what was promised: the clause without time words, fillers and marks at its ends."""
    start = clause.start
    parts = []
    for from_, to in sorted(spans):
        if start <= from_ < clause.end:
            parts.append(sentence[start:from_])
            start = to
    parts.append(sentence[start : max(start, clause.end)])
    words = " ".join(" ".join(parts).split()).strip(" ,;:.!–—-…")
    words = words[without_lead(words, language=language) :]
    words = words.replace(" ,", ",").replace(" .", ".") or sentence.strip()
    return words if len(words) <= _CLAUSE_MAX else words[: _CLAUSE_MAX - 1].rstrip() + "…"
