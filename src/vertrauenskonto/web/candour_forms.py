"""The forms of candour: one per sort, made of its questions, and what can happen to a record."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, cast

from django import forms
from django.urls import reverse
from django.utils.html import format_html_join

from vertrauenskonto.core.candour.records import (
    ANSWER_LENGTH_MAX,
    CAPABILITY_LENGTH_MAX,
    CHOICE_LABELS,
    CHOICES,
    QUESTIONS,
    SORTS,
    Sort,
    Told,
)
from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.db.actions.candour import REMARK_LENGTH_MAX
from vertrauenskonto.db.queries.candour import Shown
from vertrauenskonto.render.numbers import long_day
from vertrauenskonto.web.local_forms import LocalForm, Moment
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import words

_ON: Mapping[Sort, Text] = {
    "advice": Text("Wann haben wir das geraten?", "When did we advise that?"),
    "refusal": Text("Wann haben wir es gesagt?", "When did we say so?"),
    "wish": Text("Wann haben wir darüber gesprochen?", "When did we talk about it?"),
}
_KNOWN = Text("Seit wann weiß es der Kunde?", "Since when does the customer know?")
_FIRST = CHOICES["mistake"]


def _day(*, required: bool = True) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(required=required, widget=widget)


def _area(length: int, *, required: bool = False) -> forms.CharField:
    return forms.CharField(
        required=required, max_length=length, widget=forms.Textarea(attrs={"rows": 2})
    )


class CandourForm(Careful, LocalForm):
    """What one sort of record asks for; `form_of` makes the form of each."""

    sort: ClassVar[Sort]

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["once"].required = True
        self.today = today
        if "on" in self.fields:
            self.fields["on"].initial = today
            self.fields["on"].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        """Read the instants where they are asked for."""
        given = super().clean()
        self.knew_at, self.told_at = self.moment("knew_at"), self.moment("told_at")
        return given

    def told(self) -> Told:
        """Return what is to be recorded; the form is valid."""
        said = self.cleaned_data
        return Told(
            sort=self.sort,
            on=said.get("on") or self.today,
            choice=said.get("choice", ""),
            answers={q.name: said[q.name] for q in QUESTIONS[self.sort]},
            capability=said.get("capability", ""),
            until=said.get("until"),
            knew_at=self.knew_at,
            told_at=self.told_at,
        )


def _form(sort: Sort) -> type[CandourForm]:
    """Return the form of a sort: its questions, its choice, and its days."""
    questions, names = QUESTIONS[sort], [q.name for q in QUESTIONS[sort]]
    texts = {q.name: q.label for q in questions}
    hints = {q.name: q.hint for q in questions if q.hint is not None}
    made: dict[str, Any] = {
        q.name: _area(ANSWER_LENGTH_MAX, required=q.is_needed) for q in questions
    }
    rest = ["choice"] if sort in CHOICES else []
    if rest:
        made["choice"] = forms.ChoiceField(required=False, widget=forms.RadioSelect)
        texts["choice"] = CHOICE_LABELS[sort]
    if sort == "refusal":
        capability = forms.TextInput(attrs={"list": "capabilities"})
        made["capability"] = forms.CharField(
            required=False, max_length=CAPABILITY_LENGTH_MAX, widget=capability
        )
        made["until"] = _day(required=False)
        texts |= {
            "capability": Text("Worum geht es?", "What would it take?"),
            "until": Text("Gilt bis einschließlich", "Holds up to and including"),
        }
        hints |= {
            "capability": Text(
                "Wie bei Zusagen, etwa: Lieferung. Wer später so etwas zusagt, sieht dieses Nein.",
                "As with promises, such as: delivery. Whoever promises such a thing later sees "
                "this no.",
            ),
            "until": Text("Leer: bis auf Weiteres.", "Empty: until further notice."),
        }
        rest += ["capability", "until"]
    if sort == "mistake":
        made |= {"knew_at": Moment(), "told_at": Moment(required=False)}
        texts |= {"knew_at": Text("Seit wann wissen wir es?", "Since when do we know?")}
        texts |= {"told_at": _KNOWN}
        hints |= {"told_at": Text("Leer, solange er es nicht weiß.", "Empty as long as not.")}
        rest = ["knew_at", "choice", "told_at"]
    else:
        made["on"], texts["on"] = _day(), _ON[sort]
        rest.append("on")
    made |= {"sort": sort, "careful": tuple(names), "texts": texts, "hints": hints}
    made |= {"choices_of": {"choice": CHOICES[sort]} if sort in CHOICES else {}}
    made["field_order"] = ("once", *names, *rest)
    made |= {"__doc__": f"What a record of the sort {sort} asks for.", "__module__": __name__}
    return cast("type[CandourForm]", type(f"{sort.title()}Form", (CandourForm,), made))


FORMS: Mapping[Sort, type[CandourForm]] = {sort: _form(sort) for sort in SORTS}


class RemarkForm(Careful, LocalForm):
    """Why something is decided."""

    careful: ClassVar[tuple[str, ...]] = ("remark",)
    texts: ClassVar[Mapping[str, Text]] = {"remark": Text("Warum?", "Why?")}

    remark = _area(REMARK_LENGTH_MAX)


class LookForm(RemarkForm):
    """What the second look found."""

    hints: ClassVar[Mapping[str, Text]] = {
        "remark": Text(
            "Nötig, wenn der Rat nicht zählen soll.", "Needed if the advice shall not count."
        )
    }


class TellForm(LocalForm):
    """From whom the customer now knows of a mistake, and since when."""

    texts: ClassVar[Mapping[str, Text]] = {
        "choice": CHOICE_LABELS["mistake"],
        "told_at": _KNOWN,
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "told_at": Text("Leer: gerade eben.", "Empty: just now.")
    }
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {
        "choice": {code: text for code, text in _FIRST.items() if code}
    }

    choice = forms.ChoiceField(widget=forms.RadioSelect, initial="us")
    told_at = Moment(required=False)
    field_order = ("once", "choice", "told_at")

    def clean(self) -> dict[str, Any]:
        """Read since when."""
        given = super().clean() or self.cleaned_data
        self.instant_told: datetime | None = self.moment("told_at")
        return given


def ask_despite(form: LocalForm, found: Sequence[Shown]) -> None:
    """Show the noes that a promise runs against, and let it pass once somebody confirms."""
    if not found:
        return
    keys = "|".join(one.key for one in found)
    form.fields["despite"] = forms.BooleanField(
        required=False,
        label=words("Ja, trotzdem zusagen.", "Yes, promise it all the same."),
        help_text=format_html_join(
            " ",
            '<a href="{}" target="_blank" rel="noopener">{}</a>',
            ((reverse("candour_record", args=[one.key]), _opens(one)) for one in found),
        ),
        widget=forms.CheckboxInput(attrs={"value": keys}, check_test=lambda said: said == keys),
    )
    before = list(form.fields)
    form.order_fields([*before[: before.index("wording") + 1], "despite"])
    if form.data.get(form.add_prefix("despite")) == keys:
        return
    form.add_error(
        "despite",
        words(
            f"Dazu haben wir diesem Kunden Nein gesagt: {_listed(found, 'de')}. Gilt das nicht "
            "mehr, oder ist etwas anderes gemeint?",
            f"To this we said no to this customer: {_listed(found, 'en')}. Is that over, or is "
            "something else meant?",
        ),
    )


def _opens(one: Shown) -> str:
    return words(f"„{one.headline}“ ansehen (neues Fenster)", f"See ‘{one.headline}’ (new window)")


def _listed(found: Sequence[Shown], language: Language) -> str:
    marks = ("„", "“") if language == "de" else ("‘", "’")
    return ", ".join(
        f"{marks[0]}{one.headline}{marks[1]} ({long_day(one.on, language)})" for one in found
    )
