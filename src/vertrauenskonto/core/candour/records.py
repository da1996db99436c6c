"""Candour: honest advice, a no in time, a mistake told before it is found, an idea taken up.

Four sorts of one record: what was said between us and a customer, in answers to a few questions.
Each sort knows its questions, when it asks for a second look, and as what kind it is booked.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal, get_args

from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.stats.intervals import Middle, Rate, middle, rate

Sort = Literal["advice", "refusal", "mistake", "wish"]
SORTS: tuple[Sort, ...] = get_args(Sort)
# waiting: for a second look; declined: at it; withdrawn: it was recorded wrongly.
State = Literal["counts", "waiting", "declined", "withdrawn"]
STATES: Mapping[State, Text] = {
    "counts": Text("gilt", "counts"),
    "waiting": Text("wartet auf den zweiten Blick", "waits for the second look"),
    "declined": Text("zählt nicht", "does not count"),
    "withdrawn": Text("zurückgenommen", "taken back"),
}
LABELS: Mapping[Sort, Text] = {
    "advice": Text("Rat", "Advice"),
    "refusal": Text("Nein oder Grenze", "No, or a limit"),
    "mistake": Text("Eigener Fehler", "Own mistake"),
    "wish": Text("Anliegen des Kunden", "What the customer wants"),
}
ANSWER_LENGTH_MAX = 1000
CAPABILITY_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing a record asks for in words."""

    name: str
    label: Text
    hint: Text | None = None
    is_needed: bool = True


QUESTIONS: Mapping[Sort, tuple[Question, ...]] = {
    "advice": (
        Question(name="given", label=Text("Was haben wir geraten?", "What did we advise?")),
        Question(
            name="best_for_customer",
            label=Text(
                "Was wäre für den Kunden am besten?", "What would be best for the customer?"
            ),
        ),
        Question(
            name="best_for_us",
            label=Text("Was wäre für uns am besten?", "What would be best for us?"),
            hint=Text(
                "Leer, wenn es dasselbe ist.",
                "Empty if it is the same.",
            ),
            is_needed=False,
        ),
        Question(
            name="benefit",
            label=Text("Angenommener Vorteil", "Benefit accepted"),
            hint=Text(
                "Provision, Einladung, Geschenk. Leer: keiner.",
                "Commission, invitation, gift. Empty: none.",
            ),
            is_needed=False,
        ),
    ),
    "refusal": (
        Question(
            name="what",
            label=Text("Was geht nicht?", "What is not possible?"),
            hint=Text(
                "In den Worten, in denen es jemand zusagen würde, etwa: Lieferung am Samstag.",
                "In the words in which somebody would promise it, such as: delivery on Saturday.",
            ),
        ),
        Question(name="why", label=Text("Warum nicht?", "Why not?")),
        Question(
            name="alternative",
            label=Text("Was wir stattdessen angeboten haben", "What we offered instead"),
            is_needed=False,
        ),
    ),
    "mistake": (
        Question(
            name="what",
            label=Text("Was ist uns passiert?", "What went wrong on our side?"),
            hint=Text(
                "Der Fehler selbst wird gesondert gebucht.",
                "The mistake itself is booked separately.",
            ),
        ),
    ),
    "wish": (
        Question(
            name="knows",
            label=Text("Was weiß der Kunde?", "What does the customer know?"),
            hint=Text(
                "Was er über seine Lage besser weiß als wir.",
                "What they know better than we do.",
            ),
            is_needed=False,
        ),
        Question(
            name="wants",
            label=Text("Was will der Kunde?", "What does the customer want?"),
            is_needed=False,
        ),
        Question(
            name="proposed",
            label=Text("Was hat er vorgeschlagen?", "What did they propose?"),
            is_needed=False,
        ),
        Question(
            name="taken_up",
            label=Text("Was nehmen wir auf?", "What do we take up?"),
            is_needed=False,
        ),
        Question(
            name="left_out",
            label=Text("Was nehmen wir nicht auf?", "What do we not take up?"),
            is_needed=False,
        ),
        Question(
            name="reason",
            label=Text("Warum nicht?", "Why not?"),
            is_needed=False,
        ),
    ),
}
CHOICE_LABELS: Mapping[Sort, Text] = {
    "advice": Text("Wem nützt der Rat?", "Whom does the advice serve?"),
    "refusal": Text("Was war es?", "Which was it?"),
    "mistake": Text("Wer hat es zuerst gesagt?", "Who said so first?"),
}
CHOICES: Mapping[Sort, Mapping[str, Text]] = {
    "advice": {
        "both": Text(
            "beiden: Für uns ist dasselbe am besten", "both: the same is best for us, too"
        ),
        "customer": Text(
            "dem Kunden, obwohl für uns anderes besser wäre",
            "the customer, although something else would be better for us",
        ),
        "us": Text(
            "uns, obwohl für den Kunden anderes besser wäre",
            "us, although something else would be better for the customer",
        ),
    },
    "refusal": {
        "no": Text("ein Nein", "a no"),
        "limit": Text("eine eingeräumte Grenze", "a limit admitted"),
    },
    "mistake": {
        "": Text("noch niemand: Der Kunde weiß es nicht", "nobody yet: the customer does not know"),
        "us": Text("wir, ungefragt", "we did, unasked"),
        "customer": Text("der Kunde bemerkte es oder fragte", "the customer noticed or asked"),
        "third": Text("jemand anderes", "somebody else"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is recorded: a sort, its answers by question, and what the sort has beside them.

    `choice`: one of `CHOICES` of the sort. `on`: the day it was said; of a mistake the day the
    customer got to know of it, else the one we did. `until`: the last day on which a no holds, None:
    until further notice. `knew_at`, `told_at`: when we knew of a mistake, and the customer.
    """

    sort: Sort
    on: date
    choice: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    capability: str = ""
    until: date | None = None
    knew_at: datetime | None = None
    told_at: datetime | None = None

    def said(self, name: str) -> str:
        """Return an answer, "" if there is none."""
        return self.answers.get(name, "").strip()

    @property
    def headline(self) -> str:
        """What it is about, in one line: the first thing said; of a wish what was proposed."""
        names = [question.name for question in QUESTIONS[self.sort]]
        first = ("proposed", "wants") if self.sort == "wish" else ()
        return next((self.said(name) for name in (*first, *names) if self.said(name)), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthFigures:
    """How soon customers hear of our mistakes, and from whom.

    `n`: mistakes the customer knows of; `unsaid`: those they do not know of yet. `lag_days`: from our
    knowing to theirs, of those we knew of first. `first_by_us`: of all that the customer knows of.
    """

    n: int
    unsaid: int
    lag_days: Middle | None
    first_by_us: Rate | None


def problems(told: Told, *, now: datetime, today: date) -> Iterator[Problem]:
    """Yield what is missing from a record, or contradicts itself, field by field."""
    if told.choice not in CHOICES.get(told.sort, {"": None}):
        yield _problem("choice", "Bitte wählen Sie.", "Please choose.")
    for question in QUESTIONS[told.sort]:
        said = told.said(question.name)
        if question.is_needed and not said:
            yield _problem(question.name, "Das fehlt noch.", "This is still missing.")
        if len(said) > ANSWER_LENGTH_MAX:
            yield _problem(
                question.name,
                f"Zu lang ({len(said)} Zeichen); höchstens {ANSWER_LENGTH_MAX}.",
                f"Too long ({len(said)} characters); at most {ANSWER_LENGTH_MAX}.",
            )
    if len(told.capability) > CAPABILITY_LENGTH_MAX:
        yield _problem("capability", "Zu lang; höchstens 80 Zeichen.", "Too long; 80 at most.")
    if told.on > today and told.sort != "mistake":
        yield _problem(
            "on",
            "Dieser Tag liegt in der Zukunft. Festgehalten wird, was gesagt wurde.",
            "This day lies ahead. What is recorded has been said.",
        )
    yield from _of_sort(told, now)


def _of_sort(told: Told, now: datetime) -> Iterator[Problem]:
    if told.sort == "advice":
        yield from _of_advice(told)
    elif told.sort == "refusal" and told.until is not None and told.until < told.on:
        yield _problem(
            "until",
            "Dieser Tag liegt vor dem Nein. Leer: bis auf Weiteres.",
            "This day lies before the no. Empty: until further notice.",
        )
    elif told.sort == "mistake":
        yield from _of_mistake(told, now)
    elif told.sort == "wish":
        yield from _of_wish(told)


def _of_advice(told: Told) -> Iterator[Problem]:
    ours, theirs = told.said("best_for_us"), told.said("best_for_customer")
    if told.choice in ("customer", "us") and (not ours or ours.casefold() == theirs.casefold()):
        yield _problem(
            "best_for_us",
            "Was wäre für uns besser gewesen? Ist es dasselbe, nützt der Rat beiden.",
            "What would have been better for us? If it is the same, the advice serves both.",
        )
    if told.choice == "both" and ours and ours.casefold() != theirs.casefold():
        yield _problem(
            "choice",
            "Für uns ist etwas anderes am besten: Wem von beiden nützt der Rat?",
            "Something else is best for us: whom of the two does the advice serve?",
        )


def _of_mistake(told: Told, now: datetime) -> Iterator[Problem]:
    if told.knew_at is None:
        yield _problem("knew_at", "Seit wann wissen wir es?", "Since when do we know?")
    if bool(told.choice) != (told.told_at is not None):
        yield _problem(
            "told_at" if told.choice else "choice",
            "Wer es zuerst gesagt hat und seit wann der Kunde es weiß, gehören zusammen.",
            "Who said so first and since when the customer knows belong together.",
        )
    for name, at in (("knew_at", told.knew_at), ("told_at", told.told_at)):
        if at is not None and at > now:
            yield _problem(name, "Das liegt in der Zukunft.", "This lies ahead.")
    is_before = told.knew_at and told.told_at and told.told_at < told.knew_at
    if told.choice == "us" and is_before:
        yield _problem(
            "told_at",
            "Wir können es nicht gesagt haben, bevor wir es wussten.",
            "We cannot have said so before we knew.",
        )


def _of_wish(told: Told) -> Iterator[Problem]:
    if not any(told.said(name) for name in ("knows", "wants", "proposed")):
        yield _problem(
            "wants",
            "Was weiß, will oder schlägt der Kunde vor? Eines davon genügt.",
            "What does the customer know, want or propose? One of these is enough.",
        )
    if not told.said("taken_up") and not told.said("left_out"):
        yield _problem(
            "taken_up",
            "Was nehmen wir auf, und was nicht? Eines davon genügt.",
            "What do we take up, and what not? One of these is enough.",
        )
    if told.said("left_out") and not told.said("reason"):
        yield _problem(
            "reason",
            "Was wir nicht aufnehmen, braucht einen Grund, den der Kunde hören darf.",
            "What we do not take up needs a reason that the customer may hear.",
        )


def needs_second_look(told: Told) -> bool:
    """Tell whether somebody else must look first: advice that serves us, or a benefit accepted."""
    return told.sort == "advice" and (told.choice == "us" or bool(told.said("benefit")))


def kind_of(told: Told) -> str | None:
    """Return the kind that a record is booked as, None: none."""
    if told.sort == "refusal":
        return "limit_admitted"
    if told.sort == "advice" and told.choice == "customer":
        return "honest_advice_against_own_interest"
    if told.sort == "mistake" and told.choice == "us":
        return "own_mistake_disclosed_unasked"
    if told.sort == "wish" and told.said("proposed") and told.said("taken_up"):
        return "customer_idea_taken_up"
    return None


def truth_lag(knew_at: datetime, told_at: datetime) -> timedelta | None:
    """Return how long the customer did not know what we knew; None: they knew before us."""
    return told_at - knew_at if told_at >= knew_at else None


def truth_figures(mistakes: Iterable[tuple[str, datetime, datetime | None]]) -> TruthFigures:
    """Return the figures over mistakes: who said so first, when we knew, when the customer did."""
    known, unsaid, lags = [], 0, []
    for by, knew_at, told_at in mistakes:
        if told_at is None:
            unsaid += 1
            continue
        known.append(by == "us")
        lag = truth_lag(knew_at, told_at)
        if lag is not None:
            lags.append(lag / timedelta(days=1))
    return TruthFigures(
        n=len(known), unsaid=unsaid, lag_days=middle(lags), first_by_us=rate(sum(known), len(known))
    )


def _problem(field_name: str, de: str, en: str) -> Problem:
    return Problem(code=field_name, field=field_name, text=Text(de=de, en=en))
