"""Policies as plain dicts, the form of a policy file; every mistake is explained, all at once.

Reading never stops at the first mistake: what is wrong is collected as problems that name file,
line, key, value and cure, so that a policy is repaired in one go.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from vertrauenskonto.core.errors import Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import (
    FIRST_CONTACT_PREFIX,
    PROMISE_LADDER,
    Kind,
    base_kind,
    first_contact_twin,
)
from vertrauenskonto.core.ledger.policy import Parameters, Policy, Segment
from vertrauenskonto.core.ledger.policy_guard import (
    goal_problem,
    goal_word,
    goal_word_inside,
    outcome_problem,
)
from vertrauenskonto.core.ledger.policy_schema import (
    KIND_FIELDS,
    NAME,
    NAME_PATTERN,
    NEVER,
    PARAMETER_FIELDS,
    POLICY_FIELDS,
    ROLE,
    SEGMENT_FIELDS,
    SEGMENT_SECTIONS,
    Field,
    Path,
    booking_from,
    parameter_values,
    parameters_from,
)

# A tree read from TOML: texts, numbers, flags, days, lists and tables, whatever somebody wrote.
Tree = Mapping[str, Any]

_SECTIONS = ("policy", *dict.fromkeys(f.path[0] for f in PARAMETER_FIELDS), "columns", "kinds")
_TABLES = (*_SECTIONS, "segments")
_PARAMETERS = {f.path: f for f in PARAMETER_FIELDS}
_SEGMENT_PARAMETERS = {p: f for p, f in _PARAMETERS.items() if p[0] in SEGMENT_SECTIONS}
_HALF_LIFE_PATHS = {p for p in _PARAMETERS if p[0] == "half_life_days" or p[-1] == "half_life_days"}


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
        lines: the line of each key and table, as far as known; a problem at a key that is missing
            shows the line of its table.
    """
    report = _Report(file=file, lines=lines or {})
    _check_tables(raw, report)
    head = _read_fields(raw.get("policy", {}), POLICY_FIELDS, ("policy",), report)
    values = _DEFAULT_VALUES | _read_parameters(raw, _PARAMETERS, (), report)
    _check_silence(values, (), report)
    kinds = _read_kinds(raw.get("kinds", {}), report)
    _check_ladder(kinds, (), report)
    columns = _read_columns(raw.get("columns", {}), report)
    segments = _read_segments(raw, values, columns, report)
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
        segments=tuple(segments),
        columns=columns,
    )
    return DecodedPolicy(policy=policy, problems=problems)


def extended(base: Tree, own: Tree) -> dict[str, Any]:
    """Return `own` completed by `base`: a key of `own` wins, tables are joined key by key.

    What names the version (the table `policy`) is never inherited.
    """
    return _joined({k: v for k, v in base.items() if k != "policy"}, own)


def policy_to_dict(policy: Policy) -> dict[str, Any]:
    """Return the policy as the tables of a policy file, complete, with every default written out.

    `decoded_policy` of it gives the policy again.
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
    values = parameter_values(policy.parameters, policy.booking)
    for path, value in values.items():
        _put(raw, path, value)
    if policy.columns:
        raw["columns"] = dict(policy.columns)
    raw["kinds"] = _kinds_to_dict(policy.kinds)
    for segment in policy.segments:
        raw.setdefault("segments", {})[segment.name] = _segment_to_dict(segment, policy)
    return raw


# --- collecting problems ---------------------------------------------------------------------


@dataclass(slots=True)
class _Report:
    """Problems found so far; knows the file and its lines."""

    file: str
    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, problem: Problem) -> None:
        line = next((n for k in range(len(path), 0, -1) if (n := self.lines.get(path[:k]))), None)
        self.problems.append(
            replace(problem, file=self.file, line=line, field=problem.field or ".".join(path))
        )

    def error(self, code: str, path: Path, text: Text) -> None:
        self.add(path, Problem(code=code, text=text))

    def note(self, code: str, path: Path, text: Text) -> None:
        self.add(path, Problem(code=code, text=text, severity="note"))

    def refuse_goal(self, path: Path, word: str) -> None:
        self.add(path, goal_problem(word, field=".".join(path)))

    def unknown(self, path: Path, value: object, known: Iterable[str]) -> None:
        """Report a key that does not exist; one that reads revenue gets the goal guard instead."""
        word = goal_word(path[-1]) or goal_word_inside(value)
        if word:
            self.refuse_goal(path, word)
            return
        names = list(known)
        near, listed = did_you_mean(path[-1], names), ", ".join(names)
        self.error(
            "unknown_key",
            path,
            Text(
                de=f"„{path[-1]}“ gibt es hier nicht."
                + (near.de or f" Erlaubt sind {listed}; sonst streichen Sie die Zeile."),
                en=f"'{path[-1]}' does not exist here."
                + (near.en or f" Use one of {listed}, or remove the line."),
            ),
        )

    def no_dimension(self, path: Path) -> None:
        near = did_you_mean(path[-1], DIMENSIONS)
        self.error(
            "dimension",
            path,
            Text(
                de=f"„{path[-1]}“ ist keine Dimension; erlaubt sind {', '.join(DIMENSIONS)}."
                + near.de,
                en=f"'{path[-1]}' is no dimension; use {', '.join(DIMENSIONS)}." + near.en,
            ),
        )


# --- reading -----------------------------------------------------------------------------------


def _check_tables(raw: Tree, report: _Report) -> None:
    for name, value in raw.items():
        if name not in _TABLES:
            report.unknown((name,), value, _TABLES)
    if "kinds" not in raw:
        report.error(
            "no_kinds",
            ("kinds",),
            Text(
                de="Das Regelwerk hat keine Buchungsarten. Schreiben Sie [kinds.NAME], oder "
                'übernehmen Sie die mitgelieferten mit extends = "default" unter [policy].',
                en="The policy has no kinds. Write [kinds.NAME], or take the shipped ones with "
                'extends = "default" under [policy].',
            ),
        )


def _table(value: object, path: Path, report: _Report) -> Tree:
    """Return `value` if it is a table; otherwise report it and return an empty one."""
    if isinstance(value, Mapping):
        return value
    dotted = ".".join(path)
    report.error(
        "not_a_table",
        path,
        Text(
            de=f"{dotted} = {shown(value)}: nötig ist ein Abschnitt [{dotted}].",
            en=f"{dotted} = {shown(value)}: a section [{dotted}] is needed.",
        ),
    )
    return {}


def _read_fields(
    raw: object, fields: Iterable[Field], at: Path, report: _Report
) -> dict[str, Any]:
    """Return the values of one table by key, defaults filled in; report the rest."""
    table = _table(raw, at, report)
    known = {f.path[0]: f for f in fields}
    for key in table.keys() - known.keys():
        is_points = known.keys() >= set(DIMENSIONS) and _is_number(table[key])
        near = did_you_mean(key, known)
        if is_points and not goal_word(key) and (not near.en or did_you_mean(key, DIMENSIONS).en):
            report.no_dimension((*at, key))
        else:
            report.unknown((*at, key), table[key], known)
    values = {}
    for key, one in known.items():
        if key in table:
            values[key] = _read(table[key], one, (*at, key), report)
        elif one.required:
            _missing(one, (*at, key), report)
        else:
            values[key] = one.default
    return values


def _read(value: object, one: Field, path: Path, report: _Report) -> Any:
    """Return the value as the field's rule reads it; the default, and a problem, if it cannot."""
    try:
        return one.rule.read(value)
    except ValueError as error:
        word = goal_word_inside(value) if one in PARAMETER_FIELDS else None
        if word:
            report.refuse_goal(path, word)
            return one.default
        more = error.args[0] if error.args and isinstance(error.args[0], Text) else None
        dotted = ".".join(path)
        report.error(
            "value",
            path,
            Text(
                de=f"{dotted} = {shown(value)}: "
                + (more.de if more else f"nötig ist {one.rule.allowed.de}."),
                en=f"{dotted} = {shown(value)}: "
                + (more.en if more else f"must be {one.rule.allowed.en}."),
            ),
        )
        return one.default


def _missing(one: Field, path: Path, report: _Report) -> None:
    report.error(
        "missing",
        path,
        Text(
            de=f"{path[-1]} fehlt in [{'.'.join(path[:-1])}] ({one.meaning.de}); "
            f"nötig ist {one.rule.allowed.de}.",
            en=f"{path[-1]} is missing in [{'.'.join(path[:-1])}] ({one.meaning.en}); "
            f"it must be {one.rule.allowed.en}.",
        ),
    )


def _read_parameters(
    raw: Tree, fields: Mapping[Path, Field], at: Path, report: _Report
) -> dict[Path, Any]:
    """Return the parameters stated in `raw` by path; report keys that do not exist."""
    values: dict[Path, Any] = {}
    for section in dict.fromkeys(path[0] for path in fields):
        if section in raw:
            _read_section(raw[section], (section,), fields, at, values, report)
    return values
