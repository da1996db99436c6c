"""Jargon: words a reader may not know, with a plain alternative.

A list finds words, not meanings; it proposes and decides nothing. An expert is not shown the jargon
of her own field, a layman all of it; foreign words rare in common language are shown to both.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Literal, cast, get_args

from vertrauenskonto.core.errors import Language
from vertrauenskonto.core.text.jargon_english import ENGLISH
from vertrauenskonto.core.text.jargon_german import GERMAN
from vertrauenskonto.core.text.words import Span, words

Field = Literal["business", "it", "insurance", "energy", "law", "foreign"]
FIELDS: tuple[Field, ...] = get_args(Field)


@dataclass(frozen=True, slots=True)
class Entry:
    """A word as it stands in a dictionary, its field, and what to write instead."""

    word: str
    field: Field
    plain: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A place where a word of the list stands."""

    span: Span
    entry: Entry


def marked(
    text: str,
    language: Language,
    *,
    expert_in: Collection[Field] = (),
    known: Collection[str] = (),
) -> tuple[Marked, ...]:
    """Return the words a reader may not know, in order; of overlapping ones the longest.

    Args:
        text: plain text.
        language: the language it is written in.
        expert_in: fields whose jargon the reader knows; "foreign" is no field of anybody.
        known: words, as listed, that this reader knows.
    """
    entries = _ENTRIES[language]
    spared = {word.casefold() for word in known}
    found: list[Marked] = []
    parts = list(_parts(text))
    at = 0
    while at < len(parts):
        for size in _sizes(parts[at].of(text), len(parts) - at, language):
            run = parts[at : at + size]
            entry = _entry(text, run, entries, language)
            if entry is not None:
                is_known = entry.field != "foreign" and entry.field in expert_in
                if not is_known and entry.word.casefold() not in spared:
                    found.append(Marked(Span(run[0].start, run[-1].end), entry))
                at += size
                break
        else:
            at += 1
    return tuple(found)


def _parts(text: str) -> Iterator[Span]:
    """Return the words, those with hyphens in their parts."""
    for span in words(text):
        start = span.start
        for part in span.of(text).split("-"):
            yield Span(start, start + len(part))
            start += len(part) + 1


def _entry(
    text: str, run: list[Span], entries: Mapping[str, Entry], language: Language
) -> Entry | None:
    """Return the entry for neighbouring words, the first and the last one in any inflected form."""
    for left, right in pairwise(run):
        between = text[left.end : right.start]
        if between != "-" and between.strip(" \t\n\u00a0"):
            return None
    last = len(run) - 1
    choices = [
        _forms(span.of(text), language) if n in (0, last) else (span.of(text).lower(),)
        for n, span in enumerate(run)
    ]
    for found in product(*choices):
        entry = entries.get(" ".join(found))
        if entry is not None:
            return entry
    return None


_GERMAN_ENDINGS = ("ern", "en", "er", "es", "em", "'s", "e", "n", "s")
_GERMAN_VERB_ENDINGS = (
    "tetest",
    "tetet",
    "testen",
    "testes",
    "tem",
    "ten",
    "ter",
    "tes",
    "test",
    "tet",
    "ende",
    "enden",
    "ender",
    "endes",
    "endem",
    "end",
    "ungen",
    "ung",
    "bare",
    "baren",
    "bar",
    "est",
    "et",
    "te",
    "st",
    "e",
    "t",
)
_ENGLISH_ENDINGS = (
    ("ies", "y"),
    ("ied", "y"),
    ("ing", "e"),
    ("ing", ""),
    ("'s", ""),
    ("es", ""),
    ("ed", ""),
    ("ed", "e"),
    ("ly", ""),
    ("s", ""),
    ("d", ""),
)


def _sizes(word: str, left: int, language: Language) -> list[int]:
    """Return how many words an entry may have that begins here, the longest first."""
    phrases = _PHRASES[language]
    sizes = {
        size for form in _forms(word, language) for size in phrases.get(form, ()) if size <= left
    }
    return sorted(sizes | {1}, reverse=True)


def _forms(word: str, language: Language) -> Iterator[str]:
    lower = word.lower().replace("’", "'")
    return _german_forms(lower) if language == "de" else _english_forms(lower)


def _german_forms(word: str) -> Iterator[str]:
    """Return what a German word may be a form of: endings of nouns, adjectives and verbs on -en."""
    yield word
    for ending in _GERMAN_ENDINGS:
        if word.endswith(ending):
            yield word.removesuffix(ending)
    stems = (word, word.removeprefix("ge"), word.removeprefix("zu"))
    for stem in dict.fromkeys(stems):
        for ending in _GERMAN_VERB_ENDINGS:
            if stem.endswith(ending):
                yield stem.removesuffix(ending) + "en"


def _english_forms(word: str) -> Iterator[str]:
    """Return what an English word may be a form of."""
    yield word
    for ending, instead in _ENGLISH_ENDINGS:
        if word.endswith(ending):
            yield word.removesuffix(ending) + instead


def _read(lists: Mapping[str, str]) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for field, text in lists.items():
        for line in text.split(";"):
            forms, _, plain = line.strip().partition(" = ")
            first, *others = forms.split("|")
            # The lists are data of ours; a test holds their names against FIELDS.
            entry = Entry(first, cast("Field", field), " ".join(plain.split()))
            for form in (first, *others):
                entries[form] = entry
    return entries


_ENTRIES: Mapping[Language, Mapping[str, Entry]] = {"de": _read(GERMAN), "en": _read(ENGLISH)}


def _phrases(entries: Iterable[str]) -> dict[str, set[int]]:
    """Return, by first word, how many words the phrases have that begin with it."""
    found: dict[str, set[int]] = {}
    for form in entries:
        first, *others = form.split()
        if others:
            found.setdefault(first, set()).add(1 + len(others))
    return found


_PHRASES: Mapping[Language, Mapping[str, set[int]]] = {
    "de": _phrases(_ENTRIES["de"]),
    "en": _phrases(_ENTRIES["en"]),
}
