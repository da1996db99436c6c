"""The forms about obligations: putting one off, leaving it, giving it to somebody, bundling some."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, ClassVar

from django import forms

from vertrauenskonto.core.calendar.working_time import WorkingTime
from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.obligations import DUE_DAYS, SNOOZE_DAYS_MAX
from vertrauenskonto.db.access import Viewer, may
from vertrauenskonto.db.actions.obligations import NAME_LENGTH_MAX, REASON_LENGTH_MAX
from vertrauenskonto.db.queries import people
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.special_categories import Careful


class _Day(forms.DateField):
    def __init__(self) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class _Reasoned(Careful, OwnForm):
    """A form with a reason, which is read once more for what nobody should write down."""

    careful: ClassVar[tuple[str, ...]] = ("reason",)

    reason = forms.CharField(max_length=REASON_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 2}))


class SnoozeForm(_Reasoned):
    """Until when an obligation rests, and why."""

    texts: ClassVar[Mapping[str, Text]] = {
        "until": Text("Ruhen lassen bis", "Let it rest until"),
        "reason": Text("Warum?", "Why?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "until": Text(
            f"An diesem Tag kommt die Aufgabe von selbst wieder. Höchstens {SNOOZE_DAYS_MAX} Tage.",
            f"On this day the duty comes back by itself. {SNOOZE_DAYS_MAX} days at most.",
        ),
        "reason": Text(
            "Ein Satz, etwa: Die Kundin ist bis Montag im Urlaub.",
            "One sentence, such as: the customer is on holiday until Monday.",
        ),
    }

    until = _Day()
    field_order = ("until", "reason")

    def __init__(  # Django's own arguments
        self, *args: Any, today: date, working: WorkingTime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["until"].initial = working.add_days(today, 1)
        self.fields["until"].widget.attrs |= {
            "min": (today + timedelta(days=1)).isoformat(),
            "max": (today + timedelta(days=SNOOZE_DAYS_MAX)).isoformat(),
        }


class LeaveForm(_Reasoned):
    """Why nothing more is done."""

    texts: ClassVar[Mapping[str, Text]] = {
        "reason": Text("Warum lassen wir es dabei?", "Why do we leave it?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "reason": Text(
            "Ein Satz. Er bleibt mit Ihrem Namen und dem Tag im Verlauf stehen.",
            "One sentence. It stays in the history with your name and the day.",
        ),
    }


class AssignForm(OwnForm):
    """Who is to act."""

    texts: ClassVar[Mapping[str, Text]] = {"person": Text("Wer kümmert sich?", "Who sees to it?")}

    person = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.offer("person", whoever(viewer, NOBODY))


class ResolveForm(_Reasoned):
    """What was done about a common cause."""

    texts: ClassVar[Mapping[str, Text]] = {
        "reason": Text("Was wurde getan?", "What was done?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "reason": Text(
            "Steht danach im Verlauf jeder einzelnen Aufgabe. Konten ohne Puffer bleiben offen.",
            "Stands in the history of every single duty then. Accounts without a buffer stay open.",
        ),
    }


class GroupForm(Careful, OnceForm):
    """The common cause of some obligations."""

    careful: ClassVar[tuple[str, ...]] = ("name",)

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Gemeinsame Ursache", "Common cause"),
        "person": Text("Wer kümmert sich um die Ursache?", "Who sees to the cause?"),
        "due": Text("Bis wann?", "By when?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "name": Text(
            "Zum Beispiel eine Spedition, ein Lager, ein Produkt. Kein Name einer Kundin.",
            "Such as a carrier, a warehouse, a product. No customer's name.",
        ),
    }

    name = forms.CharField(max_length=NAME_LENGTH_MAX)
    person = forms.ChoiceField(required=False)
    due = _Day()

    def __init__(  # Django's own arguments
        self, *args: Any, viewer: Viewer, today: date, working: WorkingTime, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offer("person", whoever(viewer, NOBODY_YET))
        self.fields["person"].initial = viewer.actor
        self.fields["due"].initial = working.add_days(today, DUE_DAYS)
        self.fields["due"].widget.attrs["min"] = today.isoformat()


NOBODY = Text("wer die Kundin betreut", "whoever looks after the customer")
NOBODY_YET = Text("noch niemand", "nobody yet")
_ONESELF = Text("ich selbst", "I myself")


def whoever(viewer: Viewer, nobody: Text) -> dict[str, Text]:
    """Return to whom the viewer may give something: herself, or as a lead anybody; or nobody."""
    chosen = {"": nobody, viewer.actor: _ONESELF}
    if may(viewer, "lead"):
        others: Sequence[people.Choosable] = people.choosable(viewer)
        chosen |= {one.key: Text(one.name, one.name) for one in others if one.key not in chosen}
    return chosen
