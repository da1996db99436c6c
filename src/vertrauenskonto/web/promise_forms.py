"""The forms about promises: making one in ten seconds, and each thing that can happen to it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django import forms

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.actions import promises as actions
from vertrauenskonto.db.actions.promises import SAID_IN, NewPromise, Taken
from vertrauenskonto.db.queries import candour, people
from vertrauenskonto.db.queries.promises import Shown
from vertrauenskonto.web.candour_forms import ask_despite
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.local_forms import DueForm, LocalForm, Moment
from vertrauenskonto.web.once import new_number
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import CHANNELS

SOURCE = "web"
_OTHER = "other"

_WHEN = Text("Wann?", "When?")
_WHEN_HINT = Text("Leer: gerade eben.", "Empty: just now.")
_NOTE = Text("Anmerkung", "Remark")


class PromiseForm(Careful, DueForm):
    """What was promised, until when and where it was said; the rest is folded away."""

    careful: ClassVar[tuple[str, ...]] = ("wording", "evidence")
    # What stands below "more".
    rest: ClassVar[tuple[str, ...]] = (
        "capability",
        "keeper",
        "told_whom",
        "made",
        "first",
        "before_order",
        "depends_on",
        "evidence",
    )
    texts: ClassVar[Mapping[str, Text]] = {
        "wording": Text("Was wurde zugesagt?", "What was promised?"),
        **DueForm.due_texts,
        "said_in": Text("Wo wurde es gesagt?", "Where was it said?"),
        "capability": Text("Worum geht es?", "What does it take?"),
        "keeper": Text("Wer erledigt es?", "Who does it?"),
        "told_whom": Text("Wem genau?", "To whom exactly?"),
        "made": Text("Wann wurde es gesagt?", "When was it said?"),
        "first": Text("Erster Kontakt?", "First contact?"),
        "before_order": Text("Vor dem Auftrag zugesagt", "Promised before the order"),
        "depends_on": Text("Hängt ab von", "Depends on"),
        "evidence": Text("Wo steht es?", "Where can it be read?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "wording": Text(
            "Ein Satz, wie der Kunde ihn verstanden hat. Er darf ihn lesen.",
            "One sentence, as the customer understood it. They may read it.",
        ),
        **DueForm.due_hints,
        "capability": Text(
            "Etwa: Rückruf, Lieferung, Angebot. Danach lassen sich Zusagen zusammen ansehen.",
            "Such as: callback, delivery, offer. By it promises can be looked at together.",
        ),
        "made": _WHEN_HINT,
        "first": Text(
            "Die erste Zusage an einen neuen Kunden zählt doppelt.",
            "The first promise to a new customer counts double.",
        ),
        "depends_on": Text("Etwa: Lager, Lieferant.", "Such as: warehouse, supplier."),
        "evidence": Text("Etwa: Ticket 4711, Mail vom 3. März.", "Such as: ticket 4711."),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "said_in": {code: CHANNELS[code] for code in SAID_IN},
        "first": {
            "": Text("nach den bisherigen Kontakten", "by the contacts so far"),
            "yes": Text("ja", "yes"),
            "no": Text("nein", "no"),
        },
    }

    wording = forms.CharField(max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    said_in = forms.ChoiceField()
    capability = forms.CharField(
        required=False, max_length=80, widget=forms.TextInput(attrs={"list": "capabilities"})
    )
    keeper = forms.ChoiceField(required=False)
    told_whom = forms.CharField(required=False, max_length=200)
    made = Moment(required=False)
    first = forms.ChoiceField(required=False)
    before_order = forms.BooleanField(required=False)
    depends_on = forms.CharField(required=False, max_length=500)
    evidence = forms.CharField(required=False, max_length=500)

    field_order = ("once", "wording", "quick", "day", "clock", "said_in", *rest)

    def __init__(self, *args: Any, viewer: Viewer, customer: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer, self.customer = viewer, customer
        self.fields["once"].required = True
        self.fields["said_in"].initial = "call"
        nobody = {"": Text("wer sie gegeben hat", "whoever gave it")}
        self.offer("keeper", nobody | colleagues(viewer))

    def clean(self) -> dict[str, Any]:
        """Read when it was said, too, and show a no that the promise runs against."""
        given = super().clean()
        self.made_at = self.moment("made")
        if self.customer and given.get("wording"):
            found = candour.against(
                self.viewer,
                self.customer,
                given["wording"],
                capability=given.get("capability", ""),
                at=self.made_at or datetime.now(self.zone),
            )
            ask_despite(self, found)
        return given

    def renumber(self) -> None:
        """Let what is filled in be a further promise."""
        number = {self.add_prefix("once"): new_number()}
        self.data = {name: self.data.get(name) for name in self.data} | number

    @property
    def main(self) -> list[forms.BoundField]:
        """What is asked at once: everything that is not folded away."""
        folded = set(self._folded)
        return [field for field in self.visible_fields() if field.name not in folded]

    @property
    def more(self) -> list[forms.BoundField]:
        """What is folded away, with the questions about it."""
        return [self[name] for name in self._folded]

    @property
    def _folded(self) -> list[str]:
        own = {*self.rest, *(f"{n}_needed" for n in self.rest), "made_which"}
        return [name for name in self.fields if name in own]

    @property
    def is_unfolded(self) -> bool:
        """Tell whether something is written or wrong in what is folded away."""
        return any(field.errors or field.value() for field in self.more)

    def promise(
        self, *, customer: str = "", colleague: str = "", source_id: str = ""
    ) -> NewPromise:
        """Return what is to be written down; the form is valid."""
        given = self.cleaned_data
        assert self.due is not None, "a valid form has a date"
        return NewPromise(
            customer=customer,
            colleague=colleague,
            wording=given["wording"],
            due=self.due,
            source=SOURCE,
            source_id=source_id or given["once"],
            made_at=self.made_at,
            capability=given["capability"],
            said_in=given["said_in"],
            evidence=given["evidence"],
            depends_on=given["depends_on"],
            told_whom=given["told_whom"],
            is_first_contact={"yes": True, "no": False}.get(given["first"]),
            is_before_order=given["before_order"],
            keeper=given["keeper"],
            zone=self.zone.key,
        )


class PlainStep(LocalForm):
    """A step that takes no words: one button."""

    def taken(self, what: Any) -> Taken:
        """Return the step; the form is valid."""
        given = self.cleaned_data
        return Taken(
            what=what,
            at=getattr(self, "at_instant", None),
            channel=given.get("channel", ""),
            note=given.get("note", ""),
            late_minutes=given.get("late_minutes") or 0,
            due=getattr(self, "due", None),
        )


class StepForm(Careful, PlainStep):
    """A step with when it happened and a remark."""

    careful: ClassVar[tuple[str, ...]] = ("note",)
    texts: ClassVar[Mapping[str, Text]] = {"at": _WHEN, "note": _NOTE}
    hints: ClassVar[Mapping[str, Text]] = {"at": _WHEN_HINT}

    at = Moment(required=False)
    note = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        """Read when it happened."""
        given = super().clean()
        self.at_instant = self.moment("at")
        return given


class RiskForm(StepForm):
    """Why a promise may fail."""

    texts: ClassVar[Mapping[str, Text]] = {"note": Text("Warum?", "Why?")}
    hints: ClassVar[Mapping[str, Text]] = {
        "note": Text("Etwa: Das Lager meldet Rückstand.", "Such as: the warehouse is behind."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        del self.fields["at"]
        self.fields["note"].required = True


class ToldForm(StepForm):
    """When and how the customer was told, and what was said."""

    texts: ClassVar[Mapping[str, Text]] = {
        "channel": Text("Wie?", "How?"),
        "at": _WHEN,
        "note": Text("Was wurde gesagt?", "What was said?"),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "channel": {code: CHANNELS[code] for code in actions.CHANNELS},
    }

    channel = forms.ChoiceField()
    field_order = ("once", "channel", "at", "note")


class RenegotiatedForm(StepForm, DueForm):
    """The new date, and how it was agreed."""

    texts: ClassVar[Mapping[str, Text]] = {
        **DueForm.due_texts,
        "quick": Text("Neuer Termin", "New date"),
        "channel": Text("Wie vereinbart?", "Agreed how?"),
        "at": Text("Wann vereinbart?", "Agreed when?"),
        "note": _NOTE,
    }
    hints: ClassVar[Mapping[str, Text]] = {**DueForm.due_hints, "at": _WHEN_HINT}
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = ToldForm.choices_of

    channel = forms.ChoiceField()
    field_order = ("once", "quick", "day", "clock", "channel", "at", "note")


class DoneForm(StepForm):
    """When it was done; of an appointment, how late it began."""

    texts: ClassVar[Mapping[str, Text]] = {
        "at": Text("Wann erledigt?", "Done when?"),
        "late_minutes": Text("Minuten zu spät", "Minutes late"),
        "note": _NOTE,
    }

    late_minutes = forms.IntegerField(required=False, min_value=0, max_value=24 * 60)
    field_order = ("once", "at", "late_minutes", "note")

    def __init__(self, *args: Any, is_appointment: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_appointment:
            del self.fields["late_minutes"]


class ReasonForm(StepForm):
    """A step that takes a reason: giving up, correcting what was recorded wrongly."""

    texts: ClassVar[Mapping[str, Text]] = {"note": Text("Warum?", "Why?")}
    hints: ClassVar[Mapping[str, Text]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        del self.fields["at"]
        self.fields["note"].required = True


class PassForm(Careful, OnceForm):
    """To whom a promise is handed on, and for what."""

    careful: ClassVar[tuple[str, ...]] = ("note",)
    texts: ClassVar[Mapping[str, Text]] = {
        "role": Text("Was geben Sie weiter?", "What do you hand on?"),
        "person": Text("An wen?", "To whom?"),
        "note": _NOTE,
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "role": {
            "keeper": Text("die Arbeit", "the work"),
            "giver": Text("dem Kunden Bescheid zu geben", "telling the customer"),
        },
    }

    role = forms.ChoiceField(widget=forms.RadioSelect, initial="keeper")
    person = forms.ChoiceField()
    note = forms.CharField(
        required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )
    field_order = ("once", "role", "person", "note")

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", colleagues(viewer))


def colleagues(viewer: Viewer) -> dict[str, Text]:
    """Return who can do something for a customer, by key: oneself first."""
    others = {one.key: Text(one.name, one.name) for one in people.colleagues(viewer)}
    others.pop(viewer.actor, None)
    return {viewer.actor: Text("ich selbst", "I myself")} | others


def step_forms(
    shown: Shown, given: Any, what: str, *, viewer: Viewer, working: WorkingTime, today: date
) -> dict[str, OnceForm]:
    """Return the form of each thing that can happen to a promise; only the one sent is filled in."""

    def filled(name: str) -> Any:
        return given if what == name else None

    due: dict[str, Any] = {"today": today, "working": working, "zone": shown.zone}
    is_appointment = shown.sort == "appointment"
    found: dict[str, OnceForm] = {
        "at_risk": RiskForm(filled("at_risk"), prefix="gefahr"),
        "told": ToldForm(filled("told"), prefix="bescheid"),
        "renegotiated": RenegotiatedForm(filled("renegotiated"), prefix="neu", **due),
        "done": DoneForm(filled("done"), prefix="erledigt", is_appointment=is_appointment),
        "given_up": ReasonForm(filled("given_up"), prefix="aufgeben"),
        "withdrawn": StepForm(filled("withdrawn"), prefix="verzicht"),
        "corrected": ReasonForm(filled("corrected"), prefix="richtig"),
        "safe_again": PlainStep(filled("safe_again"), prefix="sicher"),
        "passed_on": PassForm(filled("passed_on"), viewer=viewer, prefix="weiter"),
    }
    for form in found.values():
        if isinstance(form, LocalForm):
            form.zone = ZoneInfo(shown.zone)
    return found
