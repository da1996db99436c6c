"""Deciding: what may be recorded in a case on a day, and why the rest may not.

One function refuses (`reasons.refusal`), so that what a page offers and what is accepted cannot
differ; `decide` looks further into days, channels and words, known only once they are typed.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from vertrauenskonto.core.errors import Conflict, Invalid, Problem, Text
from vertrauenskonto.core.recovery.case import Case, outcome
from vertrauenskonto.core.recovery.facts import (
    DECISION_LABELS,
    DECISION_QUESTIONS,
    PHONE_CHOICE,
    SURVEY_MAX,
    Act,
    Fact,
)
from vertrauenskonto.core.recovery.paths import months_before
from vertrauenskonto.core.recovery.reasons import ON_PATH, days_of_needs, refusal
from vertrauenskonto.core.recovery.steps import (
    CHANNEL_LABELS,
    EVALUATION_DAYS,
    PERSONAL,
    STEPS,
    STRUCTURE,
    Channel,
    Question,
    StepName,
    step_of,
)

# A letter needs time to be answered before its silence says anything.
LETTER_ANSWER_DAYS = 14
INCIDENT_MONTHS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something that may be done on a day, or, with `why_not`, may not.

    `step` names what would be skipped. `channels` and `questions` are those of the act; a few
    questions depend on the answer before them (see `questions`).
    """

    act: Act
    label: Text
    why_not: Text | None
    step: StepName | None = None
    channels: tuple[Channel, ...] = ()
    questions: tuple[Question, ...] = ()


def allowed(case: Case, *, today: date) -> tuple[Option, ...]:
    """Return every step not yet done and every decision, with the reason where it may not be.

    An advised step stands there twice: to be done and to be skipped.
    """
    options: list[Option] = []
    for step in STEPS[case.path]:
        if step.name in case.done or step.name in case.skipped:
            continue
        options.append(_option(case, step.name, step.label, today=today))
        if step.is_advised:
            label = DECISION_LABELS["skip"]
            options.append(_option(case, "skip", label, step=step.name, today=today))
    options += [_option(case, d, DECISION_LABELS[d], today=today) for d in ON_PATH[case.path]]
    return tuple(options)


def _option(
    case: Case, act: Act, label: Text, *, today: date, step: StepName | None = None
) -> Option:
    return Option(
        act=act,
        label=label,
        why_not=refusal(case, act, step, today=today),
        step=step,
        channels=channels(case, act),
        questions=questions(case, act),
    )


def channels(case: Case, act: Act) -> tuple[Channel, ...]:
    """Return by which channels an act counts; empty: none is asked for."""
    step = step_of(case.path, act)
    if step is not None:
        return step.channels
    return PERSONAL if act == "attempt" else ()


def questions(case: Case, act: Act, *, channel: Channel | None = None) -> tuple[Question, ...]:
    """Return what must be written down with an act; a talk by telephone needs the customer's choice.

    Where what was wanted was broken, prevention says who decides, what checks it, what changes.
    """
    step = step_of(case.path, act)
    if step is None:
        return DECISION_QUESTIONS[act]
    asked = step.questions
    if act == "prevention" and case.breach in ("willing", "both"):
        asked = (*asked, *STRUCTURE)
    if act == "talk" and channel == "call":
        asked = (*asked, PHONE_CHOICE)
    return asked


def decide(case: Case, fact: Fact, *, today: date) -> Fact:
    """Return the fact as it may be recorded, its words stripped, its evaluation completed.

    Raises:
        Invalid: something is missing, too early, or said by a channel that does not count.
        Conflict: the case is not in a state that allows it.
    """
    why = refusal(case, fact.act, fact.step, today=today)
    if why is not None:
        raise Conflict(why)
    words = {name: text.strip() for name, text in fact.words.items()}
    found = replace(fact, by=fact.by.strip(), words=words)
    if found.evaluation is not None:
        is_repeated = repeated(case, on=found.on)
        found = replace(found, evaluation=replace(found.evaluation, is_repeated=is_repeated))
    problems = [
        *_day_problems(case, found, today),
        *_channel_problems(case, found),
        *_word_problems(case, found),
        *_value_problems(found),
    ]
    if problems:
        raise Invalid(
            Text("Das kann so nicht eingetragen werden.", "This cannot be recorded like that."),
            problems=problems,
        )
    return found


def repeated(case: Case, *, on: date) -> bool:
    """Tell whether, until `on`, another incident lies within 12 months of this one."""
    mine = case.incident_on
    return any(
        other <= on
        and months_before(mine, INCIDENT_MONTHS) <= other
        and months_before(other, INCIDENT_MONTHS) <= mine
        for other in case.other_incidents
    )


def _not_before(case: Case, fact: Fact) -> date:
    """Return the first day on which this may have happened."""
    step = step_of(case.path, fact.act)
    if step is not None:
        days = days_of_needs(case, step)
        if fact.act == "evaluated":
            days = [day + timedelta(days=EVALUATION_DAYS) for day in days]
        return max([case.incident_on, *days])
    after: Mapping[Act, date | None] = {
        "redeem": case.done.get("offer"),
        "close": outcome(case).since,
        "resumed": outcome(case).since,
        "failed": case.done.get("contact"),
        "lead_repaired": case.done.get("evaluated"),
        "lead_not_repaired": case.done.get("evaluated"),
        "attempt": case.done.get("facts"),
        "declined": case.done.get("facts"),
    }
    return max(case.incident_on, after.get(fact.act) or case.incident_on)


def _day_problems(case: Case, fact: Fact, today: date) -> Iterator[Problem]:
    first = _not_before(case, fact)
    if fact.on > today:
        yield _problem("on", f"{fact.on:%d.%m.%Y} liegt nach heute.", f"{fact.on} is after today.")
    if fact.on < first:
        yield _problem(
            "on",
            f"{fact.on:%d.%m.%Y} liegt vor dem {first:%d.%m.%Y}, dem frühesten Tag: Was vorher kommt, "
            "war erst dann.",
            f"{fact.on} is before {first}, the earliest day: what comes before was only then.",
        )
    if fact.act == "attempt" and fact.channel == "letter":
        since = fact.on + timedelta(days=LETTER_ANSWER_DAYS)
        if today < since:
            yield _problem(
                "on",
                f"Ein Brief gilt nach {LETTER_ANSWER_DAYS} Tagen als unbeantwortet, dieser ab dem "
                f"{since:%d.%m.%Y}.",
                f"A letter counts as unanswered after {LETTER_ANSWER_DAYS} days, this one from "
                f"{since} on.",
            )
    offer = case.fact("offer")
    if fact.act == "redeem" and offer and offer.valid_until and fact.on > offer.valid_until:
        yield _problem(
            "on",
            f"Das Angebot galt bis {offer.valid_until:%d.%m.%Y}.",
            f"The offer was valid until {offer.valid_until}.",
        )


def _channel_problems(case: Case, fact: Fact) -> Iterator[Problem]:
    taken = channels(case, fact.act)
    if not taken or fact.channel in taken:
        return
    german = ", ".join(CHANNEL_LABELS[c].de for c in taken)
    english = ", ".join(CHANNEL_LABELS[c].en for c in taken)
    if fact.channel is None:
        yield _problem("channel", f"Wie? Es zählt: {german}.", f"How? What counts: {english}.")
        return
    label = CHANNEL_LABELS[fact.channel]
    yield _problem(
        "channel",
        f"{label.de[0].upper()}{label.de[1:]} zählt hier nicht. Es zählt: {german}.",
        f"{label.en[0].upper()}{label.en[1:]} does not count here. What counts: {english}.",
    )


def _word_problems(case: Case, fact: Fact) -> Iterator[Problem]:
    if not fact.by:
        yield _problem("by", "Wer hat es getan?", "Who did it?")
    for question in questions(case, fact.act, channel=fact.channel):
        if not fact.words.get(question.name):
            yield _problem(
                question.name,
                f"Bitte ausfüllen: {question.label.de}.",
                f"Please fill in: {question.label.en}.",
            )


def _value_problems(fact: Fact) -> Iterator[Problem]:
    if fact.act == "facts" and fact.breach is None:
        yield _problem(
            "breach",
            "Was ist gebrochen: Wollen, Können oder beides?",
            "What was broken: willing, able or both?",
        )
    if fact.valid_until is not None and fact.valid_until < fact.on:
        yield _problem(
            "valid_until",
            f"Das Angebot endet am {fact.valid_until:%d.%m.%Y}, bevor es gemacht wurde.",
            f"The offer ends on {fact.valid_until}, before it was made.",
        )
    found = fact.evaluation
    if fact.act == "evaluated" and found is None:
        yield _problem(
            "evaluation",
            "Es fehlen Kontostand und Befragung (oder dass keine Antwort kam).",
            "Balance and survey are missing (or that no answer came).",
        )
    if found is not None:
        if not (math.isfinite(found.balance) and math.isfinite(found.threshold)):
            yield _problem("balance", "Der Kontostand ist keine Zahl.", "The balance is no number.")
        if any(not 1 <= answer <= SURVEY_MAX for answer in found.survey or ()):
            yield _problem(
                "survey",
                f"Antworten liegen zwischen 1 und {SURVEY_MAX}.",
                f"Answers lie between 1 and {SURVEY_MAX}.",
            )


def _problem(field: str, german: str, english: str) -> Problem:
    return Problem(code="recovery", field=field, text=Text(german, english))
