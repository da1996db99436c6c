"""What our own pages read; whether it may be so is decided in `db.actions`."""

from typing import Any

from django import forms

from vertrauenskonto.core.errors import TrustError
from vertrauenskonto.db.actions.agreements import PURPOSE_LENGTH_MAX
from vertrauenskonto.web.templatetags.words import page_language, spoken, words


class PasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    again = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self._name("password", words("Neues Passwort", "New password"))
        self.fields["password"].help_text = words(
            "Mindestens 12 Zeichen. Ein Satz, den nur Sie kennen, ist leicht zu merken.",
            "At least 12 characters. A sentence that only you know is easy to remember.",
        )
        self._name("again", words("Noch einmal", "Once more"))

    def clean_again(self) -> str:
        """Refuse a second password that differs from the first."""
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("password"):
            raise forms.ValidationError(
                words(
                    "Das ist nicht dasselbe Passwort wie oben.",
                    "This is not the same password as above.",
                )
            )
        return again

    def refuse(self, error: TrustError) -> None:
        """Show why an action refused, at the fields it names."""
        for problem in error.problems:
            if problem.field in self.fields:
                self.add_error(problem.field, problem.text.in_language(page_language()))
        if not self.errors:
            self.add_error(None, spoken(error.text))

    def _name(self, field: str, label: str) -> None:
        self.fields[field].label = label


class FirstStartForm(PasswordForm):
    """Who the first administrator is, and whether there is a works council."""

    name = forms.CharField(max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.CharField(
        max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    council = forms.ChoiceField(
        widget=forms.RadioSelect, choices=(("later", ""), ("none", ""), ("agreed", ""))
    )
    purpose = forms.CharField(required=False, max_length=PURPOSE_LENGTH_MAX)

    field_order = ("name", "email", "password", "again", "council", "purpose")

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self._name("name", words("Ihr Name", "Your name"))
        self._name("email", words("Ihre E-Mail-Adresse", "Your e-mail address"))
        self._name("council", words("Gibt es einen Betriebsrat?", "Is there a works council?"))
        self.fields["council"].help_text = words(
            "Solange keine Betriebsvereinbarung erfasst ist, wertet das Programm nichts nach "
            "Beschäftigten aus.",
            "Until a works agreement is recorded, nothing is evaluated by member of staff.",
        )
        council = self.fields["council"]
        assert isinstance(council, forms.ChoiceField)
        council.choices = [
            ("later", words("Das klären wir später", "We settle this later")),
            ("none", words("Nein, es gibt keinen", "No, there is none")),
            (
                "agreed",
                words(
                    "Ja, und die Betriebsvereinbarung ist geschlossen",
                    "Yes, and the works agreement is made",
                ),
            ),
        ]
        council.initial = "later"
        self._name(
            "purpose",
            words("Aktenzeichen, Tag und Umfang", "Reference, date and scope"),
        )
        self.fields["purpose"].help_text = words(
            "Nur, wenn eine Vereinbarung geschlossen ist. Bitte ohne Namen.",
            "Only if an agreement is made. Name no person, please.",
        )

    def clean(self) -> dict[str, Any]:
        """Demand the reference where an agreement is claimed."""
        given = super().clean() or self.cleaned_data
        if given.get("council") == "agreed" and not given.get("purpose", "").strip():
            self.add_error(
                "purpose",
                words("Nennen Sie, wo die Vereinbarung steht.", "Say where the agreement is kept."),
            )
        return given
