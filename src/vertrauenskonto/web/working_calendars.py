"""Working calendars: when the company, a team or a customer works, and which days are free.

    /verwaltung/arbeitskalender/ -> neu/ -> N/ (weeks, days, holidays; each a form of its own)
                                            N/einlesen/: a calendar file, shown before it is taken in

A change is made by one form each and can be sent twice: it says how things are, not what to add.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from vertrauenskonto.core.calendar.hours import Interval, hours_text
from vertrauenskonto.core.calendar.working_calendar import WEEKDAYS, DayOff
from vertrauenskonto.core.errors import Invalid, NotFound, Text, TrustError
from vertrauenskonto.db import contact_files
from vertrauenskonto.db.actions import working_calendars as actions
from vertrauenskonto.db.actions.working_calendars import WEEKDAY_FIELDS
from vertrauenskonto.db.queries import calendars as queries
from vertrauenskonto.db.queries.calendars import Sheet
from vertrauenskonto.importers.calendar_files import BYTES_MAX, DaysOffFile, read_days_off
from vertrauenskonto.importers.public_holidays import LOCAL, REGIONS
from vertrauenskonto.web.asking import Asked, page
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.templatetags.words import counted, page_language, spoken, words

_FILE = "calendar_file"
# How far a file is read ahead, and how far ahead days are listed.
_READ_YEARS, _LISTED_DAYS = 10, 400
NO_HOLIDAYS = Text("keine gesetzlichen Feiertage", "no public holidays")
_DAY = {"type": "date"}


def regions() -> dict[str, Text]:
    """Return the regions whose holidays are known, by code."""
    return {key: region.name for key, region in REGIONS.items()}


class CalendarForm(OwnForm):
    """What a calendar is called, and whose holidays are free."""

    name = forms.CharField(max_length=actions.NAME_MAX)
    region = forms.ChoiceField(required=False)
    local = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Name", "Name"),
        "region": Text("Bundesland oder Kanton", "State or canton"),
        "local": Text("Was außerdem frei ist", "What is free besides"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "name": Text("Zum Beispiel: Büro, Werkstatt.", "For example: office, workshop."),
        "region": Text(
            "Danach richten sich die gesetzlichen Feiertage.",
            "It decides which public holidays are free.",
        ),
        "local": Text(
            "Nur Bayern, Sachsen, Thüringen und einige Kantone kennen so etwas.",
            "Only Bavaria, Saxony, Thuringia and some cantons know such days.",
        ),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.offer("region", {"": NO_HOLIDAYS, **regions()})
        self.fields["local"].choices = [  # type: ignore[attr-defined]  # it is a field of choices
            (choice, spoken(text)) for choice, text in LOCAL.items()
        ]


class WeekForm(OwnForm):
    """The hours of each weekday, and from which day on they count."""

    valid_from = forms.DateField(widget=forms.DateInput(_DAY, format="%Y-%m-%d"))

    texts: ClassVar[Mapping[str, Text]] = {"valid_from": Text("Gilt ab", "In force from")}
    hints: ClassVar[Mapping[str, Text]] = {
        "valid_from": Text(
            "Was vorher war, bleibt nach den bisherigen Zeiten gerechnet.",
            "What was before stays reckoned by the earlier hours.",
        )
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        for field, weekday in zip(WEEKDAY_FIELDS, WEEKDAYS, strict=True):
            self.fields[field] = forms.CharField(
                required=False, max_length=200, label=spoken(weekday)
            )
        self.fields["monday"].help_text = words(
            "Zum Beispiel: 8–12, 13–17. Leer: geschlossen.",
            "For example: 8–12, 13–17. Empty: closed.",
        )


class DayForm(OwnForm):
    """A day that differs."""

    day = forms.DateField(widget=forms.DateInput(_DAY, format="%Y-%m-%d"))
    hours = forms.CharField(required=False, max_length=100)
    day_name = forms.CharField(required=False, max_length=actions.NAME_MAX)

    texts: ClassVar[Mapping[str, Text]] = {
        "day": Text("Tag", "Day"),
        "hours": Text("Arbeitszeit", "Hours"),
        "day_name": Text("Bezeichnung", "Called"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "hours": Text("Leer: den ganzen Tag frei.", "Empty: free all day."),
        "day_name": Text("Etwa: Betriebsausflug.", "Such as: company outing."),
    }


class AssignForm(OwnForm):
    """By which calendar somebody works."""

    calendar = forms.ChoiceField(required=False)
    texts: ClassVar[Mapping[str, Text]] = {"calendar": Text("Arbeitskalender", "Working calendar")}


@page()
def show(request: HttpRequest, asked: Asked) -> HttpResponse:
    """List the calendars and who works by them."""
    if not (asked.may("audit") or asked.may("lead")):
        raise PermissionDenied
    found = queries.listed(asked.viewer)
    shown = {
        "calendars": [(one, _region_name(one.region)) for one in found],
        "running_out": queries.running_out(asked.door.today),
        "has_companys": any(one.is_companys for one in found),
        "administers": asked.may("administer"),
    }
    return render(request, "working_calendars/list.html", shown)


@page("POST", right="administer")
def new(request: HttpRequest, asked: Asked) -> HttpResponse:
    """Make a calendar from a region."""
    form = CalendarForm(asked.given(request), initial={"name": words("Betrieb", "Company")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            number = actions.make(
                asked.viewer,
                name=said["name"],
                region=said["region"],
                local=said["local"],
                now=asked.door.at,
            )
        except (Invalid, NotFound) as refusal:
            form.refuse(refusal)
        else:
            messages.success(
                request,
                words(
                    "Der Kalender ist angelegt: Montag bis Freitag, 8–12 und 13–17 Uhr.",
                    "The calendar is made: Monday to Friday, 8–12 and 13–17.",
                ),
            )
            return redirect("working_calendar", number)
    return render(request, "working_calendars/new.html", {"form": form})


@page("POST")
def one(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Show a calendar with its weeks and free days; change one thing of it."""
    if not (asked.may("audit") or asked.may("lead")):
        raise PermissionDenied
    sheet = queries.sheet(asked.viewer, number, since=_since(asked.door.today))
    what = request.POST.get("what", "")
    # What an expired session had typed is filled in where its button says.
    given = asked.given(request)
    typed = what or (given.get("what", "") if given else "")
    made = _forms(sheet, given, typed, asked.door.today)
    if request.method == "POST":
        if not asked.may("administer"):
            raise PermissionDenied
        form = made.get(what)
        if form is None or form.is_valid():
            try:
                _act(asked, number, what, request, form)
            except TrustError as refusal:
                _refuse(request, form, refusal)
            else:
                messages.success(request, words("Gespeichert.", "Saved."))
                return redirect(
                    "working_calendars" if what == "remove" else "working_calendar",
                    *(() if what == "remove" else (number,)),
                )
    return render(request, "working_calendars/one.html", _shown(asked, sheet) | {"forms": made})


def _refuse(request: HttpRequest, form: OwnForm | None, refusal: TrustError) -> None:
    if form is None:
        messages.error(request, spoken(refusal.text))
        return
    form.refuse(refusal)


def _forms(sheet: Sheet, given: Any, what: str, today: date) -> dict[str, OwnForm]:
    def filled(name: str) -> Any:
        return given if what == name else None

    last = sheet.calendar.weeks[-1]
    week = {f: hours_text(h) if h else "" for f, h in zip(WEEKDAY_FIELDS, last.days, strict=True)}
    about = {"name": sheet.listed.name, "region": sheet.listed.region, "local": sheet.local}
    return {
        "week": WeekForm(filled("week"), initial={"valid_from": today, **week}, prefix="woche"),
        "day": DayForm(filled("day"), prefix="tag"),
        "about": CalendarForm(filled("about"), initial=about, prefix="kalender"),
    }


def _act(asked: Asked, number: int, what: str, request: HttpRequest, form: OwnForm | None) -> None:
    said = form.cleaned_data if form is not None else {}
    viewer, now = asked.viewer, asked.door.at
    if what == "week":
        hours = [said[field] for field in WEEKDAY_FIELDS]
        actions.change_week(viewer, number, hours, valid_from=said["valid_from"], now=now)
    elif what == "day":
        actions.change_day(
            viewer, number, said["day"], hours=said["hours"], name=said["day_name"], now=now
        )
    elif what == "about":
        actions.describe(
            viewer, number, name=said["name"], region=said["region"], local=said["local"], now=now
        )
    elif what == "company":
        actions.assign(viewer, number, now=now)
    elif what == "remove":
        actions.remove(viewer, number)
    elif what in ("drop_day", "drop_week"):
        day = _read_day(request.POST.get("which", ""))
        drop = actions.remove_day if what == "drop_day" else actions.remove_week
        drop(viewer, number, day, now=now)
    else:
        raise Http404


def _read_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error


def _shown(asked: Asked, sheet: Sheet) -> dict[str, Any]:
    today = asked.door.today
    weeks = sheet.calendar.weeks
    starts = [week.valid_from for week in weeks]
    return {
        "sheet": sheet,
        "region": _region_name(sheet.listed.region),
        "local": [LOCAL[choice] for choice in sheet.local],
        "weeks": [
            {
                "from": week.valid_from if n else None,
                "key": week.valid_from.isoformat(),
                "days": [
                    (name, [_short(interval) for interval in hours])
                    for name, hours in zip(WEEKDAYS, week.days, strict=True)
                ],
                "is_now": week.valid_from <= today
                and (n + 1 == len(weeks) or starts[n + 1] > today),
                "is_coming": week.valid_from > today,
            }
            for n, week in enumerate(weeks)
        ],
        "days": _days(sheet, today),
        "runs_out": [r for r in queries.running_out(today) if r.id == sheet.listed.id],
        "administers": asked.may("administer"),
    }


def _days(sheet: Sheet, today: date) -> list[dict[str, Any]]:
    """Return the days that differ, in order: those by hand, and the holidays that they leave."""
    own = {
        d.day: {"day": d.day, "name": d.name, "hours": d.hours, "key": d.day.isoformat()}
        for d in sheet.own_days
    }
    until = today + timedelta(days=_LISTED_DAYS)
    by_law = {
        off.day: {"day": off.day, "name": spoken(off.name), "hours": ""}
        for off in sheet.calendar.days_off
        if _since(today) <= off.day <= until
    }
    return [row for _, row in sorted((by_law | own).items())]


def _short(interval: Interval) -> str:
    """Return an interval as people write it: `8–12`, `8:30–12`."""
    return "–".join(
        f"{minute // 60}:{minute % 60:02}" if minute % 60 else f"{minute // 60}"
        for minute in interval
    )


def _since(today: date) -> date:
    return today.replace(day=1)


def _region_name(key: str) -> Text:
    return REGIONS[key].name if key in REGIONS else NO_HOLIDAYS


@page("POST", right="administer")
def read(request: HttpRequest, asked: Asked, number: int) -> HttpResponse:
    """Take a calendar file, show what it says, and take in what she confirms."""
    sheet = queries.sheet(asked.viewer, number, since=asked.door.today)
    what = request.POST.get("what", "")
    if what == "upload":
        return _upload(request, asked, sheet)
    token = str(request.session.get(_FILE, ""))
    try:
        contents = contact_files.kept(token)
    except NotFound:
        return render(request, "working_calendars/upload.html", {"sheet": sheet})
    found = _read(contents, sheet, asked.door.today)
    if what == "drop":
        contact_files.drop(token)
        return redirect("working_calendar", number)
    if what == "take":
        wished = set(request.POST.getlist("tag"))
        taken = actions.take_days_off(
            asked.viewer, number, _wished(found, wished), now=asked.door.at
        )
        contact_files.drop(token)
        messages.success(
            request,
            counted(
                taken.added,
                "freier Tag übernommen, ",
                "freie Tage übernommen, ",
                "day off taken in, ",
                "days off taken in, ",
            )
            + counted(
                taken.known,
                "stand schon im Kalender.",
                "standen schon im Kalender.",
                "was in the calendar already.",
                "were in the calendar already.",
            ),
        )
        return redirect("working_calendar", number)
    known = queries.own_days(asked.viewer, number)
    there = known | {off.day for off in sheet.calendar.days_off}
    shown = {
        "sheet": sheet,
        "new": [off for off in found.days if off.day not in there],
        "known": [off for off in found.days if off.day in there],
        "questions": [off for off in found.questions if off.day not in there],
        "problems": [(p, p.in_language(page_language())) for p in found.problems],
    }
    return render(request, "working_calendars/preview.html", shown)


def _upload(request: HttpRequest, asked: Asked, sheet: Sheet) -> HttpResponse:
    upload = request.FILES.get("upload")
    is_too_large = getattr(request, "is_upload_too_large", False)
    if upload is None and not is_too_large:
        refusal = Text("Wählen Sie eine Datei aus.", "Choose a file.")
    else:
        contents = b"x" * (BYTES_MAX + 1) if upload is None else upload.read(BYTES_MAX + 1)
        found = _read(contents, sheet, asked.door.today)
        is_nothing = not (found.days or found.questions)
        if not is_nothing:
            request.session[_FILE] = contact_files.keep(contents)
            return redirect("read_calendar", sheet.listed.id)
        refusal = (
            found.problems[0].text
            if found.problems
            else Text(
                f"In der Datei steht kein freier Tag der nächsten {_READ_YEARS} Jahre.",
                f"The file holds no day off of the next {_READ_YEARS} years.",
            )
        )
    shown = {"sheet": sheet, "refusal": refusal}
    return render(request, "working_calendars/upload.html", shown, status=400)


def _read(contents: bytes, sheet: Sheet, today: date) -> DaysOffFile:
    first = today.replace(month=1, day=1)
    return read_days_off(
        "",
        contents,
        zone=sheet.listed.zone,
        first_day=first,
        last_day=date(first.year + _READ_YEARS, 12, 31),
    )


def _wished(found: DaysOffFile, wished: set[str]) -> list[DayOff]:
    """Return the days off, and of the questions those that she answered with yes."""
    return [*found.days, *(off for off in found.questions if off.day.isoformat() in wished)]


def assign_form(asked: Asked, given: Any, chosen: int | None, nobody: Text) -> AssignForm:
    """Return the form that asks by which calendar somebody works; `nobody`: by none of their own."""
    form = AssignForm(given, initial={"calendar": "" if chosen is None else str(chosen)})
    known = {str(one.id): Text(one.name, one.name) for one in queries.listed(asked.viewer)}
    form.offer("calendar", {"": nobody, **known})
    return form


@page("POST", right="administer", form_on=("team", "team"))
def of_team(request: HttpRequest, asked: Asked, team: int) -> HttpResponse:
    """Say by which calendar a team works."""
    _assign(request, asked, COMPANYS, team=team)
    return redirect("team", team)


@page("POST", right="book", form_on=("customer_data", "key"))
def of_customer(request: HttpRequest, asked: Asked, key: str) -> HttpResponse:
    """Say by which calendar a customer works."""
    _assign(request, asked, ANY_HOUR, customer=key)
    return redirect("customer_data", key)


def _assign(
    request: HttpRequest,
    asked: Asked,
    nobody: Text,
    *,
    team: int | None = None,
    customer: str = "",
) -> None:
    form = assign_form(asked, request.POST, None, nobody)
    if form.is_valid():
        said = form.cleaned_data["calendar"]
        number = int(said) if said else None
        actions.assign(asked.viewer, number, team=team, customer=customer, now=asked.door.at)
        messages.success(request, words("Gespeichert.", "Saved."))
    else:
        messages.error(
            request, words("Diesen Kalender gibt es nicht.", "There is no such calendar.")
        )


COMPANYS = Text("der des Unternehmens", "the company's")
ANY_HOUR = Text("keiner, jederzeit erreichbar", "none, reached at any hour")

urls = [
    path("verwaltung/arbeitskalender/", show, name="working_calendars"),
    path("verwaltung/arbeitskalender/neu/", new, name="new_working_calendar"),
    path("verwaltung/arbeitskalender/<int:number>/", one, name="working_calendar"),
    path("verwaltung/arbeitskalender/<int:number>/einlesen/", read, name="read_calendar"),
    path("verwaltung/teams/<int:team>/arbeitskalender/", of_team, name="team_calendar"),
    path("kunden/<str:key>/arbeitskalender/", of_customer, name="customer_calendar"),
]
