"""Readability: how hard a text is to read, as counts, school grades and long sentences.

A formula counts letters; it does not know whether a text is true, kind or complete. The number is a
hint for the writer, and nothing is booked because of it. Below 30 words or 3 sentences there are
counts and no grade.

    MS  share of words with three syllables or more, in percent     SL  words per sentence
    IW  share of words with more than six letters, in percent       ES  share of words with one

Source: Bamberger & Vanecek 1984 (WSTF), Amstad 1978, Flesch 1948, Kincaid 1975, Björnsson 1968
(LIX), as in science.md 8. Checked against: textstat 0.7, and by hand.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.text.jargon import Field, Marked, marked
from vertrauenskonto.core.text.syllables import syllables
from vertrauenskonto.core.text.words import Span, sentences, words

WORDS_MIN, SENTENCES_MIN = 30, 3
SENTENCE_WORDS_MAX = 20
# School years from which a message to customers is called hard.
GRADE_MAX = 8.0
_LONG_LETTERS, _MANY_SYLLABLES = 6, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What a text is made of. `three_plus`, `one`: words by syllables; `long`: over six letters."""

    words: int
    sentences: int
    syllables: int
    three_plus: int
    long: int
    one: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Readability:
    """What can be said of a text.

    `scores` by name ("wstf1".."wstf4", "amstad", "lix"; "fre", "fk", "lix"), empty where the text
    is too short, and then `why_none` says so. `is_hard`: its grade lies above the target (None: no
    grade). `long_sentences` and `marked` hold places in the text.
    """

    counts: Counts
    scores: Mapping[str, float]
    why_none: Text | None
    is_hard: bool | None
    long_sentences: tuple[Span, ...]
    marked: tuple[Marked, ...]


def readability(
    text: str,
    language: Language,
    *,
    expert_in: Collection[Field] = (),
    known: Collection[str] = (),
) -> Readability:
    """Return what can be said of a text for one reader.

    Args:
        text: plain text.
        language: the language the text is written in.
        expert_in: the fields whose jargon this reader knows; empty: a layman.
        known: words this reader is known to know, in any case.
    """
    found = counted(text, language)
    why = None
    if found.words < WORDS_MIN or found.sentences < SENTENCES_MIN:
        why = Text(
            f"Zu kurz für eine Note: {found.words} Wörter in {found.sentences} Sätzen. Nötig sind "
            f"{WORDS_MIN} Wörter und {SENTENCES_MIN} Sätze.",
            f"Too short for a grade: {found.words} words in {found.sentences} sentences. It takes "
            f"{WORDS_MIN} words and {SENTENCES_MIN} sentences.",
        )
    scored = {} if why else scores(found, language)
    return Readability(
        counts=found,
        scores=scored,
        why_none=why,
        is_hard=None if why else scored["wstf1" if language == "de" else "fk"] > GRADE_MAX,
        long_sentences=tuple(
            span
            for span in sentences(text, language)
            if len(words(span.of(text))) > SENTENCE_WORDS_MAX
        ),
        marked=marked(text, language, expert_in=expert_in, known=known),
    )


def counted(text: str, language: Language) -> Counts:
    """Return the counts of a text; all 0 for an empty one."""
    found = [span.of(text) for span in words(text)]
    by_word = [syllables(word, language) for word in found]
    return Counts(
        words=len(found),
        sentences=len(sentences(text, language)),
        syllables=sum(by_word),
        three_plus=sum(n >= _MANY_SYLLABLES for n in by_word),
        long=sum(sum(c.isalpha() for c in word) > _LONG_LETTERS for word in found),
        one=sum(n == 1 for n in by_word),
    )


def scores(counts: Counts, language: Language) -> dict[str, float]:
    """Return the scores of a text that has at least one word; see the formulas above.

    WSTF and FK are school years (4..15); Amstad and FRE run from 0 (hard) to about 100 (easy); LIX
    from about 20 (easy) to 60 (hard).
    """
    assert counts.words, "there is nothing to score without words"
    ms = 100 * counts.three_plus / counts.words
    sl = counts.words / counts.sentences
    iw = 100 * counts.long / counts.words
    es = 100 * counts.one / counts.words
    per_word = counts.syllables / counts.words
    lix = sl + iw
    if language == "en":
        return {
            "fre": 206.835 - 1.015 * sl - 84.6 * per_word,
            "fk": 0.39 * sl + 11.8 * per_word - 15.59,
            "lix": lix,
        }
    return {
        "wstf1": 0.1935 * ms + 0.1672 * sl + 0.1297 * iw - 0.0327 * es - 0.875,
        "wstf2": 0.2007 * ms + 0.1682 * sl + 0.1373 * iw - 2.779,
        "wstf3": 0.2963 * ms + 0.1905 * sl - 1.1144,
        "wstf4": 0.2744 * ms + 0.2656 * sl - 1.693,
        "amstad": 180 - sl - 58.5 * per_word,
        "lix": lix,
    }
