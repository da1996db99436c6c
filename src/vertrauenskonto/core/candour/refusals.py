"""Noes in force: until when one holds, and which promise may run against it."""

from datetime import date

from vertrauenskonto.core.text.words import words as word_spans

# How much of what was refused a promise must name; below, too much of it is chance.
_SHARED_MIN = 0.5
_STEM, _WORD_MIN = 6, 4


def holds(on: date, until: date | None, *, day: date) -> bool:
    """Tell whether a no is in force on a day."""
    return on <= day and (until is None or day <= until)


def runs_against(refused: str, refused_capability: str, wording: str, capability: str) -> bool:
    """Tell whether a promise may be what was refused: it draws on the same, or names half of it.

    Words count from four letters on, alike in their first six letters, also inside a compound
    ("Samstag" in "Samstagslieferung"). It errs on the side of asking: a person decides.
    """
    if capability and capability.casefold() == refused_capability.casefold():
        return True
    few, many = sorted((_content(refused), _content(wording)), key=len)
    shared = sum(any(_alike(one, other) for other in many) for one in few)
    return bool(few) and shared >= _SHARED_MIN * len(few)


# What every promise says, so it tells nothing of what is promised.
_EMPTY_WORDS = frozenset(
    [
        "aber",
        "alle",
        "also",
        "auch",
        "beim",
        "bitte",
        "danach",
        "dass",
        "dein",
        "denn",
        "diese",
        "diesem",
        "diesen",
        "dieser",
        "dieses",
        "doch",
        "eine",
        "einem",
        "einen",
        "einer",
        "eines",
        "euch",
        "haben",
        "hier",
        "ihnen",
        "ihre",
        "ihrem",
        "ihren",
        "ihrer",
        "immer",
        "jede",
        "jedem",
        "jeden",
        "jeder",
        "kann",
        "kein",
        "keine",
        "keinen",
        "kommen",
        "können",
        "machen",
        "mehr",
        "melden",
        "mich",
        "müssen",
        "nach",
        "nicht",
        "noch",
        "ohne",
        "schicken",
        "sein",
        "seine",
        "senden",
        "sich",
        "sind",
        "über",
        "unser",
        "unsere",
        "unserem",
        "unseren",
        "unter",
        "vorher",
        "werden",
        "wird",
        "wenn",
        "wieder",
        "about",
        "after",
        "again",
        "before",
        "call",
        "come",
        "from",
        "have",
        "into",
        "make",
        "more",
        "must",
        "need",
        "only",
        "our",
        "over",
        "please",
        "promise",
        "send",
        "shall",
        "should",
        "that",
        "their",
        "them",
        "then",
        "they",
        "this",
        "under",
        "until",
        "very",
        "want",
        "what",
        "when",
        "will",
        "with",
        "within",
        "without",
        "your",
    ]
)


def _content(text: str) -> frozenset[str]:
    found = (span.of(text).casefold() for span in word_spans(text))
    return frozenset(w for w in found if len(w) >= _WORD_MIN and w not in _EMPTY_WORDS)


def _alike(one: str, other: str) -> bool:
    return one[:_STEM] in other or other[:_STEM] in one
