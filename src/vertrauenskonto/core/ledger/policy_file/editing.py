"""Changing a policy file key by key, and where two editors crossed.

A file is edited as the tables that it is, not as the policy it says: what somebody wrote stays, also
where it happens to say the same as the general rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.core.ledger.policy_file.admissible import Path
from vertrauenskonto.core.ledger.policy_file.report import Tree

# What to write under which key; None takes the key away.
Edits = Mapping[Path, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """One key that two people changed: what it was, what the other made of it, what is asked now.

    None: not there.
    """

    path: Path
    was: object
    theirs: object
    mine: object


class Crossed(Conflict):
    """Somebody else changed the same keys meanwhile; nothing was written.

    `taken` is what the other changed of that which this editor had left as it was. `revision` is
    the one to decide on, `editor` who saved it.
    """

    def __init__(
        self, crossings: tuple[Crossing, ...], *, taken: Edits, revision: int, editor: str
    ) -> None:
        super().__init__(
            Text(
                de="Jemand anderes hat inzwischen dieselben Angaben geändert. Sehen Sie nach, was "
                "gelten soll, und speichern Sie noch einmal.",
                en="Somebody else changed the same things meanwhile. Look at what should hold, "
                "and save once more.",
            )
        )
        self.crossings = crossings
        self.taken = taken
        self.revision = revision
        self.editor = editor


def value_at(tree: Tree, path: Path) -> object:
    """Return what stands at a path, a table or a value; None: nothing."""
    found: object = tree
    for key in path:
        if not isinstance(found, Mapping) or key not in found:
            return None
        found = found[key]
    return found


def edited(tree: Tree, edits: Edits) -> dict[str, Any]:
    """Return the tables with these changes; missing tables are made."""
    made = _copy(tree)
    for path, value in edits.items():
        *tables, key = path
        here = made
        for name in tables:
            here = here.setdefault(name, {})
        if value is None:
            here.pop(key, None)
        else:
            here[key] = value
    return made


def without_kind(tree: Tree, name: str) -> dict[str, Any]:
    """Return the tables without a kind, also where segments have points of their own for it."""
    made = _copy(tree)
    made.get("kinds", {}).pop(name, None)
    for segment in made.get("segments", {}).values():
        segment.get("kinds", {}).pop(name, None)
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Edits beside those of somebody else: `wanted` go in, `taken` are the other's, the rest cross."""

    wanted: Edits
    taken: Edits
    crossings: tuple[Crossing, ...]


def merged_edits(edits: Edits, *, base: Tree, now: Tree) -> Merged:
    """Return what becomes of edits of what was read as `base`, where by now stands `now`.

    What this editor left as it was stays as the other made it. A kind that the other retired
    crosses as a whole.
    """
    wanted: dict[Path, object] = {}
    taken: dict[Path, object] = {}
    crossings: list[Crossing] = []
    for path, mine in edits.items():
        was, theirs = value_at(base, path), value_at(now, path)
        is_gone = path[0] == "kinds" and len(path) > 2 and _left(base, now, path[:2])
        if was == theirs and not is_gone:
            wanted[path] = mine
        elif is_gone or mine not in (was, theirs):
            crossings.append(Crossing(path=path, was=was, theirs=theirs, mine=mine))
        else:
            taken[path] = theirs
    return Merged(wanted=wanted, taken=taken, crossings=tuple(crossings))


def _left(base: Tree, now: Tree, path: Path) -> bool:
    return value_at(base, path) is not None and value_at(now, path) is None


def _copy(tree: Tree) -> dict[str, Any]:
    return {key: _copy(v) if isinstance(v, Mapping) else v for key, v in tree.items()}
