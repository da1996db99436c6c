"""The forms of recovery: opening a case, and one for each thing that can be recorded in it.

A form is made from what the core says a step asks for, so that page and rule cannot differ.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, ClassVar

from django import forms

from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.core.recovery.deciding import Option
from vertrauenskonto.core.recovery.facts import PHONE_CHOICE, SURVEY_MAX, SURVEY_QUESTIONS
from vertrauenskonto.core.recovery.steps import CHANNEL_LABELS
from vertrauenskonto.core.text.special_categories import special_categories
from vertrauenskonto.db.actions.recovery import TEXT_LENGTH_MAX, WORDS_LENGTH_MAX, NewCase, Recorded
from vertrauenskonto.db.queries.recovery import Failure
from vertrauenskonto.render.numbers import long_day
from vertrauenskonto.web.fields import OnceForm
from vertrauenskonto.web.special_categories import Careful
from vertrauenskonto.web.templatetags.words import kind_words, spoken, words

_DAY = {"type": "date"}
_OTHER = "other"
_ON = Text("Wann?", "When?")
_BREACH = {
    "able": Text("das Können: wir konnten es nicht", "ability: we were not able to"),
    "willing": Text(
        "das Wollen: wir haben es nicht ernst genug genommen",
        "willingness: we did not take it seriously enough",
    ),
    "both": Text("beides", "both"),
}


def _day(**given: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs=_DAY, format="%Y-%m-%d"), **given)


class OpenForm(Careful, OnceForm):
    """What failed: one of the entries, or something that was never booked."""

    careful: ClassVar[tuple[str, ...]] = ("incident",)
    texts: ClassVar[Mapping[str, Text]] = {
        "entry": Text("Was ist geschehen?", "What happened?"),
        "incident": Text("In eigenen Worten", "In your own words"),
        "on": Text("An welchem Tag?", "On which day?"),
        "as_case": Text(
            "Auf jeden Fall alle Schritte gehen, auch wenn es nur eine Verspätung war",
            "Take all steps in any case, even if it was a mere delay",
        ),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "incident": Text(
            "Nötig, wenn dazu nichts gebucht ist.", "Needed where nothing was booked for it."
        ),
        "on": Text("Nur, wenn dazu nichts gebucht ist.", "Only where nothing was booked for it."),
    }

    entry = forms.ChoiceField(widget=forms.RadioSelect)
    incident = forms.CharField(
        required=False, max_length=TEXT_LENGTH_MAX, widget=forms.Textarea(attrs={"rows": 3})
    )
    on = _day(required=False)
    as_case = forms.BooleanField(required=False)
    field_order = ("once", "entry", "incident", "on", "as_case")

    def __init__(self, *args: Any, failures: Sequence[Failure], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        other = {_OTHER: Text("etwas, das nicht gebucht ist", "something that was not booked")}
        self.offer("entry", {str(f.entry): _failed(f) for f in failures} | other)
        self.fields["entry"].initial = str(failures[0].entry) if failures else _OTHER
        self.fields["on"].widget.attrs["max"] = today.isoformat()

    def case(self, customer: str, *, obligation: int | None) -> NewCase:
        """Return what is to be opened."""
        said = self.cleaned_data
        is_booked = said["entry"] != _OTHER
        return NewCase(
            customer=customer,
            number=said["once"],
            entry=int(said["entry"]) if is_booked else None,
            happened_on=None if is_booked else said["on"],
            incident=said["incident"],
            as_case=said["as_case"],
            origin="hand" if obligation is None else "obligation",
            obligation=obligation,
        )


def _failed(failure: Failure) -> Text:
    name = kind_words(failure.kind)
    running = Text(" (ein Fall läuft)", " (a case is open)") if failure.case else Text("", "")
    return Text(
        f"{long_day(failure.on, 'de')}: {name}{running.de}",
        f"{long_day(failure.on, 'en')}: {name}{running.en}",
    )


class ActForm(Careful, OnceForm):
    """One thing recorded: when, how, by whom, and the answers that this step asks for."""

    def __init__(
        self, *args: Any, option: Option, people: Mapping[str, Text], today: date, **kwargs: Any
    ) -> None:
        self.option = option
        super().__init__(*args, **kwargs)
        if option.act == "facts":
            self._add("breach", forms.ChoiceField(widget=forms.RadioSelect), _BROKEN)
            self.offer("breach", _BREACH)
        if option.channels:
            self._add("channel", forms.ChoiceField(), Text("Wie?", "How?"))
            self.offer("channel", {code: CHANNEL_LABELS[code] for code in option.channels})
        for question in option.questions:
            area = forms.Textarea(attrs={"rows": 2})
            answer = forms.CharField(widget=area, max_length=WORDS_LENGTH_MAX)
            self._add(question.name, answer, question.label)
        if option.act == "talk":
            said = forms.CharField(required=False, max_length=WORDS_LENGTH_MAX)
            self._add(PHONE_CHOICE.name, said, PHONE_CHOICE.label)
            self.fields[PHONE_CHOICE.name].help_text = words(
                "Nur am Telefon: Es zählt, wenn der Kunde es so wollte.",
                "By telephone only: it counts where the customer wished it so.",
            )
        if option.act == "offer":
            self._add("until", _day(required=False), Text("Gilt bis", "Holds until"))
        if option.act == "evaluated":
            self._add_survey()
        self._add("on", _day(initial=today), _ON)
        self.fields["on"].widget.attrs["max"] = today.isoformat()
        if option.channels:
            self._add("person", forms.ChoiceField(), Text("Wer?", "Who?"))
            self.offer("person", people)

    def _add(self, name: str, field: forms.Field, label: Text) -> None:
        field.label = spoken(label)
        self.fields[name] = field

    def _add_survey(self) -> None:
        scale = {str(n): Text(str(n), str(n)) for n in range(1, SURVEY_MAX + 1)}
        none = {"": Text("keine Antwort", "no answer")}
        for n, question in enumerate(SURVEY_QUESTIONS, start=1):
            self._add(f"survey_{n}", forms.ChoiceField(required=False), question)
            self.offer(f"survey_{n}", none | scale)
        self.fields["survey_1"].help_text = words(
            f"1: gar nicht, {SURVEY_MAX}: ganz und gar. Entweder alle drei oder keine.",
            f"1: not at all, {SURVEY_MAX}: entirely. Either all three or none.",
        )

    def clean(self) -> dict[str, Any]:
        """Read free text once more; take all three answers of the survey or none."""
        given = super().clean()
        for question in self.option.questions:
            found = special_categories(str(given.get(question.name) or ""))
            if found:
                self._ask(question.name, found)
        answers = [given.get(f"survey_{n}") for n in (1, 2, 3)]
        if any(answers) and not all(answers):
            self.add_error(
                "survey_1",
                words("Bitte alle drei Antworten, oder keine.", "All three answers, or none."),
            )
        return given

    def recorded(self) -> Recorded:
        """Return what is to be recorded."""
        said = self.cleaned_data
        asked = {q.name for q in self.option.questions} | {PHONE_CHOICE.name}
        survey = [int(said[f"survey_{n}"]) for n in (1, 2, 3) if said.get(f"survey_{n}")]
        return Recorded(
            what=self.option.act,
            on=said["on"],
            number=said["once"],
            person=said.get("person", ""),
            channel=said.get("channel") or None,
            skipped=self.option.step,
            words={name: said[name] for name in asked if said.get(name)},
            breach=said.get("breach") or None,
            until=said.get("until"),
            survey=(survey[0], survey[1], survey[2]) if survey else None,
        )


_BROKEN = Text("Was ist gebrochen?", "What was broken?")
# What actions call a field, and what the forms do.
_FIELDS = {"happened_on": "on", "valid_until": "until", "by": "person", "survey": "survey_1"}


def refuse(form: OnceForm, refusal: TrustError) -> None:
    """Show a refusal at its field."""
    for problem in refusal.problems:
        name = _FIELDS.get(problem.field, problem.field)
        form.add_error(name if name in form.fields else None, spoken(problem.text))
    if not refusal.problems:
        form.add_error(None, spoken(refusal.text))
