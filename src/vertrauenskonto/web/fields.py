"""The form that pages of ours are made of: labels in both languages, refusals at their fields."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from vertrauenskonto.core.errors import Text, TrustError
from vertrauenskonto.web.once import new_number
from vertrauenskonto.web.templatetags.words import page_language, spoken


class OwnForm(forms.Form):
    """A form whose texts stand in its class: `texts` name the fields, `hints` explain them.

    `choices_of` says the choices of a field; an empty code needs a Text too.
    """

    texts: ClassVar[Mapping[str, Text]] = {}
    hints: ClassVar[Mapping[str, Text]] = {}
    choices_of: ClassVar[Mapping[str, Mapping[str, Text]]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        for name, text in self.texts.items():
            self.fields[name].label = spoken(text)
        for name, hint in self.hints.items():
            self.fields[name].help_text = spoken(hint)
        for name, choices in self.choices_of.items():
            self.offer(name, choices)

    def offer(self, name: str, choices: Mapping[str, Text]) -> None:
        """Say what can be chosen in a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, spoken(text)) for code, text in choices.items()]

    def refuse(self, error: TrustError) -> None:
        """Show why an action refused, at the fields it names."""
        for problem in error.problems:
            if problem.field in self.fields:
                self.add_error(problem.field, problem.text.in_language(page_language()))
        if not self.errors:
            self.add_error(None, spoken(error.text))


class OnceForm(OwnForm):
    """A form that does something once, however often it is sent: it carries a number of its own."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.fields["once"].initial = new_number
