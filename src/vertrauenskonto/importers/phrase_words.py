"""How words are looked for in pasted text: without case, with or without umlauts, in linear time.

Patterns are written with umlauts and also find "ue", "ss" and letters with separate marks, since
people type so; they hold no repetition inside a repetition, so that no text makes them slow.
"""

import re

_SPELLINGS = {
    "ä": "(?:ä|ae|a\u0308)",
    "ö": "(?:ö|oe|o\u0308)",
    "ü": "(?:ü|ue|u\u0308)",
    "ß": "(?:ß|ss)",
    "'": "['’`´]",
}
_SPELT = str.maketrans(_SPELLINGS)
_PLAIN = (
    ("ae", "ä"),
    ("oe", "ö"),
    ("ue", "ü"),
    ("a\u0308", "ä"),
    ("o\u0308", "ö"),
    ("u\u0308", "ü"),
)


def pattern(source: str) -> re.Pattern[str]:
    """Return the pattern as it is searched; a single blank stands for any white space of a line."""
    return re.compile(
        source.translate(_SPELT).replace(" ", r"(?:[ \t\xa0\n]{1,3})"), re.IGNORECASE | re.DOTALL
    )


def umlauts(word: str) -> str:
    """Return a word in small letters with its umlauts as letters: "Maerz" becomes "märz"."""
    small = word.lower()
    for written, letter in _PLAIN:
        small = small.replace(written, letter)
    return small
