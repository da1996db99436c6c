"""Steps: what is done in a recovery, in which order, by which channel, and what must be said of it.

The order is partial: a step waits only for those it `needs`. What is *said* to the customer keeps
the order of the manual; repair and prevention need nothing but the facts, because no heating waits
for a talk. The disappointment may be spoken of before or after the apology.

    facts ─ contact ─ understanding ─ apology ─ new_chance ─ talk ──────┐
      │        └──── [disappointment] ────────────┘ └─ [offer] ─────────┤
      ├─ repair ────────────────────────────────────────────────────────┼─ confirmed ─ evaluated
      └─ prevention ────────────────────────────────────────────────────┘

Source: product.md 3.6; science.md 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from vertrauenskonto.core.errors import Text

Path = Literal["case", "light"]
StepName = Literal[
    "facts",
    "contact",
    "understanding",
    "disappointment",
    "apology",
    "new_chance",
    "offer",
    "talk",
    "repair",
    "prevention",
    "confirmed",
    "evaluated",
    "reason",
    "check",
]
Channel = Literal["in_person", "video", "call", "letter", "email", "sms"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

CHANNEL_LABELS: Mapping[Channel, Text] = {
    "in_person": Text("persönlich", "in person"),
    "video": Text("per Video", "by video"),
    "call": Text("am Telefon", "by telephone"),
    "letter": Text("per Brief", "by letter"),
    "email": Text("per E-Mail", "by e-mail"),
    "sms": Text("per SMS", "by text message"),
}

_TALKING: tuple[Channel, ...] = ("in_person", "video", "call")
PERSONAL: tuple[Channel, ...] = (*_TALKING, "letter")
# An offer in a call or an e-mail is advertising (§ 7 UWG): it goes into the talk or the letter.
_OFFERING: tuple[Channel, ...] = ("in_person", "video", "letter")

EVALUATION_DAYS = 90
LIGHT_CHECK_DAYS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be written down when a step is done; the answer stands under `name`."""

    name: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: what it needs, how it may be done, what must be written down.

    `needs` are the steps that come before; an advised step (`is_advised`) among them may also have
    been skipped. `channels` empty: nothing is said to the customer in this step. `due_days` counts
    working days from the day it became possible; evaluation has calendar days of its own.
    """

    name: StepName
    label: Text
    needs: tuple[StepName, ...]
    channels: tuple[Channel, ...]
    questions: tuple[Question, ...]
    due_days: int
    is_advised: bool = False


REASON = Question("reason", Text("Grund, wie wir ihn nennen", "The reason as we give it"))
RESPONSIBILITY = Question(
    "responsibility", Text("Wofür wir die Verantwortung nennen", "What we take responsibility for")
)
WHAT = Question("what", Text("Was getan wurde", "What was done"))
CUSTOMER_WORDS = Question("customer_words", Text("Worte des Kunden", "The customer's words"))
# A breach of what was wanted is not repaired by words: somebody else decides or looks on.
STRUCTURE = (
    Question("decides", Text("Wer künftig entscheidet", "Who decides from now on")),
    Question("control", Text("Wer oder was es prüft", "Who or what checks it")),
    Question("changes", Text("Was sich ändert", "What changes")),
)

_CASE = (
    Step(
        name="facts",
        label=Text("Sachverhalt und Art des Bruchs", "Facts and kind of breach"),
        needs=(),
        channels=(),
        questions=(Question("findings", Text("Was geschehen ist", "What happened")),),
        due_days=1,
    ),
    Step(
        name="contact",
        label=Text(
            "Anruf oder Brief mit dem Grund",
            "Call or letter with the reason",
        ),
        needs=("facts",),
        channels=PERSONAL,
        questions=(REASON,),
        due_days=1,
    ),
    Step(
        name="understanding",
        label=Text(
            "Um Verständnis für die Ausnahmesituation gebeten",
            "Understanding of the exceptional situation asked",
        ),
        needs=("contact",),
        channels=PERSONAL,
        questions=(),
        due_days=1,
    ),
    Step(
        name="disappointment",
        label=Text(
            "Verständnis für die Enttäuschung gezeigt",
            "Understanding of the disappointment shown",
        ),
        needs=("contact",),
        channels=PERSONAL,
        questions=(CUSTOMER_WORDS,),
        due_days=2,
        is_advised=True,
    ),
    Step(
        name="apology",
        label=Text(
            "Entschuldigung, die unsere Verantwortung nennt",
            "Apology that names our responsibility",
        ),
        needs=("understanding",),
        channels=PERSONAL,
        questions=(RESPONSIBILITY,),
        due_days=1,
    ),
    Step(
        name="new_chance",
        label=Text(
            "Um ein persönliches Gespräch und eine neue Chance gebeten",
            "A personal talk and a new chance asked for",
        ),
        needs=("apology", "disappointment"),
        channels=PERSONAL,
        questions=(),
        due_days=2,
    ),
    Step(
        name="offer",
        label=Text("Einmaliges Angebot gemacht", "One-time offer made"),
        needs=("new_chance",),
        channels=_OFFERING,
        questions=(Question("offer", Text("Was wir anbieten", "What we offer")),),
        due_days=5,
        is_advised=True,
    ),
    Step(
        name="talk",
        label=Text("Persönliches Gespräch geführt", "Personal talk held"),
        needs=("new_chance",),
        channels=_TALKING,
        questions=(
            CUSTOMER_WORDS,
            Question("agreed", Text("Was vereinbart wurde", "What was agreed")),
        ),
        due_days=10,
    ),
    Step(
        name="repair",
        label=Text("Schaden behoben", "Damage repaired"),
        needs=("facts",),
        channels=(),
        questions=(WHAT,),
        due_days=5,
    ),
    Step(
        name="prevention",
        label=Text("Wiederholung verhindert", "Recurrence prevented"),
        needs=("facts",),
        channels=(),
        questions=(WHAT,),
        due_days=15,
    ),
    Step(
        name="confirmed",
        label=Text("Vom Kunden bestätigt", "Confirmed by the customer"),
        needs=("talk", "offer", "repair", "prevention"),
        channels=CHANNELS,
        questions=(CUSTOMER_WORDS,),
        due_days=5,
    ),
    Step(
        name="evaluated",
        label=Text(
            "Nach 90 Tagen ausgewertet: Kontostand und Befragung",
            "Evaluated after 90 days: balance and survey",
        ),
        needs=("confirmed",),
        channels=(),
        questions=(),
        due_days=0,
    ),
)

# A late parcel is not a broken relationship: any channel will do, and no points come of it.
_LIGHT = (
    Step(
        name="reason",
        label=Text("Grund genannt", "Reason given"),
        needs=(),
        channels=CHANNELS,
        questions=(REASON,),
        due_days=1,
    ),
    Step(
        name="apology",
        label=Text("Entschuldigung", "Apology"),
        needs=("reason",),
        channels=CHANNELS,
        questions=(RESPONSIBILITY,),
        due_days=1,
    ),
    Step(
        name="repair",
        label=Text("Nachgeholt oder ersetzt", "Made good"),
        needs=(),
        channels=(),
        questions=(WHAT,),
        due_days=3,
    ),
    Step(
        name="check",
        label=Text("Nachgefragt, ob es gut ist", "Checked that it is all right"),
        needs=("apology", "repair"),
        channels=CHANNELS,
        questions=(CUSTOMER_WORDS,),
        due_days=LIGHT_CHECK_DAYS,
    ),
)

STEPS: Mapping[Path, tuple[Step, ...]] = {"case": _CASE, "light": _LIGHT}


def step_of(path: Path, act: str | None) -> Step | None:
    """Return the step of a path that an act is; None for a decision or an unknown name."""
    return next((step for step in STEPS[path] if step.name == act), None)
