"""Promises that come again: every Monday, monthly, yearly.

/kunden/K/zusage/wiederholt/ -> begun
POST /kunden/K/zusage/wiederholt/7/ -> ended
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.core.promise_series import EVERY_MAX
from vertrauenskonto.db.actions import looking
from vertrauenskonto.db.actions import promise_series as actions
from vertrauenskonto.db.actions.promise_series import NewSeries
from vertrauenskonto.db.actions.promises import SAID_IN
from vertrauenskonto.db.queries import preview
from vertrauenskonto.db.queries import promise_series as queries
from vertrauenskonto.db.queries.promise_series import ShownSeries
from vertrauenskonto.render.alert_words import WEEKDAYS
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import CHANNELS, spoken, words

_RHYTHMS: Mapping[str, Text] = {
    "weekly": Text("jede Woche", "every week"),
    "monthly": Text("jeden Monat", "every month"),
    "yearly": Text("jedes Jahr", "every year"),
}
_MANY: Mapping[str, Text] = {
    "weekly": Text("Wochen", "weeks"),
    "monthly": Text("Monate", "months"),
    "yearly": Text("Jahre", "years"),
}


class _Day(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:  # Django's own arguments
        day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=day, **kwargs)


class SeriesForm(Careful, OnceForm):
    """What comes again, how often, and from when on."""

    careful: ClassVar[tuple[str, ...]] = ("wording",)
    texts: ClassVar[Mapping[str, Text]] = {
        "wording": Text("Was wurde zugesagt?", "What was promised?"),
        "rhythm": Text("Wie oft?", "How often?"),
        "every": Text("Jede wievielte?", "Every how many?"),
        "first_date": Text("Zum ersten Mal am", "For the first time on"),
        "last_date": Text("Zum letzten Mal am", "For the last time on"),
        "said_in": Text("Wo wurde es gesagt?", "Where was it said?"),
        "capability": Text("Worum geht es?", "What does it take?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "every": Text(
            "1: jede. 2: jede zweite, also etwa alle zwei Wochen.",
            "1: each. 2: every second one, such as every two weeks.",
        ),
        "first_date": Text(
            "Der Wochentag oder Tag des Monats bleibt. Fällt der 31. aus, gilt der letzte Tag des "
            "Monats.",
            "The weekday or day of the month stays. Where there is no 31st, the last day of the "
            "month counts.",
        ),
        "last_date": Text("Leer: bis Sie es beenden.", "Empty: until you end it."),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "rhythm": _RHYTHMS,
        "said_in": {code: CHANNELS[code] for code in SAID_IN},
    }

    wording = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    rhythm = forms.ChoiceField(widget=forms.RadioSelect, initial="weekly")
    every = forms.IntegerField(min_value=1, max_value=EVERY_MAX, initial=1)
    first_date = _Day()
    last_date = _Day(required=False)
    said_in = forms.ChoiceField()
    capability = forms.CharField(required=False, max_length=80)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.fields["first_date"].widget.attrs["min"] = today.isoformat()


@page("POST", right="book", module="promises")
def begin(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Begin a promise that comes again."""
    try:
        subject = preview.subject(asked.viewer, key)
    except Conflict as refusal:
        messages.error(request, spoken(refusal.text))
        return redirect("promises")
    form = SeriesForm(asked.given(request), today=asked.door.today)
    if request.method == "POST" and form.is_valid():
        said = {n: v for n, v in form.cleaned_data.items() if n in form.texts}
        new = NewSeries(customer=subject.key, number=form.cleaned_data["once"], **said)
        try:
            actions.begin(asked.viewer, new, door=asked.door)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request,
                words(
                    "Festgehalten. Jede einzelne Zusage steht zwei Wochen vor ihrem Tag da.",
                    "Recorded. Each single promise stands here two weeks before its day.",
                ),
            )
            return redirect("promises_of", subject.key)
    looking.note(asked.viewer, [subject.key], "list", at=asked.door.at)
    return render(request, "promises/series.html", {"form": form, "subject": subject})


@page("POST", right="book", module="promises")
def end(request: HttpRequest, asked: Asked, key: str, number: int) -> HttpResponse:
    """End a series; pressed twice it is ended once."""
    if request.method == "POST":
        actions.end(asked.viewer, number, door=asked.door)
        messages.success(
            request,
            words(
                "Beendet. Was schon zugesagt ist, bleibt zugesagt.",
                "Ended. What is promised already stays promised.",
            ),
        )
    return redirect("promises_of", key)


def of_customer(asked: Asked, key: str) -> Sequence[tuple[ShownSeries, str]]:
    """Return what comes again for a customer, each with how often, in words."""
    return [(one, told(one)) for one in queries.of_customer(asked.viewer, key)]


def told(series: ShownSeries) -> str:
    """Return how often a promise comes again: every Monday, every 2 months on the 31st."""
    day, every = series.first_date, series.every
    if every == 1 and series.rhythm == "weekly":
        name = WEEKDAYS[day.weekday()]
        return words(f"jeden {name.de}", f"every {name.en}")
    rhythm = _RHYTHMS[series.rhythm]
    often = (
        rhythm
        if every == 1
        else Text(
            f"alle {every} {_MANY[series.rhythm].de}", f"every {every} {_MANY[series.rhythm].en}"
        )
    )
    on = {
        "weekly": Text(WEEKDAYS[day.weekday()].de, WEEKDAYS[day.weekday()].en),
        "monthly": Text(f"am {day.day}.", f"on day {day.day}"),
        "yearly": Text(f"am {day.day}.{day.month}.", f"on {day.day}/{day.month}"),
    }[series.rhythm]
    return words(f"{often.de}, {on.de}", f"{often.en}, {on.en}")


urls = [
    path("kunden/<str:key>/zusage/wiederholt/", begin, name="series_new"),
    path("kunden/<str:key>/zusage/wiederholt/<int:number>/", end, name="series_end"),
]
