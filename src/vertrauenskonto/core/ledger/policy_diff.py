"""What differs between two policies, key by key, so that a person can approve a new version."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.admissible import Path
from vertrauenskonto.core.ledger.policy_file.codec import policy_to_dict
from vertrauenskonto.core.ledger.policy_file.parameters import DIMENSION_LABELS, PARAMETER_FIELDS
from vertrauenskonto.core.ledger.policy_file.report import shown
from vertrauenskonto.core.ledger.policy_file.schema import KIND_FIELDS

_MEANINGS = {f.path: f.meaning for f in PARAMETER_FIELDS}
_KIND_MEANINGS = {**{f.key: f.meaning for f in KIND_FIELDS}, **DIMENSION_LABELS}
# Tables whose entries come and go as a whole.
_NAMED_TABLES = ("kinds", "segments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference. `old` and `new` as they stand in a policy file; None: not there.

    `key` is dotted; a kind or segment that is new or gone is one change (`kinds.NAME`).
    """

    key: str
    old: str | None
    new: str | None
    text: Text


def policy_diff(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Return every difference between two policies, in the order of a policy file.

    Name, version, first day and title are not compared: they tell two versions apart anyway. Twins
    for first contacts follow from their kinds and are not listed.
    """
    before, after = _leaves(old), _leaves(new)
    return tuple(
        Change(
            key=".".join(path),
            old=before.get(path),
            new=after.get(path),
            text=_text(path, before.get(path), after.get(path), (new, old)),
        )
        for path in _in_file_order(before, after)
        if before.get(path) != after.get(path) and not _within_new_or_gone(path, before, after)
    )


def _leaves(policy: Policy) -> dict[Path, str]:
    """Return every value by path, and each kind and segment as a whole under its own path."""
    raw = policy_to_dict(policy)
    del raw["policy"]
    found: dict[Path, str] = {}
    for section, table in raw.items():
        for name, value in table.items():
            if section == "kinds":
                found["kinds", name] = _summary(policy.kinds[name])
                # No points on a dimension are 0 points there, so that 0 → 5 shows as a change.
                found |= {("kinds", name, d): "0" for d in DIMENSIONS}
            elif section == "segments":
                found["segments", name] = shown(value["label_en"])
            found.update(_below((section, name), value))
    return found


def _below(path: Path, value: Any) -> Iterator[tuple[Path, str]]:  # a table or any TOML value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _below((*path, key), inner)
    else:
        yield path, shown(value)


def _summary(kind: Kind) -> str:
    points = ", ".join(f"{d} {p:+g}" for d, p in kind.points.items())
    return points or "0"


def _in_file_order(before: Mapping[Path, str], after: Mapping[Path, str]) -> list[Path]:
    """Return all paths: those of the new policy in its order, then what is gone."""
    return [*after, *(path for path in before if path not in after)]


def _within_new_or_gone(path: Path, before: Mapping[Path, str], after: Mapping[Path, str]) -> bool:
    if path[0] not in _NAMED_TABLES:
        return False
    stays = path[:2] in before and path[:2] in after
    # The summary of a kind that stays would repeat the change of its points.
    return stays if len(path) == 2 else not stays


def _text(path: Path, old: str | None, new: str | None, policies: tuple[Policy, Policy]) -> Text:
    what = _what(path, policies)
    if old is None:
        return Text(f"{what.de}: neu, {new}", f"{what.en}: new, {new}")
    if new is None:
        return Text(f"{what.de}: entfällt (bisher {old})", f"{what.en}: removed (was {old})")
    return Text(f"{what.de}: {old} → {new}", f"{what.en}: {old} → {new}")


def _what(path: Path, policies: tuple[Policy, Policy]) -> Text:
    """Return the key in words: the kind by its label, the parameter by its meaning."""
    if path[0] == "kinds":
        kind = next(p.kinds[path[1]] for p in policies if path[1] in p.kinds)
        more = _KIND_MEANINGS[path[2]] if len(path) > 2 else None
        return _joined(
            Text(f"{kind.label.de} ({kind.name})", f"{kind.label.en} ({kind.name})"), more
        )
    if path[0] == "segments":
        segment = next(s for p in policies for s in p.segments if s.name == path[1])
        label = Text(
            f"Gruppe {segment.label.de} ({segment.name})",
            f"Segment {segment.label.en} ({segment.name})",
        )
        inner = path[2:]
        if len(inner) > 1:
            return _joined(label, _what(inner, policies))
        return _joined(label, Text(inner[0], inner[0]) if inner else None)
    if path[0] == "columns":
        return Text(f"Spalte {path[1]}", f"Column {path[1]}")
    meaning = _MEANINGS[path]
    key = ".".join(path)
    return Text(f"{key} ({meaning.de})", f"{key} ({meaning.en})")


def _joined(first: Text, second: Text | None) -> Text:
    if second is None:
        return first
    return Text(f"{first.de}, {second.de}", f"{first.en}, {second.en}")
