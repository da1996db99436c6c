"""The weekly mail on reasons: exactly five sentences, and two addresses below them.

What cost most trust, its change, how many customers, what earned most, what to do next.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import Dimension
from vertrauenskonto.render.numbers import count, number

_NEXT: Mapping[Dimension, Text] = {
    "willing": Text(
        "Rufen Sie als Nächstes die Betroffenen an, nennen Sie den Grund und sagen Sie, was Sie "
        "ändern.",
        "Next, ring the customers concerned, give the reason and say what you will change.",
    ),
    "able": Text(
        "Gehen Sie als Nächstes drei dieser Fälle vom Anfang bis zum Ende durch und beheben Sie, "
        "was in allen dreien hakt.",
        "Next, go through three of these cases from start to end and mend what failed in all three.",
    ),
    "assessable": Text(
        "Erklären Sie den Betroffenen als Nächstes von sich aus, was geschah und woran sie künftig "
        "gute Arbeit erkennen.",
        "Next, explain to the customers concerned, unasked, what happened and how they can tell "
        "good work from now on.",
    ),
}
_NEXT_WITHOUT = Text(
    "Fragen Sie als Nächstes drei Kundinnen und Kunden, ob sie das auch so sehen.",
    "Next, ask three customers whether they see it that way too.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekTold:
    """A week in numbers; labels are in both languages, None where nothing cost or earned trust.

    `cost` and `before` are points of the main cause, or of everything if nothing cost trust now.
    `hit` is the precondition that it cost most.
    """

    cause: Text | None
    cost: float
    before: float
    customers: int
    hit: Dimension | None
    earned: Text | None
    points: float


def reasons_mail(week: WeekTold, *, urls: Mapping[str, str], language: Language) -> tuple[str, str]:
    """Return subject and text; `urls`: `reasons` and `settings`."""
    subject = Text(
        "Vertrauenskonto: Was letzte Woche Vertrauen gekostet hat",
        "Vertrauenskonto: What cost trust last week",
    )
    sentences = " ".join(text.in_language(language) for text in five_sentences(week))
    more = Text("Ursachen", "Reasons").in_language(language)
    choose = Text("Diese Mail abbestellen", "Stop this mail").in_language(language)
    text = f"{sentences}\n\n{more}: {urls['reasons']}\n{choose}: {urls['settings']}\n"
    return subject.in_language(language), text


def five_sentences(week: WeekTold) -> tuple[Text, Text, Text, Text, Text]:
    """Return the five sentences."""
    return (_most(week), _change(week), _concerned(week), _earned(week), _next(week))


def _most(week: WeekTold) -> Text:
    if week.cause is None:
        return Text(
            "In der vergangenen Woche hat nichts Vertrauen gekostet.",
            "Nothing cost trust last week.",
        )
    return Text(
        f"In der vergangenen Woche hat „{_plain(week.cause.de)}“ am meisten Vertrauen gekostet: "
        f"{number(week.cost, 'de')} Punkte.",
        f"What cost most trust last week was '{_plain(week.cause.en)}': "
        f"{number(week.cost, 'en')} points.",
    )


def _change(week: WeekTold) -> Text:
    before_de, before_en = number(week.before, "de"), number(week.before, "en")
    if week.cause is None:
        return Text(
            f"In der Woche davor waren es {before_de} Punkte.",
            f"The week before it was {before_en} points.",
        )
    if not week.before:
        return Text(
            "In der Woche davor kam das nicht vor.", "The week before it did not happen at all."
        )
    change = week.cost - week.before
    if not change:
        return Text("In der Woche davor war es ebenso viel.", "The week before it cost the same.")
    more = change > 0
    return Text(
        f"Das sind {number(abs(change), 'de')} Punkte {'mehr' if more else 'weniger'} als in der "
        "Woche davor.",
        f"That is {number(abs(change), 'en')} points {'more' if more else 'less'} than the week "
        "before.",
    )


def _concerned(week: WeekTold) -> Text:
    if not week.customers:
        return Text("Betroffen war niemand.", "Nobody was affected.")
    if week.customers == 1:
        return Text("Betroffen war ein Konto.", "One account was affected.")
    return Text(
        f"Betroffen waren {count(week.customers, 'de')} Konten.",
        f"{count(week.customers, 'en')} accounts were affected.",
    )


def _earned(week: WeekTold) -> Text:
    if week.earned is None:
        return Text(
            "Neues Vertrauen ist in dieser Woche nicht dazugekommen.",
            "No new trust was earned that week.",
        )
    return Text(
        f"Am meisten Vertrauen eingebracht hat „{_plain(week.earned.de)}“: "
        f"{number(week.points, 'de', signed=True)} Punkte.",
        f"What earned most trust was '{_plain(week.earned.en)}': "
        f"{number(week.points, 'en', signed=True)} points.",
    )


def _next(week: WeekTold) -> Text:
    return _NEXT_WITHOUT if week.hit is None else _NEXT[week.hit]


def _plain(label: str) -> str:
    """Return a label without what would end a sentence in its middle."""
    return label.replace(". ", ".\u00a0").rstrip(".!?").replace("! ", ", ").replace("? ", ", ")
