"""The forms of an upload: the file, and what its columns mean."""

from collections.abc import Sequence
from typing import Any

from django import forms

from vertrauenskonto.core.errors import TrustError
from vertrauenskonto.db.queries import policies
from vertrauenskonto.importers.column_map import SKIP, ColumnMap, day_formats, mapping_text, name_of
from vertrauenskonto.importers.formats import USUAL_FORMATS
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_TITLE_LENGTH_MAX = 60


class RefusableForm(forms.Form):
    """A form that shows at its fields why an action refused."""

    def refuse(self, error: TrustError, *, field: str | None = None) -> None:
        """Show a refusal at `field`, or at those that its problems name."""
        for problem in error.problems:
            if problem.field in self.fields:
                self.add_error(problem.field, problem.text.in_language(page_language()))
        if not self.errors:
            self.add_error(field, spoken(error.text))


class FilesInput(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected = True


class UploadForm(RefusableForm):
    """The files; what is in them is looked at by the action."""

    key = forms.CharField(widget=forms.HiddenInput)
    upload = forms.FileField(required=False, widget=FilesInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.fields["upload"].label = words("Datei", "File")
        self.fields["upload"].help_text = words(
            "CSV, TSV oder Parquet, auch als ZIP oder GZ; mehrere auf einmal, wenn sie "
            "zusammengehören. Excel: bitte vorher als CSV speichern.",
            "CSV, TSV or Parquet, also as ZIP or GZ; several at once if they belong together. "
            "Excel: please save as CSV first.",
        )


class TomlForm(RefusableForm):
    """A mapping somebody wrote."""

    toml = forms.FileField(required=False, widget=forms.FileInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.fields["toml"].label = words("Zuordnung als Datei (TOML)", "Mapping as a file (TOML)")
        self.fields["toml"].help_text = words(
            "Wie sie auch die Befehlszeile liest. Eine frühere mit demselben Namen wird ersetzt.",
            "As the command line reads it. An earlier one of the same name is replaced.",
        )


class ColumnMapForm(RefusableForm):
    """Which column is what; and, once a column with kinds is chosen, a kind for each value."""

    title = forms.CharField(max_length=_TITLE_LENGTH_MAX)
    customer = forms.ChoiceField()
    day = forms.ChoiceField()
    day_format = forms.ChoiceField(required=False)
    kind_column = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False)
    number = forms.ChoiceField(required=False)
    note = forms.ChoiceField(required=False)

    def __init__(
        self, *args: Any, columns: Sequence[str], values: dict[str, tuple[str, ...]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._values = values
        self.kinds = _kinds()
        self._set_choices(columns)
        self._label()
        self.value_fields: dict[str, str] = {}
        chosen = self.data.get("kind_column", "") if self.is_bound else ""
        for number, value in enumerate(values.get(chosen, ()) if chosen else ()):
            self._add_value(f"value_{number}", value)

    @property
    def asks_values(self) -> bool:
        """Tell whether the kinds of values must be asked for before there is a mapping."""
        return bool(self.value_fields) and not any(f in self.data for f in self.value_fields)

    def clean(self) -> dict[str, Any]:
        """Demand one way to a kind, and days that can be read."""
        given = super().clean() or self.cleaned_data
        if not given.get("kind_column") and not given.get("kind"):
            self.add_error(
                "kind",
                words(
                    "Wählen Sie eine Buchungsart, oben eine Spalte dafür oder beides.",
                    "Choose a kind, a column for it above, or both.",
                ),
            )
        values = self._values.get(given.get("day", ""), ())
        if given.get("day") and not given.get("day_format") and not day_formats(values):
            self.add_error(
                "day_format",
                words(
                    "Wie die Tage geschrieben sind, war nicht zu erkennen; wählen Sie es aus.",
                    "How the days are written could not be recognised; choose it.",
                ),
            )
        return given

    def toml(self) -> str:
        """Return the mapping that was described."""
        given = self.cleaned_data
        name = name_of(given["title"])
        formats = day_formats(self._values.get(given["day"], ()))
        kinds = {value: given[field] for field, value in self.value_fields.items()}
        fallback = given["kind"] or "problem"
        return mapping_text(
            ColumnMap(
                name=name,
                title=given["title"],
                system=name,
                customer=given["customer"],
                day=given["day"],
                day_formats=(given["day_format"],) if given["day_format"] else formats,
                number=given["number"],
                kind=given["kind"],
                kind_column=given["kind_column"],
                kinds={value: kind for value, kind in kinds.items() if kind},
                otherwise=fallback,
                note=given["note"],
            )
        )

    def _add_value(self, field: str, value: str) -> None:
        choice = forms.ChoiceField(
            required=False,
            choices=[
                ("", words("wie unten unter „Buchungsart“", "as below under 'Kind'")),
                (SKIP, words("übergehen", "pass over")),
                *self.kinds,
            ],
            label=f"„{value}“" if page_language() == "de" else f"'{value}'",
            initial=self._guess(value),
        )
        self.fields[field] = choice
        self.value_fields[field] = value

    def _guess(self, value: str) -> str:
        folded = value.casefold()
        return next((n for n, label in self.kinds if folded in (n, label.casefold())), "")

    def _set_choices(self, columns: Sequence[str]) -> None:
        named = [(name, name) for name in columns]
        none = [("", words("keine", "none"))]
        choose = [("", words("bitte wählen", "please choose"))]
        for field in ("customer", "day"):
            self._choices(field, choose + named)
        for field in ("kind_column", "number", "note"):
            self._choices(field, none + named)
        self._choices("kind", none + self.kinds)
        found = [("", words("von selbst erkennen", "recognise by itself"))]
        self._choices("day_format", found + [(f, f) for f in USUAL_FORMATS])

    def _choices(self, field: str, choices: list[tuple[str, str]]) -> None:
        found = self.fields[field]
        assert isinstance(found, forms.ChoiceField)
        found.choices = choices

    def _label(self) -> None:
        said = {
            "title": (
                words(
                    "Wie heißt das Programm oder die Liste?", "What is the program or list called?"
                ),
                words(
                    "Unter diesem Namen stehen die Buchungen, zum Beispiel „Kassenbuch“.",
                    "Entries stand under this name, e.g. 'till'.",
                ),
            ),
            "customer": (
                words("Spalte: Kundin oder Kunde", "Column: customer"),
                words(
                    "Am besten eine Kundennummer; wer gleich heißt, gilt sonst als derselbe.",
                    "Best a customer number; or whoever shares a name counts as one.",
                ),
            ),
            "day": (words("Spalte: Tag, an dem es geschah", "Column: the day it happened"), ""),
            "day_format": (words("Wie Tage geschrieben sind", "How days are written"), ""),
            "kind_column": (
                words("Spalte: was geschah", "Column: what happened"),
                words(
                    "Im nächsten Schritt sagen Sie zu jedem Wert die Buchungsart.",
                    "In the next step you say which kind each value is.",
                ),
            ),
            "kind": (
                words("Buchungsart", "Kind"),
                words(
                    "Für alle Zeilen; oder für Werte, die oben keine haben. „keine“: solche Zeilen "
                    "werden als Problem gemeldet.",
                    "For all rows; or for values that have none above. 'none': such rows are "
                    "reported as problems.",
                ),
            ),
            "number": (
                words("Spalte: Nummer des Vorgangs", "Column: number of the case"),
                words(
                    "Damit nichts doppelt gebucht wird. Ohne sie zählen gleiche Kundin, gleicher "
                    "Tag und gleiche Art als ein Ereignis.",
                    "So that nothing is booked twice. Without it the same customer, day and kind "
                    "count as one event.",
                ),
            ),
            "note": (words("Spalte: Notiz", "Column: note"), ""),
        }
        for field, (label, hint) in said.items():
            self.fields[field].label, self.fields[field].help_text = label, hint


def _kinds() -> list[tuple[str, str]]:
    history = policies.history_or_none()
    if history is None:
        return []
    return sorted(
        ((name, spoken(kind.label)) for name, kind in history.versions[-1].kinds.items()),
        key=lambda pair: pair[1].casefold(),
    )
