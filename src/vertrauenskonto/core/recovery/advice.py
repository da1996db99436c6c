"""Advice: what research and law add to a step, shown beside it; the order of the manual rules.

The wordings are ours; sources as in science.md 7 and 9. Most studies asked students or people who
imagined a case: how far they carry over to real customers, nobody knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.recovery.steps import StepName


@dataclass(frozen=True, slots=True)
class Advice:
    """What research or law adds to a step, in our words, and where it comes from."""

    text: Text
    source: str = ""


_LEWICKI = "Lewicki, Polin & Lount 2016"
_KIM = "Kim, Ferrin, Cooper & Dirks 2004; Kim, Dirks, Cooper & Ferrin 2006"
_TAX = "Tax, Brown & Chandrashekaran 1998"
_PARADOX = "Maxham & Netemeyer 2002; de Matos, Henrique & Rossi 2007"

ADVICE: Mapping[StepName, tuple[Advice, ...]] = {
    "facts": (
        Advice(
            Text(
                "Klären Sie zuerst, was gebrochen ist: Konnten wir es nicht, oder wollten wir es "
                "nicht? Beim Können hilft eine Entschuldigung am meisten. Beim Wollen sind Worte "
                "schwach, dort zählt, was sich ändert.",
                "First find out what broke: were we not able, or not willing? For ability an "
                "apology helps most. For willingness words are weak, and what changes counts.",
            ),
            _KIM,
        ),
        Advice(
            Text(
                "Abstreiten hilft nur, wenn die Unschuld belegt ist. Kommt die Schuld später heraus, "
                "war die Entschuldigung der bessere Weg.",
                "Denial helps only where innocence is proven. Where guilt comes out later, the "
                "apology was the better way.",
            ),
            _KIM,
        ),
    ),
    "contact": (
        Advice(
            Text(
                "Hören Sie zuerst zu, und schreiben Sie die Worte des Kunden auf, bevor Sie etwas "
                "erklären.",
                "Listen first, and write down the customer's own words before you explain anything.",
            ),
            "Lewicki & Bunker 1996",
        ),
        Advice(
            Text(
                "Antworten Sie sofort, auch wenn noch nicht alles geklärt ist; die Klärung folgt.",
                "Respond at once, even if not everything is clear yet; the diagnosis follows.",
            ),
            "Gillespie & Dietz 2009",
        ),
    ),
    "understanding": (
        Advice(
            Text(
                "Eine Erklärung wirkt weniger als das Eingeständnis und die Wiedergutmachung. "
                "Halten Sie sie kurz; sie ist keine Ausrede.",
                "An explanation works less than admission and repair. Keep it short; it is no "
                "excuse.",
            ),
            _LEWICKI,
        ),
    ),
    "disappointment": (
        Advice(
            Text(
                "Wie man mit dem Kunden umgeht, wirkt zuerst auf das Vertrauen in die Person und "
                "darüber auf das in die Firma.",
                "How the customer is treated acts on trust in the person first, and through it on "
                "trust in the company.",
            ),
            _TAX,
        ),
    ),
    "apology": (
        Advice(
            Text(
                "Von sechs Teilen einer Entschuldigung wirkt das Eingeständnis der Verantwortung am "
                "meisten, das Angebot der Wiedergutmachung am zweitmeisten, die Bitte um Verzeihung "
                "am wenigsten (755 Befragte). Stellen Sie die ersten beiden nach vorn.",
                "Of six parts of an apology, admitting responsibility works most, the offer of "
                "repair second, asking for forgiveness least (755 persons). Put the first two first.",
            ),
            _LEWICKI,
        ),
        Advice(
            Text(
                "Bei fehlendem Können überzeugt, wer die Ursache bei sich sucht. Nennen Sie sie, "
                "wenn sie bei uns lag.",
                "Where ability failed, looking for the cause in oneself convinces. Name it where it "
                "was ours.",
            ),
            _KIM,
        ),
        Advice(
            Text(
                "Eine Entschuldigung ist kein Schuldanerkenntnis. Klauseln, die einem Versicherten "
                "die Anerkennung verbieten, sind unwirksam. Ein Hinweis, keine Rechtsberatung.",
                "An apology is no acknowledgement of debt. Clauses that forbid an insured to "
                "acknowledge are void in Germany. A hint, no legal advice.",
            ),
            "§ 105 VVG",
        ),
    ),
    "new_chance": (
        Advice(
            Text(
                "Die Bitte steht am Ende und ist eine Bitte: Drängen schadet.",
                "The request comes last and is a request: urging does harm.",
            ),
            _LEWICKI,
        ),
    ),
    "offer": (
        Advice(
            Text(
                "Ein Angebot per E-Mail oder Anruf ist Werbung und braucht eine Rechtsgrundlage. Im "
                "Gespräch oder im Brief ist es erlaubt.",
                "An offer by e-mail or call is advertising and needs a legal ground. In the talk or "
                "in the letter it is permitted.",
            ),
            "§ 7 UWG; BGH VI ZR 225/17",
        ),
        Advice(
            Text(
                "Ein Geschenk hebt die Zufriedenheit, aber weder Wiederkauf noch Weiterempfehlung. "
                "Es ersetzt die Wiedergutmachung nicht.",
                "A present raises satisfaction, but neither repurchase nor word of mouth. It does "
                "not replace repair.",
            ),
            _PARADOX,
        ),
    ),
    "talk": (
        Advice(
            Text(
                "Fragen Sie nach dreierlei: War das Ergebnis gerecht, der Weg einfach und schnell, "
                "der Umgang respektvoll?",
                "Ask for three things: was the outcome fair, the way simple and quick, the "
                "treatment respectful?",
            ),
            _TAX,
        ),
    ),
    "repair": (
        Advice(
            Text(
                "Nach dem Eingeständnis wirkt die Wiedergutmachung am meisten. Sie muss zu dem "
                "passen, was gebrochen ist, und ein Datum haben.",
                "After admission, repair works most. It must fit what was broken, and have a date.",
            ),
            f"{_LEWICKI}; Xie & Peng 2009",
        ),
    ),
    "prevention": (
        Advice(
            Text(
                "Bei einem Bruch der Redlichkeit muss jemand anders entscheiden oder prüfen. Ein "
                "Vorsatz genügt nicht.",
                "After a breach of integrity somebody else must decide or check. A resolution is "
                "not enough.",
            ),
            "Gillespie & Dietz 2009",
        ),
    ),
    "confirmed": (
        Advice(
            Text(
                "Ob es wieder gut ist, sagt der Kunde. Fragen Sie offen; ein Nein ist nützlich.",
                "Whether it is all right again is for the customer to say. Ask openly; a no is "
                "useful.",
            ),
        ),
    ),
    "evaluated": (
        Advice(
            Text(
                "Nach einem Fehler kann eine gute Wiedergutmachung den Kunden zufriedener machen als "
                "zuvor, nach zweien nicht. Gleiche Fehler kurz nacheinander wiegen schwerer.",
                "After one failure a good recovery can leave the customer more satisfied than "
                "before, after two it cannot. Similar failures close together weigh more.",
            ),
            _PARADOX,
        ),
    ),
    "reason": (),
    "check": (),
}
