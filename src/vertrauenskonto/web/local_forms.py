"""Forms with days and times where the customer is, and until when something is promised.

A time that the clocks skip is refused, one that comes twice is asked about, and so is a day on which
nobody works.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from vertrauenskonto.core.calendar.local_time import Ambiguous, local_instant, local_instants
from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Invalid, Text, TrustError
from vertrauenskonto.render.alert_words import WEEKDAYS
from vertrauenskonto.render.numbers import long_day
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.templatetags.words import spoken, words

_OTHER = "other"


class Moment(forms.Field):
    """A day with a time of the clocks here, as the browser's own field gives it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def to_python(self, value: Any) -> datetime | None:
        """Return what stands in the field, without a zone."""
        if value in self.empty_values or isinstance(value, datetime):
            return value or None
        try:
            return datetime.fromisoformat(str(value)).replace(tzinfo=None)
        except ValueError as error:
            raise forms.ValidationError(
                words(
                    "Bitte Tag und Uhrzeit angeben, etwa 2026-03-18 14:30.",
                    "Please give day and time, such as 2026-03-18 14:30.",
                )
            ) from error


class LocalForm(OnceForm):
    """A form with days and times where the customer is; `zone` says where."""

    zone = ZoneInfo(settings.TIME_ZONE)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        # A single button in a list carries none; there the step itself is recognised.
        self.fields["once"].required = False

    def instant(self, name: str, day: date, at: time) -> datetime | None:
        """Return the instant of a local time; None: the field says what is wrong or asked."""
        which = f"{name}_which"
        try:
            found = local_instants(day, at, self.zone)
            if len(found) > 1:
                self._ask_which(name, which, found)
            said = str(self.data.get(self.add_prefix(which), ""))
            is_later = {"earlier": False, "later": True}.get(said)
            return local_instant(day, at, self.zone, is_later=is_later)
        except Ambiguous as question:
            self.add_error(name, spoken(question.text))
        except Invalid as refusal:
            self.add_error(name, spoken(refusal.text))
        return None

    def _ask_which(self, name: str, which: str, found: tuple[datetime, ...]) -> None:
        shown = [f"{i.astimezone(self.zone):%H:%M %Z}" for i in found]
        self.fields[which] = forms.ChoiceField(
            required=False,
            label=words("Welche der beiden Uhrzeiten?", "Which of the two times?"),
            widget=forms.RadioSelect,
            choices=[
                ("earlier", words(f"die erste ({shown[0]})", f"the first ({shown[0]})")),
                ("later", words(f"die zweite ({shown[1]})", f"the second ({shown[1]})")),
            ],
        )
        before = list(self.fields)
        self.order_fields([*before[: before.index(name) + 1], which])

    def moment(self, name: str) -> datetime | None:
        """Return the instant that a field of day and time says; None: nothing, or asked."""
        said = self.cleaned_data.get(name)
        return self.instant(name, said.date(), said.time()) if said else None


class DueForm(LocalForm):
    """Until when: one of the usual days, or another one; with a time, or the whole day."""

    due_texts: ClassVar[Mapping[str, Text]] = {
        "quick": Text("Bis wann?", "Until when?"),
        "day": Text("Anderer Tag", "Another day"),
        "clock": Text("Uhrzeit", "Time"),
    }
    due_hints: ClassVar[Mapping[str, Text]] = {
        "clock": Text("Leer: im Lauf des Tages.", "Empty: in the course of the day."),
    }

    quick = forms.ChoiceField(required=False, widget=forms.RadioSelect)
    day = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    clock = forms.TimeField(
        required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(
        self, *args: Any, today: date, working: WorkingTime, zone: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if zone:
            self.zone = ZoneInfo(zone)
        self.working = working
        days = {str(day): text for day, text in usual_days(today).items()}
        self.offer("quick", days | {_OTHER: Text("an einem anderen Tag", "on another day")})
        self.due: date | datetime | None = None

    def clean(self) -> dict[str, Any]:
        """Put day and time together, and ask what nobody can know."""
        given = super().clean() or self.cleaned_data
        if {"quick", "day", "clock"} & set(self.errors):
            return given
        day = self._day(given)
        if day is None:
            return given
        clock = given.get("clock")
        self.due = day if clock is None else self.instant("clock", day, clock)
        if self.due is not None:
            self._ask_day_off(day)
        return given

    def _day(self, given: Mapping[str, Any]) -> date | None:
        quick, other = given.get("quick", ""), given.get("day")
        chosen = date.fromisoformat(quick) if quick not in ("", _OTHER) else None
        if chosen and other and chosen != other:
            self.add_error(
                "day",
                words(
                    f"Oben ist der {long_day(chosen, 'de')} gewählt, hier steht ein anderer Tag. "
                    "Welcher gilt? Für diesen wählen Sie oben „an einem anderen Tag“.",
                    f"Above {long_day(chosen, 'en')} is chosen, here is another day. Which one "
                    "counts? For this one choose “on another day” above.",
                ),
            )
            return None
        day: date | None = chosen or other
        if day is None:
            field = "day" if quick == _OTHER else "quick"
            self.add_error(
                field,
                words(
                    "Bis wann? Wählen Sie einen Tag, oder geben Sie einen anderen an.",
                    "Until when? Choose a day, or give another one.",
                ),
            )
        return day

    def _ask_day_off(self, day: date) -> None:
        try:
            if self.working.is_working_day(day):
                return
            after = self.working.add_days(day, 1)
        except Invalid as refusal:
            self.add_error("day", spoken(refusal.text))
            return
        self.fields["day_off"] = forms.BooleanField(
            required=False,
            label=words(
                f"Ja, der {long_day(day, 'de')} ist gemeint.",
                f"Yes, {long_day(day, 'en')} is meant.",
            ),
            widget=forms.CheckboxInput(
                attrs={"value": str(day)}, check_test=lambda said: said == str(day)
            ),
        )
        before = list(self.fields)
        self.order_fields([*before[: before.index("clock") + 1], "day_off"])
        if self.data.get(self.add_prefix("day_off")) == str(day):
            return
        name = self.working.calendars[0].day_off_name(day)
        why = Text(
            f" ({name.de})" if name.de else f" ({WEEKDAYS[day.weekday()].de})",
            f" ({name.en})" if name.en else f" ({WEEKDAYS[day.weekday()].en})",
        )
        self.add_error(
            "day_off",
            words(
                f"Am {long_day(day, 'de')}{why.de} wird nicht gearbeitet. Ist dieser Tag gemeint? "
                f"Der nächste Arbeitstag ist der {long_day(after, 'de')}.",
                f"Nobody works on {long_day(day, 'en')}{why.en}. Is this day meant? The next "
                f"working day is {long_day(after, 'en')}.",
            ),
        )


def refuse(form: OnceForm, refusal: TrustError) -> None:
    """Show a refusal at its field; one that names none speaks of the date, where there is one."""
    if isinstance(refusal, Invalid) and not refusal.problems and isinstance(form, DueForm):
        is_other = form.cleaned_data.get("quick") in ("", _OTHER)
        form.add_error("day" if is_other else "quick", spoken(refusal.text))
        return
    for problem in refusal.problems:
        name = _FIELDS.get(problem.field, problem.field)
        form.add_error(name if name in form.fields else None, spoken(problem.text))
    if not refusal.problems:
        form.add_error(None, spoken(refusal.text))


# What actions call a field, and what the forms do.
_FIELDS = {"made_at": "made", "due": "quick"}


def usual_days(today: date) -> dict[date, Text]:
    """Return the days that people promise most, as they call them."""
    tomorrow, friday = today + timedelta(days=1), today + timedelta(days=(4 - today.weekday()) % 7)
    week = today + timedelta(days=7)
    found = {
        today: Text("heute", "today"),
        tomorrow: Text("morgen", "tomorrow"),
        friday: Text("Freitag", "Friday"),
        week: Text("in einer Woche", "in a week"),
    }
    # Today keeps its name on a Friday, and so does tomorrow on a Thursday.
    found[today] = Text("heute", "today")
    found[tomorrow] = Text("morgen", "tomorrow")
    return {day: _dated(found[day], day) for day in sorted(found)}


def _dated(name: Text, day: date) -> Text:
    return Text(
        f"{name.de}, {WEEKDAYS[day.weekday()].de[:2]} {day.day}.{day.month}.",
        f"{name.en}, {WEEKDAYS[day.weekday()].en[:3]} {day.day}/{day.month}",
    )
