"""Rules of a policy that look at more than one value: names, silence, the ladder of promises."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import POINTS_MAX
from vertrauenskonto.core.ledger.goal_guard import goal_word, outcome_problem
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, PROMISE_LADDER, Kind
from vertrauenskonto.core.ledger.policy_file.admissible import NAME_PATTERN, Path
from vertrauenskonto.core.ledger.policy_file.report import Report, Tree

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


# Any: the values were read by the rules of their fields.
def check_silence(values: Mapping[Path, Any], at: Path, report: Report) -> None:
    """Refuse a grace shorter than the period; note one too short for the usual contact."""
    if report.has_error((*at, "silence")):
        return
    place = (*at, "silence", "grace_days")
    grace, period = values["silence", "grace_days"], values["silence", "period_days"]
    usual = values["silence", "usual_contact_days"]
    if grace < period:
        text = Text(
            de=f"grace_days = {grace} ist kleiner als period_days = {period}; dann könnte ein "
            f"zusätzlicher Kontakt mehr Abzüge auslösen. Setzen Sie grace_days auf mindestens "
            f"{period}, oder verkürzen Sie period_days.",
            en=f"grace_days = {grace} is less than period_days = {period}; an additional contact "
            f"could then cause more charges. Set grace_days to at least {period}, or shorten "
            "period_days.",
        )
        report.error("grace_below_period", place, text)
    elif usual is not None and grace < 1.5 * usual:
        text = Text(
            de=f"grace_days = {grace} ist knapp für einen üblichen Abstand von {usual} Tagen "
            f"(silence.usual_contact_days); ratsam sind mindestens {-(-3 * usual // 2)}.",
            en=f"grace_days = {grace} is short for a usual interval of {usual} days "
            f"(silence.usual_contact_days); at least {-(-3 * usual // 2)} is advisable.",
        )
        report.note("grace_short", place, text)


def check_kind_name(name: str, raw: Tree, report: Report) -> None:
    """Refuse a name that is no name, an outcome, or made by another kind of the table `raw`."""
    path = ("kinds", name)
    outcome, word = outcome_problem(name), goal_word(name)
    original = raw.get(name.removeprefix(FIRST_CONTACT_PREFIX))
    if word:
        report.refuse_goal(path, word)
    elif outcome:
        report.add(path, outcome)
    elif not NAME_PATTERN.fullmatch(name):
        better = (
            re.sub(r"[^a-z0-9]+", "_", name.lower().translate(_UMLAUTS))
            .strip("_")
            .lstrip("0123456789_")
        )
        hint = Text(f" Vorschlag: {better}.", f" Try {better}.") if better else Text("", "")
        text = Text(
            de=f"„{name}“: nötig ist ein Name aus Kleinbuchstaben a–z, Ziffern und "
            f"Unterstrichen, der mit einem Buchstaben beginnt.{hint.de}",
            en=f"'{name}': a kind's name has lower-case letters a-z, digits and underscores, and "
            f"starts with a letter.{hint.en}",
        )
        report.error("kind_name", path, text)
    elif name.startswith(FIRST_CONTACT_PREFIX) and has_twin(original):
        base = name.removeprefix(FIRST_CONTACT_PREFIX)
        report.error("generated_kind", path, generated_text(name, base))


def has_twin(raw_kind: object) -> bool:
    """Tell whether a kind as written asks for a twin for first contacts."""
    return isinstance(raw_kind, Mapping) and raw_kind.get("first_contact") is True


def generated_text(name: str, base: str) -> Text:
    """Return why a twin is not written but made."""
    return Text(
        de=f"„{name}“ entsteht von selbst aus {base} (doppelte Abhebungen). Ändern Sie {base}, "
        f"oder setzen Sie kinds.{base}.first_contact = false.",
        en=f"'{name}' is made from {base} (doubled withdrawals). Change {base}, or set "
        f"kinds.{base}.first_contact = false.",
    )


def check_twin_points(kind: Kind, path: Path, report: Report) -> None:
    """Refuse withdrawals whose double, for a first contact, exceeds the limit of a posting."""
    for dimension, points in kind.points.items():
        if 2 * points < -POINTS_MAX:
            text = Text(
                de=f"Der Erstkontakt verdoppelt {points:g} Punkte über die Grenze von ±1000; "
                "höchstens −500 sind möglich, oder first_contact = false.",
                en=f"The first contact doubles {points:g} points beyond the limit of ±1000; use "
                "-500 at most, or first_contact = false.",
            )
            report.error("value", (*path, dimension), text)


def note_ladder(kinds: Mapping[str, Kind], at: Path, report: Report) -> None:
    """Note where a worse outcome of a promise earns as much as a better one."""
    for prefix in ("", FIRST_CONTACT_PREFIX):
        rungs = [kinds[prefix + name] for name in PROMISE_LADDER if prefix + name in kinds]
        for better, worse in pairwise(rungs):
            if worse.total >= better.total:
                text = Text(
                    de=f"{worse.name} ({worse.total:g} Punkte) muss schlechter sein als "
                    f"{better.name} ({better.total:g} Punkte), sonst lohnt sich das Schweigen.",
                    en=f"{worse.name} ({worse.total:g} points) should be worse than "
                    f"{better.name} ({better.total:g} points), or keeping silent pays.",
                )
                report.note("promise_ladder", (*at, worse.name), text)
