"""One customer's account: first the sentence, then the number, the preconditions, the statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe

from vertrauenskonto.core.errors import Conflict, Denied, Language, NotFound, Text
from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    PERSON_PREFIX,
    TOTAL,
    Dimension,
)
from vertrauenskonto.core.ledger.periods import Period, around
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.core.ledger.remedies import Help
from vertrauenskonto.db.actions import readings
from vertrauenskonto.db.actions.readings import What
from vertrauenskonto.db.queries import (
    account_pages,
    hierarchy,
    promises,
    recovery,
    relations,
    statements,
)
from vertrauenskonto.db.queries.account_pages import AccountPage, Head
from vertrauenskonto.render.numbers import MONTHS_DE, MONTHS_EN, long_day, short_day
from vertrauenskonto.render.page import verdict_bar
from vertrauenskonto.render.statement import (
    StatementRow,
    StatementSheet,
    made_good,
    statement_rows,
)
from vertrauenskonto.render.words import (
    DIMENSION_LABELS,
    DIMENSION_QUESTIONS,
    outlook,
    reason_word,
    verdict_word,
)
from vertrauenskonto.web import account_charts, account_reasons, attachments
from vertrauenskonto.web.account_asking import Asking, asking
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.frame import switched_on
from vertrauenskonto.web.templatetags.words import page_language, spoken

LINES_PER_PAGE = 100
PROMISES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One precondition as the page shows it."""

    dimension: Dimension
    label: Text
    question: Text
    word: Text
    bar: SafeString
    is_weakest: bool
    help: Help


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The rows of a statement that stand on one page of it, and where that page is."""

    rows: tuple[StatementRow, ...]
    number: int
    count: int

    @property
    def opening(self) -> list[StatementRow]:
        """What is carried forward, on top."""
        return [row for row in self.rows if row.role == "opening"]

    @property
    def middle(self) -> list[StatementRow]:
        """What happened, and what balances it."""
        return [row for row in self.rows if row.role not in ("opening", "closing")]

    @property
    def closing(self) -> list[StatementRow]:
        """The closing balance, at the foot."""
        return [row for row in self.rows if row.role == "closing"]


@page()
def show(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Show the account: what it is worth, why, and its statement."""
    return _shown(request, asked, key, template="accounts/account.html")


@page()
def printed(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Show the whole statement of a period as it is printed, with the chart."""
    return _shown(request, asked, key, template="accounts/print.html")


@page()
def pdf(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Send the statement of a period as a PDF."""
    # Django's check of all addresses should not wait for what only this view needs.
    from vertrauenskonto.render.statement_sheet import Letter, statement_pdf  # noqa: PLC0415

    wish = asking(request, asked.door.today)
    try:
        found = account_pages.opened(asked.viewer, key, wish.wanted, today=asked.door.today)
    except Conflict:
        return _stopped(request, asked, key)
    looked(asked, found.head, "statement")
    language = page_language()
    contents = statement_pdf(
        sheet(found),
        language,
        letter=Letter(
            company=account_charts.company(),
            address=_address(found.head),
            made_on=asked.door.today,
            chart=account_charts.standing_alone(found, wish.wanted, language),
        ),
    )
    name = f"{found.head.key}-{found.statement.until}.pdf"
    response = HttpResponse(contents, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@page()
def curve(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Send the chart with its table, as a part of the account's page."""
    if not request.headers.get("HX-Request"):
        query = request.GET.copy()
        query["verlauf"] = "1"
        return redirect(f"{reverse('account_of', args=[key])}?{query.urlencode()}#verlauf")
    wish = asking(request, asked.door.today)
    try:
        found = statements.shown(
            asked.viewer, key, as_of=wish.wanted.as_of, known_at=wish.wanted.known_at
        )
    except Conflict as refusal:
        return HttpResponse(spoken(refusal.text), content_type="text/plain; charset=utf-8")
    drawn = account_charts.drawn(found, wish.wanted, page_language())
    response = HttpResponse(drawn)
    patch_vary_headers(response, ["HX-Request"])
    return response


@page()
def group(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    """Show the organisation a customer belongs to: counted and by its worst account, never added."""
    found = hierarchy.roll_up(asked.viewer, key)
    readings.record(asked.viewer, [found.id], "balance", asked.door.at)
    return render(request, "accounts/group.html", {"group": found})


def looked(asked: Asked, head: Head, what: What) -> None:
    """Note that she looked at this customer's account."""
    readings.record(asked.viewer, [head.pk], what, asked.door.at)


def sheet(found: AccountPage) -> StatementSheet:
    """Return the statement with the words of its policies."""
    return StatementSheet(
        statement=found.statement,
        valuation=found.valuation,
        runway_days=found.runway_days,
        labels=kind_labels(found.shown.policies),
        name=found.head.name or "",
        compensates=made_good(found.shown.account, found.shown.compensates),
    )


def kind_labels(policies: PolicyHistory) -> dict[str, Text]:
    """Return the names of all kinds of all versions; the newest wording counts."""
    return {name: kind.label for v in policies.versions for name, kind in v.kinds.items()}


def _shown(request: HttpRequest, asked: Asked, key: str, *, template: str) -> HttpResponseBase:
    wish, status = asking(request, asked.door.today), 200
    today = asked.door.today
    try:
        try:
            found = account_pages.opened(asked.viewer, key, wish.wanted, today=today)
        except Denied as refusal:
            if wish.wanted.view == TOTAL:
                raise
            # Whose part it is, she may not see; the account itself she may.
            wish, status = wish.instead(refusal.text), 403
            found = account_pages.opened(asked.viewer, key, wish.wanted, today=today)
    except Conflict:
        return _stopped(request, asked, key)
    looked(asked, found.head, "statement")
    is_print = template.endswith("print.html")
    language = page_language()
    rows = statement_rows(sheet(found), language)
    chart = ""
    if found.valuation.view == TOTAL and (is_print or request.GET.get("verlauf")):
        chart = account_charts.drawn(found.shown, wish.wanted, language)
    given = {
        "found": found,
        "head": found.head,
        "wish": wish,
        "sentence": _sentence(found, language),
        "parts": [_part(found, d, language) for d in DIMENSIONS],
        "weakest": reason_word(found.valuation.weakest.reason),
        "lines": Lines(rows=rows, number=1, count=1) if is_print else _lines(rows, wish.page),
        "labels": kind_labels(found.shown.policies),
        "chart": mark_safe(chart),  # noqa: S308  our own picture, its words are escaped
        "views": _views(found, wish),
        "periods": _periods(found, wish),
        "may_book": asked.may("book") and not is_print,
        "duty": found.duty,
        "promises": () if is_print else _promises(request, asked, found),
        "switched_promises": "promises" in switched_on(request),
        "recoveries": () if is_print else _recoveries(request, asked, found),
        "switched_recovery": "recovery" in switched_on(request),
        "relation": None if is_print else _relation(asked, found, wish),
    }
    return render(request, template, given, status=status)


def _promises(request: HttpRequest, asked: Asked, found: AccountPage) -> Sequence[promises.Shown]:
    """Return what the customer was promised: all that is open, and the newest that is over."""
    if "promises" not in switched_on(request):
        return ()
    return promises.of_seen(
        asked.viewer,
        found.head.pk,
        now=asked.door.at,
        limit=PROMISES,
        is_merged=found.head.is_merged,
    )


def _recoveries(request: HttpRequest, asked: Asked, found: AccountPage) -> Sequence[recovery.Shown]:
    """Return the open recovery cases of the customer."""
    if "recovery" not in switched_on(request) or not asked.may("book"):
        return ()
    return recovery.of_seen(asked.viewer, found.head.pk, today=asked.door.today)


def _relation(asked: Asked, found: AccountPage, wish: Asking) -> relations.Relation:
    """Return in which phase the relationship was on the value date."""
    return relations.of_shown(
        asked.viewer,
        found.head.pk,
        found.shown,
        is_merged=found.head.is_merged,
        as_of=wish.wanted.as_of,
        known_at=wish.wanted.known_at,
    )


def _stopped(request: HttpRequest, asked: Asked, key: str) -> HttpResponseBase:
    found = account_pages.stopped(asked.viewer, key)
    if found.state == "normal":
        # It was merged into one that she may not have valued.
        raise NotFound(Text("Dieses Konto gibt es nicht.", "There is no such account."))
    looked(asked, found.head, "customer")
    return render(request, "accounts/stopped.html", {"found": found, "head": found.head})


def _sentence(found: AccountPage, language: Language) -> str:
    view, day = found.valuation.view, found.valuation.as_of
    if view == TOTAL:
        return outlook(found.runway_days, day, language, is_empty=found.is_empty)
    if view == ORGANISATION:
        text = Text(
            "Der Teil des Kontos, der nicht an einzelnen Personen hängt.",
            "The part of the account that hangs on no single person.",
        )
    else:
        name = view.removeprefix(PERSON_PREFIX)
        text = Text(
            f"Der Teil des Kontos, der an {name} hängt. Stille zählt hier nicht.",
            f"The part of the account that hangs on {name}. Silence does not count here.",
        )
    return text.in_language(language)


def _part(found: AccountPage, dimension: Dimension, language: Language) -> Part:
    value = found.valuation
    judged = value.opinions[dimension]
    return Part(
        dimension=dimension,
        label=DIMENSION_LABELS[dimension],
        question=DIMENSION_QUESTIONS[dimension],
        word=verdict_word(value.verdicts[dimension], judged),
        bar=mark_safe(verdict_bar(judged, language)),  # noqa: S308  our own picture
        is_weakest=dimension == value.weakest.dimension,
        help=found.helps[dimension],
    )


def _lines(rows: Sequence[StatementRow], wanted: int | None) -> Lines:
    """Return one page of the rows; a later page begins with what the one before ended with."""
    count = max((len(rows) + LINES_PER_PAGE - 1) // LINES_PER_PAGE, 1)
    number = min(max(wanted or count, 1), count)
    # Counted from the end, so that the newest sheet is a full one.
    end = len(rows) - (count - number) * LINES_PER_PAGE
    start = max(end - LINES_PER_PAGE, 0)
    shown = rows[start:end]
    if start:
        carried = Text("Übertrag", "Brought forward").in_language(page_language())
        before = rows[start - 1]
        opening = StatementRow(role="opening", on=None, name=carried, balance=before.balance)
        shown = (opening, *shown)
    return Lines(rows=tuple(shown), number=number, count=count)


def _views(found: AccountPage, wish: Asking) -> list[dict[str, Any]]:
    """Return whose parts can be asked for; only one: there is nothing to choose."""
    names = [(TOTAL, Text("das ganze Konto", "the whole account"))]
    targets = {e.target for e in found.shown.account.entries} - {ORGANISATION}
    if found.persons or not targets:
        names.append((ORGANISATION, Text("nur die Organisation", "the organisation only")))
    names += [(f"{PERSON_PREFIX}{p}", Text(f"nur {p}", f"only {p}")) for p in found.persons]
    if not found.persons and wish.wanted.view == TOTAL:
        return []
    return [
        {"value": value, "label": text, "is_chosen": value == wish.wanted.view}
        for value, text in names
    ]


def _periods(found: AccountPage, wish: Asking) -> dict[str, Any]:
    """Return the period's name, and the links to its neighbours and to the other sorts."""
    period, as_of = found.period, found.valuation.as_of
    days = [e.on for e in found.shown.account.entries]
    first = min(days, default=as_of)

    def link(other: Period) -> str:
        kept = f"{wish.kept}&" if wish.kept else ""
        return f"?{kept}zeitraum={other.name}#auszug"

    around_it = min(period.last, as_of)
    words = {
        "month": Text("Monat", "Month"),
        "quarter": Text("Quartal", "Quarter"),
        "year": Text("Jahr", "Year"),
    }
    return {
        "name": period_words(period),
        "before": link(period.before) if period.first > first else "",
        "before_name": period_words(period.before) if period.first > first else None,
        "after": link(period.after) if period.after.first <= as_of else "",
        "after_name": period_words(period.after) if period.after.first <= as_of else None,
        "sorts": [
            {"label": words[s], "url": link(around(around_it, s)), "is_here": s == period.sort}
            for s in ("month", "quarter", "year")
        ],
        "pages": f"?{wish.kept + '&' if wish.kept else ''}zeitraum={period.name}",
    }


def period_words(period: Period) -> Text:
    """Return how people call a period: `März 2026`, `1. Quartal 2026`, `2026`."""
    year, month = period.first.year, period.first.month
    if period.sort == "month":
        return Text(f"{MONTHS_DE[month - 1]} {year}", f"{MONTHS_EN[month - 1]} {year}")
    if period.sort == "quarter":
        quarter = (month + 2) // 3
        return Text(f"{quarter}. Quartal {year}", f"quarter {quarter} of {year}")
    if period.sort == "year":
        return Text(str(year), str(year))
    return Text(
        f"{short_day(period.first, 'de')} bis {short_day(period.last, 'de')}",
        f"{long_day(period.first, 'en')} to {long_day(period.last, 'en')}",
    )


def _address(head: Head) -> tuple[str, ...]:
    """Return name and postal address as a letter carries them."""
    main = next((c for c in head.contacts or () if c.address), None)
    lines = [head.name or head.key]
    if main:
        lines += [main.name if main.name != head.name else "", *main.address.splitlines()]
    return tuple(line.strip() for line in lines if line.strip())


urls = [
    path("kunden/<str:key>/", show, name="account_of"),
    path("kunden/<str:key>/drucken/", printed, name="account_print"),
    path("kunden/<str:key>/auszug.pdf", pdf, name="account_pdf"),
    path("kunden/<str:key>/verlauf/", curve, name="account_curve"),
    path("kunden/<str:key>/gruppe/", group, name="account_group"),
    *account_reasons.urls,
    *attachments.urls,
]
