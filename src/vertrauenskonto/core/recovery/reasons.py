"""Reasons: why something may not be recorded in a case now, whatever it says."""

from collections.abc import Mapping
from datetime import date, timedelta

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.recovery.case import Case, outcome
from vertrauenskonto.core.recovery.facts import DECISIONS, Act, Decision
from vertrauenskonto.core.recovery.steps import (
    EVALUATION_DAYS,
    STEPS,
    Path,
    Step,
    StepName,
    step_of,
)

# Which decisions a path knows; "skip" stands with its step.
ON_PATH: Mapping[Path, tuple[Decision, ...]] = {
    "case": tuple(d for d in DECISIONS if d not in ("skip", "escalate")),
    "light": ("drop", "escalate"),
}


def refusal(case: Case, act: Act, step: StepName | None, *, today: date) -> Text | None:
    """Return why an act may not be recorded today, whatever it says; None: it may."""
    if act == "redeem":
        return _redeem_refusal(case)
    now = outcome(case)
    if now.is_closed:
        return Text(
            f"Der Fall ist geschlossen ({now.text.de}, {now.since:%d.%m.%Y}). Für Neues öffnen Sie einen "
            "neuen Fall.",
            f"The case is closed ({now.text.en}, {now.since}). Open a new case for anything new.",
        )
    if now.state == "customers_wish" and act not in ("close", "resumed"):
        return Text(
            "Der Kunde hat abgelehnt oder zweimal nicht geantwortet. Schließen Sie den Fall still, "
            "oder warten Sie, bis er sich von sich aus meldet.",
            "The customer declined or did not answer twice. Close the case quietly, or wait until "
            "they come back of their own accord.",
        )
    if now.state == "awaiting_lead" and act not in ("lead_repaired", "lead_not_repaired", "failed"):
        return now.text
    wanted = step_of(case.path, act)
    if wanted is not None:
        return step_refusal(case, wanted, today=today)
    if act == "skip":
        return _skip_refusal(case, step)
    if act in ON_PATH[case.path]:
        return _lead_refusal(case, act) or _decision_refusal(case, act)
    return Text(
        f"„{act}“ gibt es auf diesem Weg nicht. Einen leichten Weg macht „escalate“ zum Fall.",
        f"There is no '{act}' on this path. 'escalate' turns a light path into a case.",
    )


def step_refusal(case: Case, step: Step, *, today: date | None = None) -> Text | None:
    """Return why a step may not be done; without `today` whatever the day is."""
    if step.name in case.done:
        return Text(
            f"„{step.label.de}“ ist schon eingetragen, am {case.done[step.name]:%d.%m.%Y}.",
            f"'{step.label.en}' is recorded already, on {case.done[step.name]}.",
        )
    if step.name in case.skipped:
        return Text(
            f"„{step.label.de}“ wurde mit Begründung ausgelassen.",
            f"'{step.label.en}' was skipped with a note.",
        )
    settled = {*case.done, *case.skipped}
    missing = [s for s in STEPS[case.path] if s.name in step.needs and s.name not in settled]
    if missing:
        german = ", ".join(f"„{s.label.de}“" for s in missing)
        english = ", ".join(f"'{s.label.en}'" for s in missing)
        can_skip = any(s.is_advised for s in missing)
        return Text(
            f"Vorher kommt: {german}."
            + (" Empfohlenes können Sie mit Begründung auslassen." if can_skip else ""),
            f"Before that comes: {english}."
            + (" What is advised may be skipped with a note." if can_skip else ""),
        )
    if step.name == "evaluated" and today is not None:
        first = case.done["confirmed"] + timedelta(days=EVALUATION_DAYS)
        if today < first:
            return Text(
                f"Ausgewertet wird frühestens {EVALUATION_DAYS} Tage nach der Bestätigung, ab dem "
                f"{first:%d.%m.%Y}.",
                f"The evaluation comes {EVALUATION_DAYS} days after the confirmation at the "
                f"earliest, from {first} on.",
            )
    return None


def _skip_refusal(case: Case, name: StepName | None) -> Text | None:
    step = step_of(case.path, name)
    if step is None or not step.is_advised:
        return Text(
            "Auslassen kann man nur empfohlene Schritte: das Verständnis für die Enttäuschung und "
            "das Angebot.",
            "Only advised steps may be skipped: understanding of the disappointment, and the offer.",
        )
    return step_refusal(case, step)


def _redeem_refusal(case: Case) -> Text | None:
    if case.fact("offer") is None:
        return Text("Es wurde kein Angebot gemacht.", "No offer was made.")
    redeemed = case.fact("redeem")
    if redeemed is None:
        return None
    return Text(
        f"Das Angebot wurde am {redeemed.on:%d.%m.%Y} eingelöst. Es gilt einmal.",
        f"The offer was redeemed on {redeemed.on}. It holds once.",
    )


def _lead_refusal(case: Case, act: Act) -> Text | None:
    """Return why nobody may close by their word: it is for the lead, or for the customer."""
    if act in ("lead_repaired", "lead_not_repaired") and "evaluated" not in case.done:
        return Text(
            "Die Leitung entscheidet erst nach der Auswertung.",
            "The lead decides only after the evaluation.",
        )
    if act in ("close", "resumed") and outcome(case).state != "customers_wish":
        return Text(
            "Das geht nur, wenn der Kunde abgelehnt oder zweimal nicht geantwortet hat.",
            "This is only for a customer who declined or did not answer twice.",
        )
    return None


def _decision_refusal(case: Case, act: Act) -> Text | None:
    """Return why it is too early or too late for a decision."""
    done = case.done
    if act == "failed" and "contact" not in done:
        return Text(
            "Scheitern kann erst, was dem Kunden zugesagt ist. Nehmen Sie zuerst Kontakt auf.",
            "Only what the customer was told can fail. Get in contact first.",
        )
    if act == "drop" and set(done) - {"facts"}:
        return Text(
            "Es wurde schon gehandelt. Führen Sie den Fall zu Ende.",
            "Something was done already. Bring the case to its end.",
        )
    if act in ("attempt", "declined") and "facts" not in done:
        return Text("Klären Sie zuerst den Sachverhalt.", "Establish the facts first.")
    if act in ("attempt", "declined", "innocent") and "confirmed" in done:
        return Text(
            "Der Kunde hat die Reparatur schon bestätigt. War es kein Bruch von uns, stornieren "
            "Sie den Vorfall.",
            "The customer confirmed the repair already. If it was no breach of ours, reverse the "
            "incident.",
        )
    return None


def days_of_needs(case: Case, step: Step) -> list[date]:
    """Return the days of the steps that come before, as far as they were done."""
    done = case.done
    return [done[name] for name in step.needs if name in done]
