"""The forms of booking, reversing and making good; each carries the number that its entry will have."""

from collections.abc import Mapping
from datetime import date, timedelta
from secrets import token_hex
from typing import Any, ClassVar

from django import forms

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import ORGANISATION, PERSON_PREFIX
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.drafts import Draft
from vertrauenskonto.db.queries.preview import Subject
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import spoken

SOURCE = "web"
NOTE_LENGTH_MAX = 4_000
NUMBER_PATTERN = r"[0-9a-f]{32}"
# Nobody books by hand what is older than a working life; a year with two digits is a slip.
_PAST = timedelta(days=50 * 365)

_NOTE = Text("Notiz", "Note")
_NOTE_HINT = Text(
    "Was geschah, in einem Satz. Der Kunde darf ihn lesen.",
    "What happened, in one sentence. The customer may read it.",
)


def new_number() -> str:
    """Return the id that the entry of a form will have, so that it is booked once."""
    return token_hex(16)


class EntryForm(Careful, OwnForm):
    """What every form that makes an entry has: its number, and a note that is read once more."""

    careful: ClassVar[tuple[str, ...]] = ("note",)
    texts: ClassVar[Mapping[str, Text]] = {"note": _NOTE}
    hints: ClassVar[Mapping[str, Text]] = {"note": _NOTE_HINT}

    nr = forms.RegexField(NUMBER_PATTERN, widget=forms.HiddenInput)
    note = forms.CharField(
        required=False,
        max_length=NOTE_LENGTH_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        """Say of what nobody sees that it is missing, too."""
        given = super().clean()
        if "nr" in self.errors:
            self.add_error(
                None,
                spoken(
                    Text(
                        "Dem Formular fehlt seine Nummer. Laden Sie die Seite neu.",
                        "The form has lost its number. Reload the page.",
                    )
                ),
            )
        return given

    def renumber(self) -> None:
        """Let what is filled in be a further entry."""
        self.data = {name: self.data.get(name) for name in self.data} | {"nr": new_number()}

    def problem_at(self, field: str, text: Text) -> None:
        """Show why an entry cannot be booked, at the field that is wrong."""
        self.add_error(field if field in self.fields else None, spoken(text))


class BookingForm(EntryForm):
    """What happened, on which day, and at whom it was directed."""

    texts: ClassVar[Mapping[str, Text]] = {
        "day": Text("Tag", "Day"),
        "target": Text("Wem gilt es?", "Whom is it about?"),
        "note": _NOTE,
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "day": Text(
            "An dem es für den Kunden geschah. Ein früherer Tag zählt von dort an und steht auf "
            "dem nächsten Auszug als Nachtrag.",
            "On which it happened for the customer. An earlier day counts from then on and stands "
            "on the next statement as a correction.",
        ),
        "note": _NOTE_HINT,
    }

    art = forms.CharField(max_length=80, widget=forms.HiddenInput)
    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    target = forms.ChoiceField(widget=forms.RadioSelect)

    field_order = ("nr", "art", "day", "target", "note")

    def __init__(
        self, data: Any, *, subject: Subject, viewer: Viewer, today: date, **given: Any
    ) -> None:
        super().__init__(data, **given)
        self._key, self._today = subject.key, today
        self.offer("target", _targets(subject, viewer))
        self.fields["day"].widget.attrs["max"] = today.isoformat()
        for name in ("day", "target"):
            self.fields[name].widget.attrs |= {
                "hx-post": "",
                "hx-trigger": "change",
                "hx-target": "#preview",
                "hx-select": "#preview",
                "hx-swap": "outerHTML",
            }

    def clean_day(self) -> date:
        """Refuse days to come, and such as nobody means."""
        day = self.cleaned_data["day"]
        assert isinstance(day, date)
        if day > self._today:
            raise forms.ValidationError(
                spoken(
                    Text(
                        "Dieser Tag liegt noch vor uns. Gebucht wird, was geschehen ist.",
                        "This day is still to come. Book what has happened.",
                    )
                )
            )
        if day < self._today - _PAST:
            raise forms.ValidationError(
                spoken(
                    Text(
                        "Dieser Tag liegt mehr als 50 Jahre zurück; bitte prüfen Sie das Jahr.",
                        "This day is more than 50 years ago; please check the year.",
                    )
                )
            )
        return day

    def draft(self) -> Draft:
        """Return what is to be booked."""
        given = self.cleaned_data
        return Draft(
            customer=self._key,
            source=SOURCE,
            source_id=given["nr"],
            kind=given["art"],
            value_date=given["day"],
            target=given["target"],
            note=given["note"],
        )


class ReasonForm(EntryForm):
    """Why an entry is reversed or made good."""

    texts: ClassVar[Mapping[str, Text]] = {"reason": Text("Grund", "Reason"), "note": _NOTE}
    reasons: ClassVar[Mapping[str, Text]] = {}

    reason = forms.ChoiceField(widget=forms.RadioSelect)

    field_order = ("nr", "art", "reason", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.offer("reason", self.reasons)


class ReversalForm(ReasonForm):
    """Why an entry never happened."""

    reasons: ClassVar[Mapping[str, Text]] = {
        "mistake": Text("Es ist nicht geschehen", "It did not happen"),
        "wrong_customer": Text("Es betraf jemand anderen", "It was about somebody else"),
        "wrong_kind": Text("Die Buchungsart war falsch", "The kind was wrong"),
        "duplicate": Text("Es war schon gebucht", "It was booked already"),
    }


class CompensationForm(ReasonForm):
    """How an entry was made good."""

    reasons: ClassVar[Mapping[str, Text]] = {
        "repaired": Text("Der Schaden ist behoben", "The damage is repaired"),
        "apology": Text("Wir haben um Entschuldigung gebeten", "We apologised"),
        "goodwill": Text("Kulanz", "Goodwill"),
    }

    art = forms.CharField(max_length=80, widget=forms.HiddenInput)


def _targets(subject: Subject, viewer: Viewer) -> dict[str, Text]:
    """Return whom an entry can be about: the company, oneself, and who looks after the customer."""
    targets = {
        ORGANISATION: Text("dem Unternehmen", "the company"),
        f"{PERSON_PREFIX}{viewer.actor}": Text("mir persönlich", "me personally"),
    }
    if subject.owner and subject.owner != viewer.actor:
        name = subject.owner_name or subject.owner
        targets[f"{PERSON_PREFIX}{subject.owner}"] = Text(name, name)
    return targets
