"""The product's own words for what the core computes, and its sentences about an account."""

from datetime import date, timedelta

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.balance import RUNWAY_DAYS_MAX, Valuation
from vertrauenskonto.core.ledger.entries import Dimension
from vertrauenskonto.core.ledger.opinions import Opinion, Verdict
from vertrauenskonto.render.numbers import long_day, number

DIMENSION_LABELS: dict[Dimension, Text] = {
    "willing": Text("Wollen", "Willing"),
    "able": Text("Können", "Able"),
    "assessable": Text("Einschätzen", "Assessable"),
}
DIMENSION_SHORT: dict[Dimension, Text] = {
    "willing": Text("Wollen", "Willing"),
    "able": Text("Können", "Able"),
    "assessable": Text("Einsch.", "Assess."),
}
DIMENSION_QUESTIONS: dict[Dimension, Text] = {
    "willing": Text(
        "Will das Unternehmen mein Bestes?",
        "Does the company want what is good for me?",
    ),
    "able": Text(
        "Kann es, was es zusagt?",
        "Can it do what it promises?",
    ),
    "assessable": Text(
        "Kann ich das beurteilen?",
        "Can I judge that?",
    ),
}

_YES = Text("ja", "yes")
_NO = Text("nein", "no")
_DAMAGED = Text("beschädigt", "damaged")
_UNPROVEN = Text("noch nicht belegt", "not yet proven")


def reason_word(reason: str) -> Text:
    """Return the word for the reason of a lack: damaged or unproven."""
    return _DAMAGED if reason == "damaged" else _UNPROVEN


def verdict_word(verdict: Verdict, judged: Opinion | None = None) -> Text:
    """Return the word for a verdict; an open one says why it is open, if the opinion is given."""
    if verdict == "unknown":
        return reason_word(judged.reason) if judged else _UNPROVEN
    return _YES if verdict == "yes" else _NO


def outlook(runway_days: int | None, as_of: date, language: Language, *, is_empty: bool) -> str:
    """Return the sentence that comes first: how long the account lasts if nothing happens.

    `runway_days` as `balance.runway` gives it: 0 below already, None not within two years.
    """
    if is_empty:
        return Text(
            "Auf diesem Konto ist noch nichts gebucht.",
            "Nothing is booked on this account yet.",
        ).in_language(language)
    if runway_days is None:
        years = RUNWAY_DAYS_MAX // 365
        return Text(
            f"Reicht länger als {years} Jahre, wenn nichts geschieht.",
            f"Lasts longer than {years} years if nothing happens.",
        ).in_language(language)
    if runway_days == 0:
        return Text(
            "Das Konto liegt unter der Schwelle.", "The account is below its threshold."
        ).in_language(language)
    last = long_day(as_of + timedelta(days=runway_days - 1), language)
    return Text(
        f"Reicht bis {last}, wenn nichts geschieht.", f"Lasts until {last} if nothing happens."
    ).in_language(language)


def is_empty(value: Valuation) -> bool:
    """Tell whether nothing that has points counts in a valuation."""
    moved = any(value.deposits.values()) or any(value.withdrawals.values())
    return not moved and not value.silence_charges


def weakest_sentence(value: Valuation, language: Language) -> str:
    """Return what limits trust most and why, e.g. `Am schwächsten: Können, beschädigt (0,42).`"""
    name = DIMENSION_LABELS[value.weakest.dimension].in_language(language)
    reason = reason_word(value.weakest.reason).in_language(language)
    expected = number(value.weakest.expected, language, decimals=2)
    start = Text("Am schwächsten", "Weakest").in_language(language)
    return f"{start}: {name}, {reason} ({expected})."


# What the program itself books is named in words; other sources as their systems are called.
_OWN_SOURCES = {
    "promises": Text("Zusagen", "promises"),
    "recovery": Text("Rückgewinnung", "recovery"),
}


def place_word(target: str, source: str, language: Language) -> str:
    """Return where something happened: the source and, if it was a person, who."""
    person = target.removeprefix("person:") if target.startswith("person:") else ""
    with_whom = Text(f"mit {person}", f"with {person}").in_language(language) if person else ""
    where = _OWN_SOURCES[source].in_language(language) if source in _OWN_SOURCES else source
    return ", ".join(part for part in (where, with_whom) if part)
