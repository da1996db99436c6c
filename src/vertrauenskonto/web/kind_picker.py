"""The catalogue as a picker shows it: what she uses most first, then by what it does to an account."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, Kind
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db.matching import folded
from vertrauenskonto.render.numbers import number
from vertrauenskonto.render.words import DIMENSION_LABELS
from vertrauenskonto.web.templatetags.words import page_language, spoken

_USUAL_MAX = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A kind to choose: `points` in words, `total` as their sum."""

    kind: Kind
    points: str
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Some kinds under a heading; `is_rare`: shown on demand only."""

    name: Text
    choices: Sequence[Choice]
    is_rare: bool = False


def groups(policy: Policy, *, used: Sequence[str], text: str = "") -> Sequence[Group]:
    """Return the kinds of a policy that hold every word of `text`, in groups; empty ones are left out."""
    found = [k for k in policy.kinds.values() if _holds(k, folded(text).split())]
    first = [k for k in found if k.name.startswith(FIRST_CONTACT_PREFIX)]
    plain = _most_used_first((k for k in found if k not in first), used)
    usual = [] if text else [k for k in plain if k.name in used][:_USUAL_MAX]
    rest = [k for k in plain if k not in usual]
    made = (
        Group(name=Text("Was Sie oft buchen", "What you often book"), choices=_shown(usual)),
        Group(
            name=Text("Einzahlungen", "Deposits"),
            choices=_shown(k for k in rest if k.total > 0),
        ),
        Group(
            name=Text("Ohne Punkte in der Summe", "No points in total"),
            choices=_shown(k for k in rest if not k.total),
        ),
        Group(
            name=Text("Abhebungen", "Withdrawals"),
            choices=_shown(k for k in rest if k.total < 0),
        ),
        Group(
            name=Text(
                "Beim ersten Kontakt: Schaden zählt doppelt",
                "On a first contact: damage counts double",
            ),
            choices=_shown(first),
            is_rare=not text,
        ),
    )
    return [group for group in made if group.choices]


def deposits(policy: Policy, *, used: Sequence[str], text: str = "") -> Sequence[Group]:
    """Return the groups that hold only deposits, for making good a withdrawal."""
    found = groups(policy, used=used, text=text)
    kept = [
        Group(name=g.name, choices=[c for c in g.choices if c.total > 0])
        for g in found
        if not g.is_rare
    ]
    return [group for group in kept if group.choices]


def points_words(points: Iterable[tuple[str, float]]) -> str:
    """Return points per precondition in words: `Können +5,0, Einschätzen +2,0`."""
    given = dict(points)
    return ", ".join(
        f"{spoken(label)} {number(given[d], page_language(), signed=True)}"
        for d, label in DIMENSION_LABELS.items()
        if given.get(d)
    )


def _shown(kinds: Iterable[Kind]) -> Sequence[Choice]:
    return [
        Choice(kind=kind, points=points_words(kind.points.items()), total=kind.total)
        for kind in kinds
    ]


def _holds(kind: Kind, words: Collection[str]) -> bool:
    told = folded(f"{kind.label.de} {kind.label.en}")
    return all(word in told for word in words)


def _most_used_first(kinds: Iterable[Kind], used: Sequence[str]) -> list[Kind]:
    place = {name: number for number, name in enumerate(used)}
    return sorted(kinds, key=lambda kind: place.get(kind.name, len(place)))
