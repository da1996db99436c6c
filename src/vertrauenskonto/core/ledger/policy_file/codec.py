"""Policies as plain dicts, the form of a policy file; every mistake is explained, all at once.

Reading never stops at the first mistake: what is wrong is collected as problems that name file,
line, key, value and cure, so that a policy is repaired in one go.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, Kind, first_contact_twin
from vertrauenskonto.core.ledger.policy import BookingRules, Parameters, Policy, Segment
from vertrauenskonto.core.ledger.policy_file.admissible import HALF_LIFE, NEVER, Path
from vertrauenskonto.core.ledger.policy_file.parameters import (
    PARAMETER_FIELDS,
    booking_from,
    parameter_values,
    parameters_from,
)
from vertrauenskonto.core.ledger.policy_file.report import Report, Tree
from vertrauenskonto.core.ledger.policy_file.rules import (
    check_kind_name,
    check_silence,
    check_twin_points,
    note_ladder,
)
from vertrauenskonto.core.ledger.policy_file.schema import KIND_FIELDS, POLICY_FIELDS
from vertrauenskonto.core.ledger.policy_file.segments import General, read_columns, read_segments

_PARAMETERS = {f.path: f for f in PARAMETER_FIELDS}
_SECTIONS = tuple(dict.fromkeys(path[0] for path in _PARAMETERS))
_TABLES = ("policy", *_SECTIONS, "columns", "kinds", "segments")
_HEAD = {f.key: f for f in POLICY_FIELDS}
_KIND = {f.key: f for f in KIND_FIELDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedPolicy:
    """What a policy file says: the policy, None if there are errors, and all problems."""

    policy: Policy | None
    problems: tuple[Problem, ...]


def decoded_policy(
    raw: Tree, *, file: str = "", lines: Mapping[Path, int] | None = None
) -> DecodedPolicy:
    """Return the policy written in `raw`, or everything that is wrong with it.

    Args:
        raw: the tables of a policy file, already joined with the policy it extends (`extended`).
        file: its name, for the problems.
        lines: the line of each key and table, as far as known; a problem with a key that has none
            shows the line of its table.
    """
    report = Report(file=file, lines=lines or {})
    _check_tables(raw, report)
    head = _head(raw.get("policy", {}), report)
    values: dict[Path, Any] = parameter_values(Parameters(), BookingRules())
    values |= report.parameters(raw, _PARAMETERS, ())
    check_silence(values, (), report)
    written = report.table(raw.get("kinds", {}), ("kinds",)) or {}
    kinds = _kinds(written, report)
    note_ladder(kinds, ("kinds",), report)
    columns = read_columns(raw.get("columns", {}), report)
    general = General(values=values, kinds=kinds, written=written, columns=columns)
    segments = read_segments(raw.get("segments", {}), general, report)
    problems = tuple(report.problems)
    if any(p.severity == "error" for p in problems):
        return DecodedPolicy(policy=None, problems=problems)
    policy = Policy(
        name=head["name"],
        version=head["version"],
        valid_from=head["valid_from"],
        title=Text(head["title_de"], head["title_en"]),
        parameters=parameters_from(values),
        kinds=kinds,
        booking=booking_from(values),
        segments=segments,
        columns=columns,
    )
    return DecodedPolicy(policy=policy, problems=problems)


def extended(base: Tree, own: Tree) -> dict[str, Any]:
    """Return `own` completed by `base`: a key of `own` wins, tables are joined key by key.

    What names the version (the table `policy`) is never inherited.
    """
    return _joined({key: value for key, value in base.items() if key != "policy"}, own)


def _joined(base: Tree, own: Tree) -> dict[str, Any]:
    both = dict(base)
    for key, value in own.items():
        below = both.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            both[key] = _joined(below, value)
        else:
            both[key] = value
    return both


# --- sections --------------------------------------------------------------------------------


def _check_tables(raw: Tree, report: Report) -> None:
    for name, value in raw.items():
        if name not in _TABLES:
            report.unknown((name,), value, _TABLES)
    if not raw.get("kinds"):
        text = Text(
            de="Das Regelwerk hat keine Buchungsarten. Schreiben Sie [kinds.NAME], oder "
            'übernehmen Sie die mitgelieferten mit extends = "default" unter [policy].',
            en="The policy has no kinds. Write [kinds.NAME], or take the shipped ones with "
            'extends = "default" under [policy].',
        )
        report.error("no_kinds", ("kinds",), text)


# Any: whatever the field holds.
def _head(raw: object, report: Report) -> dict[str, Any]:
    table = report.table(raw, ("policy",))
    if table is None:
        return {}
    report.refuse_unknown(table, _HEAD, ("policy",))
    return report.fields(table, _HEAD, ("policy",))


# --- kinds -----------------------------------------------------------------------------------


def _kinds(raw: Tree, report: Report) -> dict[str, Kind]:
    kinds: dict[str, Kind] = {}
    for name, value in raw.items():
        path = ("kinds", name)
        check_kind_name(name, raw, report)
        table = report.table(value, path)
        if table is None:
            continue
        _check_kind_keys(table, path, report)
        read = report.fields(table, _KIND, path)
        kind = Kind(
            name=name,
            label=Text(read["label_de"] or "", read["label_en"] or ""),
            why=Text(read["why_de"] or "", read["why_en"] or ""),
            points={d: read[d] for d in DIMENSIONS if read[d]},
            contact=bool(read["contact"]),
            honesty=read["honesty"],
            purchasable=read["purchasable"],
        )
        kinds[name] = kind
        if read["first_contact"]:
            check_twin_points(kind, path, report)
            twin = first_contact_twin(kind)
            kinds[twin.name] = twin
    return kinds


def _check_kind_keys(table: Tree, path: Path, report: Report) -> None:
    for key, value in table.items():
        if key in _KIND:
            continue
        # A number on a kind is meant as points, so the key is meant as a dimension.
        if isinstance(value, int | float) and not isinstance(value, bool):
            report.no_dimension((*path, key), value)
        else:
            report.unknown((*path, key), value, _KIND)


# --- writing ---------------------------------------------------------------------------------


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """Return the policy as the tables of a policy file, complete, with every default written out.

    `decoded_policy` of it gives the policy again. A half-life of None is the word "never".
    """
    raw: dict[str, Any] = {
        "policy": {
            "name": policy.name,
            "version": policy.version,
            "valid_from": policy.valid_from,
            "title_de": policy.title.de,
            "title_en": policy.title.en,
        }
    }
    for path, value in parameter_values(policy.parameters, policy.booking).items():
        _put(raw, path, value)
    raw["columns"] = dict(policy.columns)
    raw["kinds"] = _kinds_to_dict(policy.kinds)
    raw["segments"] = {s.name: _segment_to_dict(s, policy) for s in policy.segments}
    return raw


def _put(raw: dict[str, Any], path: Path, value: object) -> None:
    if value is None and _PARAMETERS[path].rule is not HALF_LIFE:
        return
    *tables, key = path
    for table in tables:
        raw = raw.setdefault(table, {})
    raw[key] = NEVER if value is None else value


def _kinds_to_dict(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for name, kind in kinds.items():
        if _is_twin(name, kinds):
            continue
        raw[name] = {
            "label_de": kind.label.de,
            "label_en": kind.label.en,
            "why_de": kind.why.de,
            "why_en": kind.why.en,
            **kind.points,
            "contact": kind.contact,
            "honesty": kind.honesty,
            "purchasable": kind.purchasable,
            "first_contact": _is_twin(FIRST_CONTACT_PREFIX + name, kinds),
        }
    return raw


def _is_twin(name: str, kinds: Mapping[str, Kind]) -> bool:
    """Tell whether the kind is exactly the twin that its original makes."""
    original = kinds.get(name.removeprefix(FIRST_CONTACT_PREFIX))
    return (
        name.startswith(FIRST_CONTACT_PREFIX)
        and original is not None
        and kinds.get(name) == first_contact_twin(original)
    )


def _segment_to_dict(segment: Segment, policy: Policy) -> dict[str, Any]:
    raw: dict[str, Any] = {"label_de": segment.label.de, "label_en": segment.label.en}
    if segment.column:
        raw |= {"column": segment.column, "values": list(segment.values)}
    general = parameter_values(policy.parameters, policy.booking)
    for path, value in parameter_values(segment.parameters, policy.booking).items():
        if value != general[path]:
            _put(raw, path, value)
    for name, kind in segment.kinds.items():
        before = policy.kinds[name].points
        changed = {
            d: kind.points.get(d, 0.0)
            for d in DIMENSIONS
            if kind.points.get(d, 0.0) != before.get(d, 0.0)
        }
        if changed and not _is_twin(name, segment.kinds):
            raw.setdefault("kinds", {})[name] = changed
    return raw
