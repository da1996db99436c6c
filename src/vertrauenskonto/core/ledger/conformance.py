"""Conformance: histories with numbers that must come out, read from a plain structure.

The format holds `defaults`, `tolerance_abs` and `cases`; each case has `config_overrides`
(merged deeply into the defaults), `events`, `suspensions`, `expected` evaluations and, where given,
`expected_statements` and `expected_runway_days`. Any implementation can be held against it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.ledger.balance import (
    Valuation,
    retained_if_leaves,
    runway,
    valuation,
    velocity,
)
from vertrauenskonto.core.ledger.codec import entry_from_dict, suspension_from_dict
from vertrauenskonto.core.ledger.entries import DIMENSIONS, PERSON_PREFIX, Account
from vertrauenskonto.core.ledger.policy import (
    HalfLives,
    OpinionRules,
    Parameters,
    Policy,
    PolicyHistory,
    SilenceRules,
)
from vertrauenskonto.core.ledger.statement import Statement, statement

Number = float | int | bool | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One history, the policy it is valued by, and what must come out."""

    name: str
    account: Account
    policy: Policy
    evaluations: tuple[Mapping[str, Any], ...]
    statements: tuple[Mapping[str, Any], ...]
    runways: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One number that did not come out."""

    case: str
    where: str
    expected: Number
    found: Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """All cases of one file and the absolute tolerance for their numbers."""

    tolerance: float
    cases: tuple[Case, ...]


def suite(raw: Mapping[str, Any]) -> Suite:
    """Return the cases of a conformance file.

    Raises:
        Invalid: the structure is not that of a conformance file.
    """
    try:
        defaults = raw["defaults"]
        return Suite(
            tolerance=float(raw["tolerance_abs"]),
            cases=tuple(_case(case, defaults) for case in raw["cases"]),
        )
    except (KeyError, TypeError) as error:
        raise Invalid(
            Text(
                de=f"Keine Prüfdatei: {error} fehlt oder hat die falsche Form.",
                en=f"Not a conformance file: {error} is missing or of the wrong shape.",
            )
        ) from error


def check_core(case: Case, *, tolerance: float) -> list[Deviation]:
    """Run one case through the reference implementation and return what deviates."""
    found: list[Deviation] = []
    for expected in case.evaluations:
        as_of, known_at = _days(expected)
        got = valuation(
            case.account, case.policy, as_of=as_of, known_at=known_at, view=expected["view"]
        )
        actual = flat(got)
        if "velocity_per_30_days" in expected:
            actual["velocity_per_30_days"] = velocity(
                case.account, case.policy, as_of=as_of, known_at=known_at
            )
        if "total_retained_if_leaves" in expected:
            actual["total_retained_if_leaves"] = retained_if_leaves(
                case.account,
                case.policy,
                expected["view"].removeprefix(PERSON_PREFIX),
                as_of=as_of,
                known_at=known_at,
            )
        found += deviations(case.name, expected, actual, tolerance=tolerance)
    history = PolicyHistory((case.policy,))
    for expected in case.statements:
        got_statement = statement(
            case.account,
            history,
            after=date.fromisoformat(expected["from_exclusive"]),
            until=date.fromisoformat(expected["to_inclusive"]),
        )
        found += deviations(case.name, expected, flat_statement(got_statement), tolerance=tolerance)
    for expected in case.runways:
        as_of, known_at = _days(expected)
        days = runway(case.account, case.policy, as_of=as_of, known_at=known_at)
        actual = {"days_until_below_threshold": days}
        found += deviations(case.name, expected, actual, tolerance=tolerance)
    return found


def deviations(
    case: str, expected: Mapping[str, Any], found: Mapping[str, Number], *, tolerance: float
) -> list[Deviation]:
    """Return every number of `expected` that `found` does not match.

    `found` is flat, keyed `deposits.willing`; the keys that name the evaluation are not compared.
    A number that is expected but not found deviates.
    """
    wrong = []
    for path, wanted in _leaves(expected):
        if path in _COORDINATES:
            continue
        got = found.get(path)
        if not _agree(wanted, got, tolerance):
            where = " ".join(str(expected[k]) for k in _COORDINATES if expected.get(k) is not None)
            wrong.append(Deviation(case=case, where=f"{where} {path}", expected=wanted, found=got))
    return wrong


def flat(value: Valuation) -> dict[str, Number]:
    """Return a valuation's numbers keyed as in a conformance file, e.g. `opinions.able.belief`."""
    found: dict[str, Number] = {
        "silence": value.silence,
        "silence_charges": value.silence_charges,
        "balance": value.balance,
        "below_threshold": value.below_threshold,
    }
    for d in DIMENSIONS:
        found[f"deposits.{d}"] = value.deposits[d]
        found[f"withdrawals.{d}"] = value.withdrawals[d]
        for part in ("belief", "disbelief", "uncertainty", "base_rate", "expected"):
            found[f"opinions.{d}.{part}"] = getattr(value.opinions[d], part)
    for part in value.joint.__slots__:
        found[f"joint.{part}"] = getattr(value.joint, part)
    for part in value.weakest.__slots__:
        found[f"weakest.{part}"] = getattr(value.weakest, part)
    return found


def flat_statement(value: Statement) -> dict[str, Number]:
    """Return a statement's sums keyed as in a conformance file."""
    names = ("opening", "deposits", "withdrawals", "silence", "silence_charges", "aging", "closing")
    return {name: getattr(value, name) for name in names}


# Keys that say which evaluation is meant, in the order in which a deviation names them.
_COORDINATES = ("as_of", "from_exclusive", "to_inclusive", "known_at", "view")


def _days(expected: Mapping[str, Any]) -> tuple[date, date | None]:
    known_at = expected.get("known_at")
    return (
        date.fromisoformat(expected["as_of"]),
        date.fromisoformat(known_at) if known_at else None,
    )


def _case(raw: Mapping[str, Any], defaults: Mapping[str, Any]) -> Case:
    name = raw["name"]
    return Case(
        name=name,
        account=Account(
            id=name,
            entries=tuple(entry_from_dict(e) for e in raw["events"]),
            suspensions=tuple(
                suspension_from_dict(s, default_id=f"s{i}")
                for i, s in enumerate(raw["suspensions"], start=1)
            ),
            segment=name,
        ),
        policy=Policy(
            name=name, parameters=_parameters(_merged(defaults, raw["config_overrides"]))
        ),
        evaluations=tuple(raw["expected"]),
        statements=tuple(raw.get("expected_statements", ())),
        runways=tuple(raw.get("expected_runway_days", ())),
    )


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(merged.get(key), Mapping):
            merged[key] = _merged(merged[key], value)
        else:
            merged[key] = value
    return merged


def _parameters(config: Mapping[str, Any]) -> Parameters:
    half_lives, opinion = config["half_life_days"], config["opinion"]
    return Parameters(
        half_life_days={
            d: HalfLives(deposits=half_lives[d]["pos"], withdrawals=half_lives[d]["neg"])
            for d in DIMENSIONS
        },
        silence=SilenceRules(**config["silence"]),
        opinion=OpinionRules(
            points_per_evidence=opinion["points_per_evidence"],
            prior_weight=opinion["prior_weight"],
            base_rate={d: opinion["base_rate"][d] for d in DIMENSIONS},
        ),
        threshold=config["alert_threshold"],
        velocity_days=config["velocity_days"],
        spillover=config["spillover"],
    )


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Number]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _agree(wanted: Number, got: Number, tolerance: float) -> bool:
    if isinstance(wanted, bool | str) or wanted is None:
        return wanted == got
    if isinstance(got, bool | str) or got is None:
        return False
    return abs(wanted - got) <= tolerance
