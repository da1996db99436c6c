"""How well we keep our word, and how likely we would: the figures, and the look before promising.

/zusagen/zahlen/?tage=91&team=3
/zusagen/aussicht/?faehigkeit=Lieferung&tag=2026-03-20&sicher=0.9
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.safestring import SafeString

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.core.promise_figures import STOP_MIN, Figures
from vertrauenskonto.db.queries import promise_figures as queries
from vertrauenskonto.db.queries import promise_outlook, promises
from vertrauenskonto.render.charts import chart_html
from vertrauenskonto.render.numbers import count, share
from vertrauenskonto.render.promise_chart import middle_words, promise_chart, rate_words
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.row_numbers import row_number
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

WINDOWS = {
    91: Text("3 Monate", "3 months"),
    365: Text("1 Jahr", "1 year"),
    1095: Text("3 Jahre", "3 years"),
}
_FIRST = 365
_MODULE = "promises"
_CONFIDENCES = {
    "0.8": Text("80 von 100", "80 in 100"),
    "0.9": Text("90 von 100", "90 in 100"),
    "0.95": Text("95 von 100", "95 in 100"),
}


class OutlookForm(OwnForm):
    """What somebody thinks of promising."""

    texts: ClassVar[Mapping[str, Text]] = {
        "faehigkeit": Text("Worum geht es?", "What does it take?"),
        "tag": Text("Bis wann?", "Until when?"),
        "sicher": Text("Wie sicher soll es sein?", "How safe should it be?"),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {"sicher": _CONFIDENCES}

    faehigkeit = forms.CharField(
        max_length=80, required=False, widget=forms.TextInput(attrs={"list": "capabilities"})
    )
    tag = forms.DateField(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    sicher = forms.ChoiceField(required=False, initial="0.9")


@page(right="see_accounts", module=_MODULE)
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show how often promises were kept in a window, and which ones we should stop making."""
    # Before anything else: who may not see figures learns nothing of teams.
    queries.may_see(asked.viewer)
    given = row_number(request.GET.get("tage", "")) or _FIRST
    days = given if given in WINDOWS else _FIRST
    teams = queries.teams(asked.viewer)
    wanted = row_number(request.GET.get("team", ""))
    team = wanted if wanted in {number for number, _ in teams} else None
    tomorrow = datetime.combine(
        asked.door.today + timedelta(days=1), time(), ZoneInfo(settings.TIME_ZONE)
    )
    since = tomorrow - timedelta(days=days)
    found = queries.kept(asked.viewer, since=since, until=tomorrow, team=team)
    language = page_language()
    chart = ""
    if found.by_kind:
        wide, narrow = (promise_chart(found.by_kind, language, width=w) for w in (560, 300))
        # Our own drawing and table, escaped where they are made.
        chart = SafeString(chart_html(wide, language, narrow=narrow))
    told = {
        "figures": _figures(found.all),
        "n": found.all.n,
        "by_kind": list(found.by_kind),
        "stop": [(one.kind, rate_words(one.kept, language), one.because) for one in found.stop],
        "stop_min": STOP_MIN,
        "chart": chart,
        "windows": [(d, spoken(t), d == days) for d, t in WINDOWS.items()],
        "days": days,
        "teams": teams,
        "team": team,
    }
    return render(request, "promise_figures/show.html", told)


def _figures(found: Figures) -> list[tuple[str, str, str]]:
    """Return each figure: its name, its value with interval, and of how many promises."""
    language = page_language()
    rates = (
        (Text("Gehalten", "Kept"), found.kept),
        (Text("Gehalten, ohne neuen Termin", "Kept, without a new date"), found.kept_as_given),
        (
            Text("Vor dem Auftrag zugesagt, gehalten", "Given before the order, kept"),
            found.before_order,
        ),
        (
            Text("Nach dem Auftrag zugesagt, gehalten", "Given after the order, kept"),
            found.after_order,
        ),
        (
            Text(
                "Was nicht zu halten war: vorher Bescheid gegeben",
                "What could not be kept: told before",
            ),
            found.notified,
        ),
        (Text("Pünktlich beim ersten Kontakt", "On time at a first contact"), found.first_contact),
    )
    none = words("noch keine", "none yet")
    told = [
        (spoken(text), rate_words(r, language) if r else none, count(r.n, language) if r else "0")
        for text, r in rates
    ]
    hours = found.notice_hours
    name = words("Vorlauf, in der Mitte (Arbeitsstunden)", "Notice, in the middle (working hours)")
    value = middle_words(hours, language) if hours else none
    return [*told, (name, value, count(hours.n if hours else 0, language))]


@page(right="see_accounts", module=_MODULE)
def outlook(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Show how likely a promise would be kept, and the earliest day that is safe enough."""
    is_asked = "tag" in request.GET
    first = promises.working_time(asked.viewer).add_days(asked.door.today, 2)
    form = OutlookForm(request.GET if is_asked else None, initial={"tag": first, "sicher": "0.9"})
    told: dict[str, Any] = {
        "form": form,
        "capabilities": promises.capabilities(asked.viewer),
    }
    if is_asked and form.is_valid():
        told |= _answer(asked, form)
    is_part = "HX-Request" in request.headers
    answer = render(request, f"promise_figures/{'answer' if is_part else 'outlook'}.html", told)
    answer.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return answer


def _answer(asked: Asked, form: OutlookForm) -> dict[str, Any]:
    said = form.cleaned_data
    day: date = said["tag"]
    if day < asked.door.today:
        form.add_error("tag", words("Dieser Tag ist vorbei.", "This day has passed."))
        return {}
    question = promise_outlook.Asked(
        capability=said["faehigkeit"].strip(),
        due=day,
        confidence=float(said["sicher"] or 0.9),
        team=asked.viewer.team_id,
    )
    try:
        found = promise_outlook.answer(asked.viewer, question, today=asked.door.today)
    except Invalid as refusal:
        form.add_error("tag", spoken(refusal.text))
        return {}
    language, one = page_language(), found.forecast
    told: dict[str, Any] = {"answer": found, "day": day}
    if one.probability is not None and one.low is not None and one.high is not None:
        told["likely"] = share(one.probability, language)
        told["between"] = f"{share(one.low, language)} – {share(one.high, language)}"
    safe = found.safe
    if safe.forecast is not None and safe.forecast.probability is not None:
        told["safe_likely"] = share(safe.forecast.probability, language)
    return told


urls = [
    path("zusagen/zahlen/", show, name="promise_figures"),
    path("zusagen/aussicht/", outlook, name="promise_outlook"),
]
