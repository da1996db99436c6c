"""Facts: what is recorded in a recovery, a step done or a decision, and what must be written down.

A fact is inserted once and never changed; the order of recording is the order of the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.recovery.steps import CUSTOMER_WORDS, Channel, Question, StepName

Breach = Literal["willing", "able", "both"]

# What may be recorded beside steps.
Decision = Literal[
    "skip",
    "attempt",
    "declined",
    "resumed",
    "close",
    "failed",
    "innocent",
    "drop",
    "escalate",
    "redeem",
    "lead_repaired",
    "lead_not_repaired",
]
Act = StepName | Decision
DECISIONS: tuple[Decision, ...] = get_args(Decision)

DECISION_LABELS: Mapping[Decision, Text] = {
    "skip": Text("Empfohlenen Schritt auslassen", "Skip an advised step"),
    "attempt": Text("Nicht erreicht, keine Antwort", "Not reached, no answer"),
    "declined": Text("Der Kunde lehnt ab", "The customer declines"),
    "resumed": Text("Der Kunde meldet sich von sich aus", "The customer comes back unasked"),
    "close": Text("Still schließen", "Close quietly"),
    "failed": Text(
        "Gescheitert: laut Kunde nicht behoben, oder wieder geschehen",
        "Failed: not repaired as the customer says, or happened again",
    ),
    "innocent": Text("Belegt: kein Bruch von uns", "Proven: no breach of ours"),
    "drop": Text("Irrtümlich eröffnet", "Opened by mistake"),
    "escalate": Text("Fall daraus machen", "Turn into a case"),
    "redeem": Text("Angebot eingelöst", "Offer redeemed"),
    "lead_repaired": Text("Leitung schließt: repariert", "Lead closes: repaired"),
    "lead_not_repaired": Text("Leitung schließt: nicht repariert", "Lead closes: not repaired"),
}

# What the three questions after closing ask, in the order of `Evaluation.survey`.
SURVEY_QUESTIONS: tuple[Text, Text, Text] = (
    Text("Das Ergebnis war gerecht.", "The outcome was fair."),
    Text("Der Weg dahin war einfach und schnell.", "The way there was simple and quick."),
    Text(
        "Man hat mich respektvoll behandelt und mir alles erklärt.",
        "I was treated with respect and everything was explained to me.",
    ),
)
SURVEY_MAX, SURVEY_MIDDLE = 7, 4

_NOTE = Question("note", Text("Begründung", "Reason"))
_EVIDENCE = Question("evidence", Text("Beleg", "Evidence"))
DECISION_QUESTIONS: Mapping[Act, tuple[Question, ...]] = {
    "skip": (_NOTE,),
    "attempt": (),
    "declined": (CUSTOMER_WORDS,),
    "resumed": (CUSTOMER_WORDS,),
    "close": (),
    "failed": (_NOTE,),
    "innocent": (_EVIDENCE,),
    "drop": (_NOTE,),
    "escalate": (_NOTE,),
    "redeem": (),
    "lead_repaired": (_NOTE,),
    "lead_not_repaired": (_NOTE,),
}
PHONE_CHOICE = Question(
    "phone_choice",
    Text(
        "Wann und wie der Kunde das Telefon gewählt hat",
        "When and how the customer chose the telephone",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What an evaluation rests on: the balance against its threshold, and the survey.

    `survey` holds the answers to `SURVEY_QUESTIONS`, 1..7; None: no answer came. `is_repeated` is
    filled in when it is recorded: there was another incident within 12 months, so that the numbers
    close nothing by themselves.
    """

    balance: float
    threshold: float
    survey: tuple[int, int, int] | None
    is_repeated: bool = False

    @property
    def is_good(self) -> bool:
        """Tell whether the balance is not below the threshold and no answer below the middle."""
        return self.balance >= self.threshold and (
            self.survey is None or min(self.survey) >= SURVEY_MIDDLE
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing recorded in a case: a step done, or a decision.

    `on` is the day it happened; `by` who did it (of a talk: who spoke). `step` names what was
    skipped or attempted. `words` answers the questions of the act, by name. `breach` belongs to
    `facts`, `valid_until` (None: without end) to an offer, `evaluation` to an evaluation.
    """

    act: Act
    on: date
    by: str
    channel: Channel | None = None
    step: StepName | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    breach: Breach | None = None
    valid_until: date | None = None
    evaluation: Evaluation | None = None
