"""Words and sentences of a text, with their places; abbreviations do not end a sentence."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from vertrauenskonto.core.errors import Language


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A place in a text: characters `[start, end)`."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return what stands there."""
        return text[self.start : self.end]


# A word holds at least one letter; "E-Mail" and "don't" are one, "24" is none.
_WORD = re.compile(r"[^\W_]*[^\W\d_][^\W_]*(?:['’\-][^\W_]+)*")

# Without the last dot, in small letters. After those of `_MAY_END` a sentence may begin; those of
# `_BEFORE_NUMBERS` are words, too, and shorten something only where a number follows.
_GERMAN = """
    abb abt adr allg anl anm aufl bd bes bez bspw bzgl bzw ca d.h dipl dr ehem einschl entspr etc evtl
    exkl fam ff frl geb gem ges ggf hr hrsg i.a i.d.r i.v ing inkl insb insbes jan feb apr jun jul aug
    sep sept okt nov dez kfm lfd lt mind mio mrd mtl mwst nr o.g o.ä pos prof rd sog st std str svw
    tel tsd u.a u.ä usw vgl vorm z.b z.t z.zt zb zzgl zzt
"""
_ENGLISH = """
    a.m approx apt assoc attn ave capt cf co corp dept dr e.g eg esp etc gen gov i.e ie inc inst jan
    feb apr jun jul aug sep sept oct nov dec jr lt ltd messrs mr mrs ms mt p.m prof rev sr st tel viz
    vs
"""
_ABBREVIATIONS = {"de": frozenset(_GERMAN.split()), "en": frozenset(_ENGLISH.split())}
_BEFORE_NUMBERS = frozenset({"abs", "art", "fig", "no", "nos", "pp", "vol", "ziff"})
_MAY_END = frozenset({"usw", "etc", "a.m", "p.m", "jr", "sr", "inc", "ltd", "co", "corp"})
_MONTHS = re.compile(r"(?:jan|feb|mär|apr|mai|jun|jul|aug|sep|okt|nov|dez)\w*", re.IGNORECASE)
# What stands before an ordinal: "am 3. Termin".
_ARTICLES = "am im zum vom beim der die das den dem des ab bis seit vor und oder jeder jede jedes"
_BEFORE_ORDINALS = frozenset(_ARTICLES.split())
_END = re.compile(r"[.!?…]+[\"'»«“”’)\]]*(?=\s|$)|\n\s*\n|\n(?=\s*(?:[-*•–]|\d+[.)])\s)")
_LAST_TOKEN = re.compile(r"[^\s(\[\"„“»«]+$")


def words(text: str) -> list[Span]:
    """Return the places of the words, in order."""
    return [Span(*match.span()) for match in _WORD.finditer(text)]


def sentences(text: str, language: Language) -> list[Span]:
    """Return the places of the sentences that hold a word, in order.

    A full stop ends one, unless it belongs to an abbreviation ("z. B.", "Dr."), an initial or an
    ordinal ("am 3. Mai"), or a small letter follows. An empty line and an item of a list end one too.
    """
    found, start = [], 0
    for end in [*_ends(text, language), len(text)]:
        part = text[start:end]
        if _WORD.search(part):
            left = start + len(part) - len(part.lstrip())
            found.append(Span(left, start + len(part.rstrip())))
        start = end
    return found


def _ends(text: str, language: Language) -> Iterator[int]:
    for match in _END.finditer(text):
        after = text[match.end() :].lstrip()[:20]
        mark = match.group().strip()
        if mark and after[:1].islower():
            continue
        if mark == "." and not _is_full_stop(text[: match.start()], after, language):
            continue
        yield match.end()


def _is_full_stop(before: str, after: str, language: Language) -> bool:
    match = _LAST_TOKEN.search(before[-40:])
    token = match.group().lower() if match else ""
    if not token or not after:
        return True
    if token in _ABBREVIATIONS[language]:
        return token in _MAY_END
    if token in _BEFORE_NUMBERS and after[0].isdigit():
        return False
    if len(token) == 1 and token.isalpha():
        return False
    if not token.isdigit():
        return True
    line = before.rpartition("\n")[2].split()
    if len(line) == 1:
        # "1. Rechnung": an item of a list.
        return False
    return not (language == "de" and len(token) <= 2 and _is_ordinal(line[-2], after))


def _is_ordinal(word_before: str, after: str) -> bool:
    return (
        bool(_MONTHS.match(after)) or word_before.lower() in _BEFORE_ORDINALS or after[0].isdigit()
    )
