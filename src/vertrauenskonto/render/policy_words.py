"""The rules of a policy in everybody's words: what each is called, what it does, in which unit.

The reference page for files explains the keys; here nobody sees a key.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from vertrauenskonto.core.errors import NO_TEXT, Language, Text
from vertrauenskonto.core.ledger.decay import weight
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, Kind
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_diff import Change
from vertrauenskonto.core.ledger.policy_file.admissible import NEVER, Path
from vertrauenskonto.core.ledger.policy_file.parameters import parameter_values
from vertrauenskonto.render.numbers import MINUS, number
from vertrauenskonto.render.policy_terms import (
    KIND_WORDS,
    NEVER_WORD,
    SECTIONS,
    TERMS,
    UNITS,
    Section,
    Term,
)
from vertrauenskonto.render.words import DIMENSION_LABELS


def plain_number(value: float, language: Language) -> str:
    """Return a number with the digits it has: `12,5`, `180`, `−40`."""
    text = f"{round(value, 6):f}".rstrip("0").rstrip(".") or "0"
    text = text.replace("-", MINUS) if text != "-0" else "0"
    return text.replace(".", ",") if language == "de" else text


def typed(term: Term, value: object, language: Language) -> str:
    """Return a value as somebody would type it into the field of its rule; "" for none."""
    if value is None:
        return ""
    if value == NEVER:
        return NEVER_WORD.in_language(language)
    assert isinstance(value, int | float), "every rule is a number, or never"
    return plain_number(100 * value if term.unit == "percent" else value, language)


def told(term: Term, value: object, language: Language) -> str:
    """Return a value with its unit, for reading; `never` and "not stated" in words."""
    if value is None:
        return Text("nicht angegeben", "not stated").in_language(language)
    if value == NEVER:
        return NEVER_WORD.in_language(language)
    unit = UNITS[term.unit].in_language(language)
    gap = "" if (term.unit, language) == ("percent", "en") else "\u00a0"
    return f"{typed(term, value, language)}{gap}{unit}"


def rules_told(policy: Policy, language: Language) -> list[tuple[Section, list[tuple[Term, str]]]]:
    """Return every rule of a policy with its value in words, by section."""
    values = parameter_values(policy.parameters, policy.booking)

    def shown(term: Term) -> str:
        value = values[term.path]
        is_never = value is None and "half_life" in ".".join(term.path)
        return told(term, NEVER if is_never else value, language)

    return [(s, [(term, shown(term)) for term in s.terms]) for s in SECTIONS]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindGroup:
    """Kinds of one sort, for reading."""

    title: Text
    about: Text
    kinds: tuple[Kind, ...]


_GROUPS: tuple[tuple[str, Text, Text], ...] = (
    (
        "promises",
        Text("Zusagen und Termine", "Promises and appointments"),
        Text("Wer früh Bescheid gibt, verliert weniger.", "Telling early costs less."),
    ),
    (
        "honesty",
        Text("Brüche der Ehrlichkeit", "Breaches of honesty"),
        Text(
            "Solange einer besteht, ist Wollen „nein“, wie hoch der Kontostand auch ist.",
            "As long as one stands, Willing is 'no', however high the balance.",
        ),
    ),
    ("earns", Text("Was Vertrauen bringt", "What earns trust"), NO_TEXT),
    ("costs", Text("Was Vertrauen kostet", "What costs trust"), NO_TEXT),
    (
        "plain",
        Text("Kontakte ohne Punkte", "Contacts without points"),
        Text(
            "Weder Einzahlung noch Abhebung, aber die Stille ist vorbei.",
            "Neither deposit nor withdrawal, but the silence is over.",
        ),
    ),
)


def kind_groups(policy: Policy) -> list[KindGroup]:
    """Return the catalogue by what the kinds are about; twins for first contacts are left out."""
    by_group: dict[str, list[Kind]] = {name: [] for name, _, _ in _GROUPS}
    for kind in policy.kinds.values():
        if not kind.name.startswith(FIRST_CONTACT_PREFIX):
            by_group[_group(kind)].append(kind)
    return [
        KindGroup(title=title, about=about, kinds=tuple(by_group[name]))
        for name, title, about in _GROUPS
        if by_group[name]
    ]


def _group(kind: Kind) -> str:
    if kind.honesty:
        return "honesty"
    if kind.name.startswith(("promise_", "appointment_")):
        return "promises"
    if not kind.postings:
        return "plain"
    return "earns" if kind.total >= 0 else "costs"


def example(kind: Kind, policy: Policy, language: Language) -> str:
    """Return what one event of a kind does to an account, on its day and a year later; "" nothing."""
    if not kind.postings:
        return ""
    left = 0.0
    for posting in kind.postings:
        halves = policy.parameters.half_life_days[posting.dimension]
        half_life = halves.deposits if posting.points > 0 else halves.withdrawals
        left += posting.points * weight(365, half_life)
    return Text(
        f"Einmal: {number(kind.total, 'de', signed=True)}; nach einem Jahr noch "
        f"{number(left, 'de', signed=True)}.",
        f"Once: {number(kind.total, 'en', signed=True)}; after a year still "
        f"{number(left, 'en', signed=True)}.",
    ).in_language(language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One difference of two policies in words; `old` or `new` "" where something came or went."""

    what: str
    old: str
    new: str


def changes_told(
    changes: Iterable[Change], policies: tuple[Policy, Policy], language: Language
) -> list[Told]:
    """Return differences of `policies` (old, new) without a key in sight."""
    return [_told(change, policies, language) for change in changes]


def _told(change: Change, policies: tuple[Policy, Policy], language: Language) -> Told:
    path = tuple(change.key.split("."))
    return Told(
        what=": ".join(_named(path, policies, language)),
        old=_value(path, change.old, language),
        new=_value(path, change.new, language),
    )


def _named(path: Path, policies: tuple[Policy, Policy], language: Language) -> Iterator[str]:
    if path[0] == "segments":
        segments = [s for p in reversed(policies) for s in p.segments if s.name == path[1]]
        label = segments[0].label.in_language(language) if segments else path[1]
        yield Text(f"Gruppe {label}", f"Segment {label}").in_language(language)
        if len(path) > 2:
            yield from _named(path[2:], policies, language)
    elif path[0] == "kinds":
        kinds = [p.kinds[path[1]] for p in reversed(policies) if path[1] in p.kinds]
        yield kinds[0].label.in_language(language) if kinds else path[1]
        if len(path) > 2:
            yield KIND_WORDS[path[2]].in_language(language)
    elif path in TERMS:
        section = next(s for s in SECTIONS if TERMS[path] in s.terms)
        yield section.title.in_language(language)
        yield TERMS[path].label.in_language(language)
    else:
        yield ".".join(path)


def _value(path: Path, text: str | None, language: Language) -> str:
    """Return a value as `policy_diff` writes it, in words."""
    if text is None:
        return ""
    if path[0] == "segments" and len(path) > 2:
        path = path[2:]
    if text in ("true", "false"):
        return (Text("ja", "yes") if text == "true" else Text("nein", "no")).in_language(language)
    if path in TERMS:
        bare = text.strip('"')
        return told(TERMS[path], bare if bare == NEVER else float(text), language)
    if path[0] == "kinds" and len(path) == 2:
        parts = text.replace("-", MINUS)
        for d in DIMENSIONS:
            parts = re.sub(rf"\b{d}\b", DIMENSION_LABELS[d].in_language(language), parts)
        return parts.replace(".", ",") if language == "de" else parts
    if path[0] == "kinds" and path[-1] in DIMENSIONS:
        return plain_number(float(text), language)
    return text.strip('"')
