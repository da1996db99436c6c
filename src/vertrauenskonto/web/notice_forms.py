"""The forms of a message to a customer: what it says, and how the customer was told or agreed."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms

from vertrauenskonto.core.errors import Text
from vertrauenskonto.web.fields import OwnForm
from vertrauenskonto.web.local_forms import DueForm, LocalForm, Moment
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import CHANNELS

_NONE = "none"
LAYMAN = "layman"
_FIELD_WORDS: Mapping[str, Text] = {
    "business": Text("Fachfrau oder Fachmann: Wirtschaft", "an expert: business"),
    "it": Text("Fachfrau oder Fachmann: IT", "an expert: IT"),
    "insurance": Text("Fachfrau oder Fachmann: Versicherung", "an expert: insurance"),
    "energy": Text("Fachfrau oder Fachmann: Energie", "an expert: energy"),
    "law": Text("Fachfrau oder Fachmann: Recht", "an expert: law"),
}
_READERS: Mapping[str, Text] = {LAYMAN: Text("Laie", "a layman"), **_FIELD_WORDS}
REASONS = {
    "no_ground": Text(
        "Für eine Mail fehlt die rechtliche Grundlage.", "There is no legal ground for a mail."
    ),
    "no_address": Text("Es gibt keine Mail-Adresse.", "There is no mail address."),
    "no_server": Text("Es ist kein Mailserver eingerichtet.", "No mail server is set up."),
    "refused": Text(
        "Der Mailserver nimmt diese Adresse nicht an.",
        "The mail server does not take this address.",
    ),
    "unclear": Text(
        "Die Verbindung brach ab, während die Mail hinausging. Ob sie ankam, weiß niemand.",
        "The line broke while the mail left. Nobody knows whether it arrived.",
    ),
    "no_text": Text(
        "In der Sprache des Kunden gibt es keinen Text.",
        "There is no text in the customer's language.",
    ),
    "not_valued": Text(
        "Die Verarbeitung der Daten ist eingeschränkt.",
        "The processing of their data is restricted.",
    ),
}


class NoticeForm(Careful, DueForm):
    """Why a promise fails, what happens now, and the new date."""

    careful: ClassVar[tuple[str, ...]] = ("reason", "steps")
    texts: ClassVar[Mapping[str, Text]] = {
        "reason": Text("Warum?", "Why?"),
        "steps": Text("Was geschieht jetzt?", "What happens now?"),
        **DueForm.due_texts,
        "quick": Text("Neuer Termin", "New date"),
        "reader": Text("Wer liest das?", "Who reads this?"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "reason": Text(
            "In ganzen Sätzen, wie Sie es am Telefon sagen würden. Unser Anteil gehört dazu.",
            "In whole sentences, as you would say it on the phone. Our own part belongs to it.",
        ),
        **DueForm.due_hints,
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {"reader": _READERS}

    reason = forms.CharField(max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    steps = forms.CharField(
        max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    reader = forms.ChoiceField(required=False)

    field_order = ("once", "reason", "steps", "quick", "day", "clock", "reader")

    def __init__(self, *args: Any, proposals: Mapping[str, Text], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["once"].required = True
        other = Text("an einem anderen Tag", "on another day")
        none = Text("noch keinen nennen", "name none yet")
        self.offer("quick", {**proposals, "other": other, _NONE: none})
        self.fields["quick"].initial = next(iter(proposals), "other")

    def _day(self, given: Mapping[str, Any]) -> date | None:
        return None if given.get("quick") == _NONE else super()._day(given)


class TextForm(OwnForm):
    """The message itself."""

    texts: ClassVar[Mapping[str, Text]] = {
        "subject": Text("Betreff", "Subject"),
        "text": Text("Nachricht", "Message"),
        "reader": Text("Wer liest das?", "Who reads this?"),
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {"reader": _READERS}

    subject = forms.CharField(max_length=199)
    text = forms.CharField(max_length=7900, widget=forms.Textarea(attrs={"rows": 16}))
    reader = forms.ChoiceField(required=False)


class SpokenForm(LocalForm):
    """How the customer was told, when, and whether they agreed."""

    texts: ClassVar[Mapping[str, Text]] = {
        "how": Text("Wie?", "How?"),
        "at": Text("Wann?", "When?"),
        "is_agreed": Text(
            "Der Kunde ist mit dem neuen Termin einverstanden.",
            "The customer agrees to the new date.",
        ),
    }
    hints: ClassVar[Mapping[str, Text]] = {"at": Text("Leer: gerade eben.", "Empty: just now.")}
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "how": {code: CHANNELS[code] for code in ("call", "visit", "letter")}
    }

    how = forms.ChoiceField(widget=forms.RadioSelect, initial="call")
    at = Moment(required=False)
    is_agreed = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        """Read when it was said, too."""
        given = super().clean() or self.cleaned_data
        self.said_at = self.moment("at")
        return given


class AgreedForm(SpokenForm):
    """How the customer said yes to the new date that a mail named."""

    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "how": {code: CHANNELS[code] for code in ("mail", "call", "visit", "letter")}
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.fields["how"].initial = "mail"
        del self.fields["is_agreed"]
