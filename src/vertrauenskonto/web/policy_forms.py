"""Forms of the policy: what somebody types into the fields of rules and kinds, and what it means.

Each field speaks for one key of a policy file. Numbers are taken as people write them, in German
with a comma; shares are in per cent.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html

from vertrauenskonto.core.errors import Invalid, Language, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy_file.admissible import DAYS, HALF_LIFE, NEVER, Path
from vertrauenskonto.core.ledger.policy_file.editing import Crossed, Edits, value_at
from vertrauenskonto.core.ledger.policy_file.parameters import PARAMETER_FIELDS
from vertrauenskonto.core.ledger.policy_file.report import Tree
from vertrauenskonto.core.ledger.policy_file.schema import KIND_FIELDS
from vertrauenskonto.render.policy_terms import (
    KIND_WORDS,
    NEVER_WORD,
    SECTIONS,
    TERMS,
    UNITS,
    Section,
    Term,
)
from vertrauenskonto.render.policy_words import plain_number, typed
from vertrauenskonto.web.fields import OnceForm, OwnForm
from vertrauenskonto.web.templatetags.words import page_language, spoken, words

_FIELDS = {field.path: field for field in PARAMETER_FIELDS}
_KIND_RULES = {field.key: field.rule for field in KIND_FIELDS}
_FLAGS = ("contact", "honesty", "purchasable", "first_contact")
_TEXTS = ("label_de", "label_en", "why_de", "why_en")
_GROUPED = {
    "de": re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?"),
    "en": re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?"),
}
_OPTIONAL = ("silence", "usual_contact_days")
_NAME_MAX, _TEXT_MAX = 80, 300

# What the checks of a file say with keys, said with the labels of these fields.
_PLAINER: Mapping[str, Text] = {
    "grace_below_period": Text(
        "Das muss mindestens so lang sein wie der Abstand der Abzüge.",
        "This must be at least as long as the time between charges.",
    ),
    "missing": Text("Bitte ausfüllen.", "Please fill this in."),
}


def number_of(text: str, language: Language) -> Decimal:
    """Return the number that somebody typed: `1.234,5`, `12,5`, `12.5`, `−3`, `+5`.

    Raises:
        InvalidOperation: it is none.
    """
    bare = re.sub(r"[\s\u00a0\u202f]", "", text).replace("\u2212", "-").replace("–", "-")
    sign, digits = ("-", bare[1:]) if bare.startswith("-") else ("", bare.removeprefix("+"))
    thousands, point = (".", ",") if language == "de" else (",", ".")
    if _GROUPED[language].fullmatch(digits):
        digits = digits.replace(thousands, "").replace(point, ".")
    else:
        digits = digits.replace(",", ".")
    if not re.fullmatch(r"\d+(\.\d*)?|\.\d+", digits, re.ASCII):
        raise InvalidOperation
    return Decimal(sign + digits)


def field_name(path: Path) -> str:
    """Return how the field of a key is called in a form."""
    return "__".join(path)


class _Edited(OwnForm):
    """A form over keys of a draft: `edits` is what it asks for, `paths` whose keys it speaks."""

    revision = forms.IntegerField(widget=forms.HiddenInput)

    paths: Mapping[str, Path]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Django's own arguments
        super().__init__(*args, **kwargs)
        self.paths = {}

    def shown(self, path: Path, value: object) -> str:
        """Return a value of the draft as its field shows it."""
        raise NotImplementedError

    def refuse_checks(self, error: Invalid) -> None:
        """Show what the checks of a policy found, at its fields where they have one."""
        for problem in error.problems:
            named = field_name(tuple(problem.field.split(".")))
            at = next((n for n, p in self.paths.items() if field_name(p) == named), None)
            text = _PLAINER.get(problem.code, problem.text) if at else problem.text
            self.add_error(at or ("name" if "name" in self.fields else None), spoken(text))
        if not self.errors:
            self.add_error(None, spoken(error.text))

    def show_crossings(self, crossed: Crossed, *, editor: str) -> None:
        """Show at each field what somebody else made of it meanwhile; what was typed stays."""
        names = {path: name for name, path in self.paths.items()}
        for crossing in crossed.crossings:
            name = names.get(crossing.path)
            was, theirs = (self.shown(crossing.path, v) for v in (crossing.was, crossing.theirs))
            nothing = words("nichts", "nothing")
            text = Text(
                f"{editor} hat das inzwischen geändert: von „{was or nothing}“ in "
                f"„{theirs or nothing}“. Ihre Eingabe steht noch da; gespeichert wird, was Sie "
                "jetzt stehen lassen.",
                f"{editor} has changed this meanwhile: from '{was or nothing}' to "
                f"'{theirs or nothing}'. What you typed is still here; what you leave now is saved.",
            )
            self.add_error(name, spoken(text))


class RulesForm(_Edited):
    """One section of the rules."""

    def __init__(self, section: Section, tree: Tree, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._language = page_language()
        for term in section.terms:
            name = field_name(term.path)
            self.paths = {**self.paths, name: term.path}
            field = forms.CharField(required=term.path != _OPTIONAL, max_length=30)
            field.label = f"{spoken(term.label)} ({spoken(UNITS[term.unit])})"
            field.help_text = spoken(term.hint)
            if _FIELDS[term.path].rule is HALF_LIFE:
                field.help_text = spoken(
                    Text(f"Tage, oder „{NEVER_WORD.de}“.", f"Days, or '{NEVER_WORD.en}'.")
                )
            field.initial = self.shown(term.path, value_at(tree, term.path))
            field.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "short"}
            self.fields[name] = field

    def shown(self, path: Path, value: object) -> str:
        """Return a value as somebody would type it."""
        return typed(TERMS[path], value, self._language)

    def clean(self) -> dict[str, Any]:
        """Read every field by the rule of its key."""
        given = super().clean() or self.cleaned_data
        for name, path in self.paths.items():
            if name in given and not self.has_error(name):
                given[name] = self._read(name, path, str(given[name]).strip())
        return given

    def _read(self, name: str, path: Path, text: str) -> object:
        if not text:
            return None
        rule, term = _FIELDS[path].rule, TERMS[path]
        if rule is HALF_LIFE and text.casefold() in (NEVER, NEVER_WORD.de):
            return NEVER
        try:
            value = number_of(text, self._language)
            exact = value / 100 if term.unit == "percent" else value
            is_whole = rule is DAYS and exact == exact.to_integral_value()
            return _plain(rule.read(int(exact) if is_whole else float(exact)))
        except (InvalidOperation, ValueError, OverflowError):
            self.add_error(name, _needed(term, spoken(rule.refusal)))
            return None

    def edits(self) -> Edits:
        """Return what to write under which key."""
        return {path: self.cleaned_data[name] for name, path in self.paths.items()}


def _plain(value: object) -> object:
    """Return a number as a file holds it: whole where it is whole."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _needed(term: Term, refusal: str) -> str:
    if term.unit == "percent":
        return words("Nötig ist ein Anteil von 0 bis 100.", "A share from 0 to 100 is needed.")
    return refusal[:1].upper() + refusal[1:]


class KindForm(_Edited):
    """One kind of the catalogue; a new one also has a name."""

    name = forms.CharField(max_length=_NAME_MAX)
    label_de = forms.CharField(max_length=_TEXT_MAX)
    label_en = forms.CharField(max_length=_TEXT_MAX)
    why_de = forms.CharField(max_length=_TEXT_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    why_en = forms.CharField(max_length=_TEXT_MAX, widget=forms.Textarea(attrs={"rows": 2}))
    willing = forms.CharField(required=False, max_length=20)
    able = forms.CharField(required=False, max_length=20)
    assessable = forms.CharField(required=False, max_length=20)
    contact = forms.BooleanField(required=False)
    honesty = forms.BooleanField(required=False)
    purchasable = forms.BooleanField(required=False)
    first_contact = forms.BooleanField(required=False)

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text(
            "Kurzname für Dateien und Schnittstellen", "Short name for files and interfaces"
        ),
        **{key: KIND_WORDS[key] for key in (*_TEXTS, *DIMENSIONS)},
        "contact": Text(
            "Der Kunde nimmt es als Kontakt wahr", "The customer perceives it as contact"
        ),
        "honesty": Text("Das bricht die Ehrlichkeit", "This breaches honesty"),
        "purchasable": Text("Das lässt sich kaufen", "This can be bought"),
        "first_contact": Text(
            "Beim ersten Kontakt kostet es doppelt", "At a first contact it costs double"
        ),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "name": Text(
            "Kleinbuchstaben ohne Umlaute, Ziffern und Unterstriche, etwa baustelle_sauber. Später "
            "nicht mehr zu ändern.",
            "Lower-case letters, digits and underscores, such as site_left_clean. It cannot be "
            "changed later.",
        ),
        "willing": Text("Punkte, mit + oder −; leer: keine.", "Points, with + or −; empty: none."),
        "contact": Text(
            "Persönlich und an ihn gerichtet; nur dann endet die Stille. Newsletter und Rechnungen "
            "sind es nicht.",
            "Personal and addressed to them; only then the silence ends. Newsletters and invoices "
            "are not.",
        ),
        "honesty": Text(
            "Solange es besteht, ist Wollen „nein“, und es entsteht immer eine Aufgabe.",
            "As long as it stands, Willing is 'no', and a duty always opens.",
        ),
        "purchasable": Text(
            "Kostet uns Geld und den Kunden nichts; zählt nur bis zur Grenze im Regelwerk.",
            "Costs us money and the customer nothing; counts only up to the limit of the policy.",
        ),
        "why_de": Text("Ein Satz, den jeder versteht.", "A sentence that everybody understands."),
    }

    def __init__(self, kind: str | None, tree: Tree, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._language = page_language()
        for name in DIMENSIONS:
            self.fields[name].widget.attrs |= {"inputmode": "text", "class": "short"}
        if kind is None:
            self.kind = str(self.data.get("name", "")).strip() if self.is_bound else ""
        else:
            del self.fields["name"]
            self.kind = kind
        keys = (*_TEXTS, *DIMENSIONS, *_FLAGS)
        self.paths = {key: ("kinds", self.kind, key) for key in keys}
        for key in keys:
            value = value_at(tree, self.paths[key])
            self.fields[key].initial = (
                (key == "contact" if kind is None else bool(value))
                if key in _FLAGS
                else self.shown(self.paths[key], value)
            )

    def shown(self, path: Path, value: object) -> str:
        """Return a value as its field shows it."""
        if isinstance(value, bool):
            return words("ja", "yes") if value else words("nein", "no")
        if isinstance(value, int | float):
            return plain_number(value, self._language)
        return "" if value is None else str(value)

    def clean(self) -> dict[str, Any]:
        """Read the points as people write them."""
        given = super().clean() or self.cleaned_data
        for name in DIMENSIONS:
            text = str(given.get(name, "")).strip()
            given[name] = self._points(name, text) if text else None
        return given

    def _points(self, name: str, text: str) -> object:
        try:
            return _plain(_KIND_RULES[name].read(float(number_of(text, self._language)))) or None
        except InvalidOperation:
            refusal = spoken(_KIND_RULES[name].refusal)
        except ValueError as error:
            more = error.args[0] if error.args else None
            refusal = spoken(more if isinstance(more, Text) else _KIND_RULES[name].refusal)
        self.add_error(name, refusal[:1].upper() + refusal[1:])
        return None

    def edits(self) -> Edits:
        """Return what to write under which key."""
        return {path: self.cleaned_data[name] for name, path in self.paths.items()}


class BeginForm(OnceForm):
    """From what a draft begins, and what it is called."""

    name = forms.CharField(max_length=_NAME_MAX)
    origin = forms.ChoiceField(widget=forms.RadioSelect)
    file = forms.FileField(required=False)

    texts: ClassVar[Mapping[str, Text]] = {
        "name": Text("Name des Entwurfs", "Name of the draft"),
        "origin": Text("Womit beginnen Sie?", "What do you begin with?"),
        "file": Text("Datei", "File"),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "name": Text("Damit Sie ihn wiederfinden.", "So that you find it again."),
        "file": Text(
            "Ein Regelwerk als TOML-Datei, wie es hier heruntergeladen wird.",
            "A policy as a TOML file, as it is downloaded here.",
        ),
    }

    def __init__(self, origins: Mapping[str, Text], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("origin", origins)
        self.fields["origin"].initial = next(iter(origins))

    def clean(self) -> dict[str, Any]:
        """Demand the file where one is to be read."""
        given = super().clean() or self.cleaned_data
        if given.get("origin") == "file" and not given.get("file"):
            self.add_error("file", words("Wählen Sie eine Datei.", "Choose a file."))
        return given

    def show_problems(self, error: Invalid) -> None:
        """Show what is wrong with a file, line by line."""
        for problem in error.problems:
            line = (
                words(f"Zeile {problem.line}: ", f"Line {problem.line}: ") if problem.line else ""
            )
            self.add_error("file", format_html("{}{}", line, spoken(problem.text)))
        if not error.problems:
            self.add_error("file", spoken(error.text))


class NameForm(OwnForm):
    """Another name for a draft."""

    name = forms.CharField(max_length=_NAME_MAX)
    texts: ClassVar[Mapping[str, Text]] = {"name": Text("Name des Entwurfs", "Name of the draft")}


class CapacityForm(OwnForm):
    """How many duties the company can meet on a working day."""

    capacity = forms.IntegerField(required=False, min_value=1, max_value=100_000)
    texts: ClassVar[Mapping[str, Text]] = {
        "capacity": Text(
            "So viele neue Aufgaben schaffen wir an einem Arbeitstag",
            "So many new duties we can meet on a working day",
        )
    }


class ForceForm(OwnForm):
    """From which day on a draft is to hold; the first one also says why nothing was replayed."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    valid_from = forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"],
    )
    reason = forms.CharField(max_length=200)
    opens_old = forms.BooleanField(required=False)

    texts: ClassVar[Mapping[str, Text]] = {
        "valid_from": Text("Gilt ab", "In force from"),
        "reason": Text("Warum ohne Probelauf?", "Why without a replay?"),
        "opens_old": Text(
            "Auch für Konten, die schon unter der Schwelle liegen, Aufgaben anlegen",
            "Open duties also for accounts that are below the threshold already",
        ),
    }
    hints: ClassVar[Mapping[str, Text]] = {
        "opens_old": Text(
            "Ohne Haken entstehen Aufgaben erst, wenn ein Konto neu fällt.",
            "Without it, duties open only when an account falls anew.",
        ),
    }

    def __init__(self, *args: Any, is_first: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_first:
            del self.fields["opens_old"]
            self.fields["reason"].initial = words(
                "Erstes Regelwerk: Es gibt noch keine Buchungen.",
                "First policy: there are no entries yet.",
            )
        else:
            del self.fields["reason"]


SECTION_NAMES: Sequence[str] = tuple(section.name for section in SECTIONS)
