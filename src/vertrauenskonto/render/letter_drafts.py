"""What a letter of a recovery case begins with: a person goes on from there, in her own words.

What only she can know stands in double square brackets, and no letter is printed before it is
filled in.
"""

from collections.abc import Mapping
from datetime import date
from typing import Literal, get_args

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.numbers import long_day

Sort = Literal["reason", "apology", "invitation"]
SORTS: tuple[Sort, ...] = get_args(Sort)

SORT_LABELS: Mapping[Sort, Text] = {
    "reason": Text("Brief mit dem Grund", "Letter with the reason"),
    "apology": Text("Brief mit der Entschuldigung", "Letter with the apology"),
    "invitation": Text(
        "Einladung zum Gespräch mit dem Angebot", "Invitation to a talk, with the offer"
    ),
}


def drafted(
    sort: Sort, language: Language, *, on: date, said: Mapping[str, str], writer: str
) -> tuple[str, str]:
    """Return subject and text; `said` holds what was recorded in the case, by question."""
    day = long_day(on, language)

    def word(name: str, german: str, english: str) -> str:
        return said.get(name) or f"[[{Text(german, english).in_language(language)}]]"

    reason = word("reason", "Warum ist es geschehen?", "Why did it happen?")
    ours = word("responsibility", "Was haben wir falsch gemacht?", "What did we do wrong?")
    repair = word("what", "Was tun wir, bis zu welchem Tag?", "What do we do, by which day?")
    offer = word("offer", "Unser Angebot, einmalig", "Our offer, once")
    subject = {
        "reason": Text(f"Was am {day} geschehen ist", f"What happened on {day}"),
        "apology": Text(f"Unsere Entschuldigung zum {day}", f"Our apology for {day}"),
        "invitation": Text("Unsere Bitte um ein Gespräch", "Our request for a talk"),
    }[sort]
    body = {
        "reason": Text(
            f"am {day} ist bei uns etwas schiefgegangen, das Sie getroffen hat. Sie sollen wissen, "
            f"warum: {reason}\n\n"
            "Das war eine Ausnahme, und wir bitten Sie um Verständnis für diese Lage. Wie es für "
            "Sie war, wissen nur Sie. Ich rufe Sie in den nächsten Tagen an und höre Ihnen zu.",
            f"On {day} something went wrong on our side that affected you. You should know why: "
            f"{reason}\n\n"
            "This was an exception, and we ask for your understanding of the situation. What it "
            "was like for you, only you know. I will call you in the next few days and listen.",
        ),
        "apology": Text(
            f"{ours} Das war unser Fehler, am {day}. Es tut uns leid.\n\n"
            f"Der Grund: {reason}\n\n"
            f"Das tun wir jetzt: {repair}\n\n"
            "Ich möchte gern mit Ihnen darüber sprechen und bitte Sie um ein Gespräch, wann und wo "
            "es Ihnen passt.",
            f"{ours} That was our mistake, on {day}. We are sorry.\n\n"
            f"The reason: {reason}\n\n"
            f"This is what we do now: {repair}\n\n"
            "I would like to talk with you about it, and ask you for a meeting, when and where it "
            "suits you.",
        ),
        "invitation": Text(
            f"wegen des {day} haben wir uns bei Ihnen entschuldigt. Wir möchten es besser machen "
            "und bitten Sie um ein persönliches Gespräch, wann und wo es Ihnen passt.\n\n"
            f"Ob Sie kommen oder nicht, dies gilt einmal für Sie: {offer}\n\n"
            "Sie erreichen mich unter [[Telefon]]. Wenn Sie nicht sprechen möchten, ist das in "
            "Ordnung; wir fragen dann nicht nach.",
            f"We apologised to you for what happened on {day}. We would like to do better, and ask "
            "you for a personal talk, when and where it suits you.\n\n"
            f"Whether you come or not, this is yours, once: {offer}\n\n"
            "You reach me at [[telephone]]. If you would rather not talk, that is all right; we "
            "will not ask again.",
        ),
    }[sort]
    greeting = Text("Guten Tag [[Anrede und Name]],", "Dear [[title and name]],")
    close = Text("Mit freundlichen Grüßen", "Yours sincerely")
    parts = (greeting, body, close)
    first, middle, last = (part.in_language(language) for part in parts)
    return subject.in_language(language), f"{first}\n\n{middle}\n\n{last}\n\n\n{writer}\n"
