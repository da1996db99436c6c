"""Why a number is what it is: the balance with each contribution, and one entry with all of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, ClassVar

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.core.ledger.booking import REMARKS
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.core.ledger.explain import ChargeContribution, PostingContribution
from vertrauenskonto.core.ledger.policy import Parameters
from vertrauenskonto.db.actions import readings
from vertrauenskonto.db.actions.notes import BYTES_MAX
from vertrauenskonto.db.actions.readings import What
from vertrauenskonto.db.queries import account_pages, entry_reasons
from vertrauenskonto.db.queries.account_pages import Why
from vertrauenskonto.db.queries.entry_reasons import EntryReason
from vertrauenskonto.render.numbers import counted, number, share
from vertrauenskonto.render.words import DIMENSION_LABELS, reason_word, verdict_word
from vertrauenskonto.web.account_asking import asking
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.templatetags.words import page_language

ROWS_PER_PAGE = 100
SILENCE = "stille"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one precondition, or silence, gives to the balance."""

    name: str
    label: Text
    plus: float
    minus: float
    word: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time of silence: since when, how often it was charged, and what is left of that."""

    since: date
    first: date
    last: date
    charges: int
    points: float
    contribution: float


@page()
def why(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Show what makes the balance, part by part and entry by entry."""
    wish = asking(request, asked.door.today)
    try:
        found = account_pages.why(asked.viewer, key, wish.wanted)
    except Conflict:
        return redirect("account_of", key)
    readings.record(asked.viewer, [found.head.pk], "explanation", asked.door.at)
    part = request.GET.get("teil", "")
    if part not in ("", SILENCE, *DIMENSIONS):
        raise Http404
    chosen = [p for p in found.explanation.postings if part in ("", p.dimension)]
    chosen.reverse()
    rows, pages = _cut(chosen if part != SILENCE else [], wish.page)
    given: dict[str, Any] = {
        "found": found,
        "head": found.head,
        "wish": wish,
        "value": found.explanation.valuation,
        "shares": _shares(found),
        "part": part,
        "part_label": DIMENSION_LABELS[part] if part in DIMENSIONS else None,
        "rows": [_row(p) for p in rows],
        "pages": pages,
        "spells": _spells(found.explanation.charges) if part in ("", SILENCE) else [],
        "rules": _rules(found.policy.parameters),
        "limits": _limits(found.policy.parameters),
        "contacts": len(found.explanation.contacts),
        "aside": found.explanation.set_aside if part == "" else (),
        "labels": _labels(found),
    }
    return render(request, "accounts/why.html", given)


@page()
def entry(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Show one entry: what was booked by which rules, what is left of it, and who wrote it."""
    name = request.GET.get("entry", "")
    return shown_entry(request, asked, key, name, form=AttachForm(initial={"entry": name}))


def shown_entry(
    request: HttpRequest, asked: Asked, key: str, name: str, *, form: "AttachForm"
) -> HttpResponseBase:
    """Return the page of one entry, with the form that attaches a file to it."""
    wish = asking(request, asked.door.today)
    wanted = wish.wanted
    try:
        found = entry_reasons.entry_reason(
            asked.viewer, key, name, as_of=wanted.as_of, known_at=wanted.known_at
        )
    except Conflict:
        return redirect("account_of", key)
    what: What = "attachment" if found.files else "explanation"
    readings.record(asked.viewer, [found.head.pk], what, asked.door.at)
    is_live = found.reversal is None and found.entry.reverses is None
    given: dict[str, Any] = {
        "found": found,
        "head": found.head,
        "entry": found.entry,
        "wish": wish,
        "label": found.labels.get(found.entry.kind),
        "rows": [_row(p) for p in found.parts],
        "remark": REMARKS.get(found.entry.remark),
        "is_live": is_live,
        "is_ahead": found.entry.on > wanted.as_of,
        "lead": _told(found),
        "may_change": asked.may("book") and is_live,
        "may_attach": asked.may("book"),
        "form": form,
    }
    return render(request, "accounts/entry.html", given)


class AttachForm(OwnForm):
    """A file to lay beside an entry."""

    entry = forms.CharField(widget=forms.HiddenInput, max_length=300)
    file = forms.FileField(max_length=200, allow_empty_file=True)

    texts: ClassVar[Mapping[str, Text]] = {"file": Text("Datei", "File")}
    hints: ClassVar[Mapping[str, Text]] = {
        "file": Text(
            f"Bis {BYTES_MAX // 1_000_000} MB: PDF, Bild, Text, CSV, E-Mail (.eml), Word, Excel oder "
            "OpenDocument. Sie wird mit den Daten der Kundin oder des Kunden gelöscht, einzeln nicht.",
            f"Up to {BYTES_MAX // 1_000_000} MB: PDF, picture, text, CSV, mail (.eml), Word, Excel or "
            "OpenDocument. It is erased with the customer's data, not by itself.",
        )
    }


def _told(found: EntryReason) -> Text:
    """Return the sentence that comes first: what the entry counts today."""
    if found.entry.reverses is not None:
        return Text(
            "Ein Storno: Es nimmt eine Buchung zurück.", "A reversal: it takes an entry back."
        )
    if found.reversal is not None:
        return Text(
            "Storniert: Diese Buchung zählt nicht mehr.", "Reversed: this entry counts no longer."
        )
    if not found.entry.postings:
        return Text(
            "Ohne Punkte: Ein Kontakt beendet eine Stille, mehr nicht.",
            "No points: a contact ends a silence, nothing else.",
        )
    if not found.parts:
        return Text(
            "Zählt an dem Tag noch nicht, den Sie gewählt haben.",
            "Does not count yet on the day that you chose.",
        )
    booked = sum(p.points for p in found.parts)
    left = sum(p.contribution for p in found.parts)

    def points(value: float, language: Any) -> str:
        return number(value, language, signed=True)

    return Text(
        f"Gebucht mit {points(booked, 'de')} Punkten; davon zählen heute {points(left, 'de')}.",
        f"Booked with {points(booked, 'en')} points; {points(left, 'en')} of them count today.",
    )


def _row(part: PostingContribution) -> dict[str, Any]:
    language = page_language()
    return {
        "entry": part.entry,
        "label": DIMENSION_LABELS[part.dimension],
        "points": number(part.points, language, decimals=2, signed=True),
        "left": share(part.weight, language),
        "counts": number(part.contribution, language, decimals=2, signed=True),
        "is_deposit": part.points > 0,
    }


def _shares(found: Why) -> list[Share]:
    value = found.explanation.valuation
    shares = [
        Share(
            name=d,
            label=DIMENSION_LABELS[d],
            plus=value.deposits[d],
            minus=-value.withdrawals[d],
            word=verdict_word(value.verdicts[d], value.opinions[d]),
        )
        for d in DIMENSIONS
    ]
    silence = Share(name=SILENCE, label=Text("Stille", "Silence"), plus=0.0, minus=-value.silence)
    return [*shares, silence]


def _spells(charges: Sequence[ChargeContribution]) -> list[Spell]:
    """Return the charges by the silence they belong to, the newest first."""
    spells = []
    for since, found in groupby(sorted(charges, key=lambda c: c.since), key=lambda c: c.since):
        group = sorted(found, key=lambda c: c.due)
        spells.append(
            Spell(
                since=since,
                first=group[0].due,
                last=group[-1].due,
                charges=len(group),
                points=sum(c.points for c in group),
                contribution=sum(c.contribution for c in group),
            )
        )
    return spells[::-1]


def _cut(
    rows: Sequence[PostingContribution], wanted: int | None
) -> tuple[Sequence[PostingContribution], dict[str, int]]:
    count = max((len(rows) + ROWS_PER_PAGE - 1) // ROWS_PER_PAGE, 1)
    page_number = min(max(wanted or 1, 1), count)
    start = (page_number - 1) * ROWS_PER_PAGE
    return rows[start : start + ROWS_PER_PAGE], {"number": page_number, "count": count}


def _days(value: float, language: Any) -> str:
    one, many = ("Tag", "Tage") if language == "de" else ("day", "days")
    return counted(round(value), language, one=one, many=many)


def _rules(parameters: Parameters) -> list[Text]:
    """Return the rules by which points fade and silence is charged, in plain sentences."""
    rules = [_fading(d, parameters) for d in DIMENSIONS]
    silence = parameters.silence
    if not silence.points:
        return [*rules, Text("Stille kostet hier nichts.", "Silence costs nothing here.")]
    german, english = number(silence.points, "de"), number(silence.points, "en")
    rules.append(
        Text(
            f"Stille kostet wie Zinsen: nach {silence.grace_days} Tagen ohne Kontakt {german} "
            f"Punkte, danach alle {silence.period_days} Tage wieder. Jeder Kontakt beendet sie.",
            f"Silence costs like interest: {english} points after {silence.grace_days} days "
            f"without contact, then again every {silence.period_days} days. Any contact ends it.",
        )
    )
    if silence.half_life_days is not None:
        rules.append(
            Text(
                f"Auch ein Stille-Abzug verblasst: Nach {_days(silence.half_life_days, 'de')}n "
                "zählt noch die Hälfte.",
                f"A charge for silence fades, too: after {_days(silence.half_life_days, 'en')} half "
                "of it is left.",
            )
        )
    return rules


def _fading(dimension: Dimension, parameters: Parameters) -> Text:
    lives = parameters.half_life_days[dimension]
    label = DIMENSION_LABELS[dimension]
    plus, minus = lives.deposits, lives.withdrawals
    de = "nie" if plus is None else f"nach {_days(plus, 'de')}n zur Hälfte"
    en = "never" if plus is None else f"by half within {_days(plus, 'en')}"
    de_minus = "nie" if minus is None else f"nach {_days(minus, 'de')}n"
    en_minus = "never" if minus is None else f"within {_days(minus, 'en')}"
    return Text(
        f"{label.de}: Eine Einzahlung verblasst {de}, eine Abhebung {de_minus}.",
        f"{label.en}: a deposit fades {en}, a withdrawal {en_minus}.",
    )


def _limits(parameters: Parameters) -> list[Text]:
    """Return when a precondition reads yes, no or open, without a word of statistics."""
    limits = parameters.verdict
    yes, no = limits.yes_expected_min, limits.no_expected_below
    certain = limits.yes_uncertainty_max
    damaged, unproven = reason_word("damaged"), reason_word("unproven")
    return [
        Text(
            f"„ja“: Mindestens {share(yes, 'de')} sprechen dafür, und höchstens "
            f"{share(certain, 'de')} sind noch offen.",
            f"'yes': at least {share(yes, 'en')} speaks for it, and at most "
            f"{share(certain, 'en')} is still open.",
        ),
        Text(
            f"„nein“: Weniger als {share(no, 'de')} sprechen dafür, und das liegt an schlechten "
            "Erfahrungen.",
            f"'no': less than {share(no, 'en')} speaks for it, because of bad experiences.",
        ),
        Text(
            f"„{damaged.de}“: dazwischen, vor allem wegen schlechter Erfahrungen.",
            f"'{damaged.en}': in between, mostly because of bad experiences.",
        ),
        Text(
            f"„{unproven.de}“: dazwischen, vor allem weil noch zu wenig geschehen ist.",
            f"'{unproven.en}': in between, mostly because too little has happened yet.",
        ),
        Text(
            "Ein Bruch der Ehrlichkeit macht Wollen zu „nein“, wie viel auch dafür spricht.",
            "A breach of honesty makes Willing a 'no', however much speaks for it.",
        ),
    ]


def _labels(found: Why) -> dict[str, Text]:
    return {n: k.label for v in found.shown.policies.versions for n, k in v.kinds.items()}


urls = [
    path("kunden/<str:key>/warum/", why, name="why"),
    path("kunden/<str:key>/warum/buchung/", entry, name="why_entry"),
]
