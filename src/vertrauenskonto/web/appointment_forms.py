"""The forms about appointments: making one, moving it, what came of it, and other times to offer.

What is unusual is asked about, not refused: outside of working time, on a day off, in the way of
something else. A yes counts for the time that was asked about; another time is asked about anew.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings

from vertrauenskonto.core.appointments import MINUTES_MAX, Visit
from vertrauenskonto.core.calendar.working_calendar import WEEKDAYS
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.actions.promises import SAID_IN, NewPromise
from vertrauenskonto.db.queries.appointments import Doubts
from vertrauenskonto.render.numbers import long_day
from vertrauenskonto.web.local_forms import LocalForm, Moment
from vertrauenskonto.web.promise_forms import SOURCE, PlainStep, colleagues
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import CHANNELS, spoken, words

_OWN_SLOTS = ("slot_1", "slot_2")
_FORMAT = "%Y-%m-%dT%H:%M"


class TimedForm(LocalForm):
    """A form with a beginning, about which unusual things are asked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.begins: datetime | None = None

    def clean(self) -> dict[str, Any]:
        """Read when it begins, by the clocks where the customer is."""
        given = super().clean() or self.cleaned_data
        self.begins = self.moment("starts")
        return given

    def is_sure(self, found: Doubts) -> bool:
        """Tell whether nothing is to be asked, or it was answered with yes for this very time."""
        asked = [*_questions(found)]
        if not asked:
            return True
        assert self.begins is not None, "a valid form has a beginning"
        answer = self.begins.isoformat()
        self.fields["sure"] = forms.BooleanField(
            required=False,
            label=words("Ja, der Termin ist so gemeint.", "Yes, the appointment is meant so."),
            widget=forms.CheckboxInput(
                attrs={"value": answer}, check_test=lambda said: said == answer
            ),
        )
        before = list(self.fields)
        self.order_fields([*before[: before.index("starts") + 1], "sure"])
        if self.data.get(self.add_prefix("sure")) == answer:
            return True
        self.add_error("sure", " ".join(spoken(question) for question in asked))
        return False


def _questions(found: Doubts) -> Sequence[Text]:
    asked = []
    if found.is_day_off:
        why = f" ({found.day_off.de})" if found.day_off.de else ""
        why_en = f" ({found.day_off.en})" if found.day_off.en else ""
        asked.append(
            Text(
                f"An diesem Tag wird nicht gearbeitet{why}.",
                f"Nobody works on this day{why_en}.",
            )
        )
    elif found.is_outside:
        asked.append(
            Text(
                "Der Termin liegt außerhalb der Arbeitszeit.",
                "The appointment lies outside of working time.",
            )
        )
    for other in found.overlaps:
        zone = ZoneInfo(settings.TIME_ZONE)
        shown = f"{other.starts.astimezone(zone):%H:%M}–{other.ends.astimezone(zone):%H:%M}"
        asked.append(
            Text(
                f"Mit dem Weg dorthin überschneidet er sich mit einem anderen Termin ({shown}).",
                f"With the way there it overlaps with another appointment ({shown}).",
            )
        )
    return asked


class AppointmentForm(Careful, TimedForm):
    """What for, when, where, who goes, and who is expected."""

    careful: ClassVar[tuple[str, ...]] = ("wording",)
    texts: ClassVar[Mapping[str, Text]] = {
        "wording": Text("Wozu?", "What for?"),
        "starts": Text("Beginn", "Begins"),
        "minutes": Text("Dauer in Minuten", "Length in minutes"),
        "place": Text("Ort", "Place"),
        "travel_minutes": Text("Weg dorthin in Minuten", "Way there in minutes"),
        "keeper": Text("Wer geht hin?", "Who goes there?"),
        "told_whom": Text("Mit wem vereinbart?", "Agreed with whom?"),
        "said_in": Text("Wo vereinbart?", "Agreed where?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "wording": Text(
            "So steht es in der Einladung; der Kunde liest es.",
            "It stands in the invitation like this; the customer reads it.",
        ),
        "place": Text("Leer: am Telefon.", "Empty: by phone."),
        "travel_minutes": Text(
            "Davor und danach bleibt so viel Zeit frei.", "So much time stays free around it."
        ),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "said_in": {code: CHANNELS[code] for code in SAID_IN},
    }

    wording = forms.CharField(max_length=500)
    starts = Moment()
    minutes = forms.IntegerField(min_value=1, max_value=MINUTES_MAX, initial=60)
    place = forms.CharField(required=False, max_length=300)
    travel_minutes = forms.IntegerField(required=False, min_value=0, max_value=MINUTES_MAX)
    keeper = forms.ChoiceField()
    told_whom = forms.CharField(required=False, max_length=200)
    said_in = forms.ChoiceField(initial="call")

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["once"].required = True
        self.offer("keeper", colleagues(viewer))

    def clean(self) -> dict[str, Any]:
        """Put beginning and length together."""
        given = super().clean()
        self.visit: Visit | None = None
        minutes = given.get("minutes")
        if self.begins is not None and minutes is not None and not self.errors:
            self.visit = Visit(
                starts=self.begins,
                ends=self.begins + timedelta(minutes=minutes),
                travel_minutes=given.get("travel_minutes") or 0,
            )
        return given

    def appointment(self, customer: str) -> NewPromise:
        """Return what is to be written down; the form is valid."""
        given = self.cleaned_data
        assert self.visit is not None, "a valid form has a visit"
        return NewPromise(
            customer=customer,
            wording=given["wording"],
            due=self.visit.starts,
            ends_at=self.visit.ends,
            travel_minutes=self.visit.travel_minutes,
            source=SOURCE,
            source_id=given["once"],
            place=given["place"],
            keeper=given["keeper"],
            told_whom=given["told_whom"],
            said_in=given["said_in"],
            zone=self.zone.key,
        )


class MoveForm(TimedForm):
    """The new beginning, and whose wish it was."""

    texts: ClassVar[Mapping[str, Text]] = {
        "starts": Text("Neuer Beginn", "Begins now"),
        "wish": Text("Wer wollte es anders?", "Who wanted it otherwise?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "wish": Text(
            "Verlegen wir, wird das gebucht. Der Wunsch des Kunden kostet nichts.",
            "If we move it, that is booked. The customer's wish costs nothing.",
        )
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "wish": {"us": Text("wir", "we"), "customer": Text("der Kunde", "the customer")}
    }

    starts = Moment()
    wish = forms.ChoiceField(widget=forms.RadioSelect)


class HeldForm(Careful, PlainStep):
    """That it took place, and how late we were."""

    careful: ClassVar[tuple[str, ...]] = ("note",)
    texts: ClassVar[Mapping[str, Text]] = {
        "late_minutes": Text("Wir kamen zu spät, Minuten", "We were late by, minutes"),
        "note": Text("Anmerkung", "Remark"),
    }

    late_minutes = forms.IntegerField(required=False, min_value=0, max_value=MINUTES_MAX)
    note = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class AbsentForm(Careful, PlainStep):
    """That the customer was not there."""

    careful: ClassVar[tuple[str, ...]] = ("note",)
    texts: ClassVar[Mapping[str, Text]] = {"note": Text("Anmerkung", "Remark")}

    note = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )


class OffersForm(LocalForm):
    """Other times that the customer may choose: those proposed, and one's own."""

    texts: ClassVar[Mapping[str, Text]] = {
        "slots": Text("Freie Zeiten", "Free times"),
        "slot_1": Text("Eigener Vorschlag", "A proposal of your own"),
        "slot_2": Text("Noch einer", "Another one"),
    }

    slots = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    slot_1 = Moment(required=False)
    slot_2 = Moment(required=False)

    def __init__(self, *args: Any, known: Sequence[datetime], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = ZoneInfo(zone)
        shown = {at.isoformat(): self.said(at) for at in sorted(set(known))}
        self.offer("slots", shown)
        if not shown:
            del self.fields["slots"]

    def said(self, at: datetime) -> Text:
        """Return a time as people say it."""
        return said_at(at, self.zone.key)

    def clean(self) -> dict[str, Any]:
        """Put those ticked and one's own together."""
        given = super().clean() or self.cleaned_data
        own = [self.moment(name) for name in _OWN_SLOTS]
        ticked = [datetime.fromisoformat(said) for said in given.get("slots", ())]
        self.wished = [at for at in (*ticked, *own) if at is not None]
        return given


def said_at(at: datetime, zone: str) -> Text:
    """Return an instant as people say it where it happens: `Montag, 23. November 2026, 8:00 Uhr`."""
    local = at.astimezone(ZoneInfo(zone))
    day, weekday = local.date(), WEEKDAYS[local.weekday()]
    return Text(
        f"{weekday.de}, {long_day(day, 'de')}, {local:%H:%M} Uhr",
        f"{weekday.en}, {long_day(day, 'en')}, {local:%H:%M}",
    )


def as_field(at: datetime, zone: str) -> str:
    """Return an instant as a field of day and time holds it."""
    return at.astimezone(ZoneInfo(zone)).strftime(_FORMAT)
