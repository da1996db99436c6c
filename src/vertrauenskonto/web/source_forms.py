"""The forms of scheduled sources, one per kind."""

from typing import Any, cast

from django import forms

from vertrauenskonto.db.actions.sources import Asked, Kind
from vertrauenskonto.db.queries.mappings import MappingRow
from vertrauenskonto.db.queries.sources import SourceRow
from vertrauenskonto.web.import_forms import RefusableForm
from vertrauenskonto.web.templatetags.words import spoken, words

# field → in which kinds it is asked for, in the order of the form
_FIELDS: dict[str, tuple[str, ...]] = {
    "title": ("folder", "sql", "sftp", "mailbox"),
    "url": ("sql",),
    "host": ("sftp", "mailbox"),
    "port": ("sftp", "mailbox"),
    "user": ("sftp", "mailbox"),
    "secret": ("sql", "sftp", "mailbox"),
    "query": ("sql",),
    "column": ("sql",),
    "folder": ("folder", "sftp", "mailbox"),
    "pattern": ("folder", "sftp"),
    "mapping": ("folder", "sql", "sftp"),
    "every": ("folder", "sql", "sftp", "mailbox"),
    "at": ("folder", "sql", "sftp", "mailbox"),
    "is_on": ("folder", "sql", "sftp", "mailbox"),
}
_OPTIONAL = ("secret", "column", "folder", "pattern", "at", "is_on")
_PLACE = ("url", "host", "port", "user", "query", "column", "folder", "pattern")
_PORTS = {"sftp": 22, "mailbox": 993}
_DAILY = "daily"


class SourceForm(RefusableForm):
    """A source of one kind."""

    title = forms.CharField(max_length=80)
    url = forms.CharField(max_length=500)
    host = forms.CharField(max_length=200)
    port = forms.IntegerField(min_value=1, max_value=65535)
    user = forms.CharField(max_length=200)
    secret = forms.CharField(
        max_length=10_000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    query = forms.CharField(max_length=20_000, widget=forms.Textarea(attrs={"rows": 6}))
    column = forms.CharField(max_length=100)
    folder = forms.CharField(max_length=300)
    pattern = forms.CharField(max_length=100)
    mapping = forms.ChoiceField()
    every = forms.ChoiceField()
    at = forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}))
    is_on = forms.BooleanField()

    def __init__(
        self, *args: Any, kind: str, mappings: tuple[MappingRow, ...], inbox: str, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind == "sftp":
            # A private key has many lines.
            self.fields["secret"].widget = forms.Textarea(
                attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}
            )
        for name, kinds in _FIELDS.items():
            if kind not in kinds:
                del self.fields[name]
            elif name in _OPTIONAL:
                self.fields[name].required = False
        if "mapping" in self.fields:
            listed = [(m.name, spoken(m.title)) for m in mappings]
            self._choices("mapping", [("", words("bitte wählen", "please choose")), *listed])
        self._choices("every", _rhythms())
        if kind in _PORTS:
            self.fields["port"].initial = _PORTS[kind]
        self._label(inbox)

    def clean(self) -> dict[str, Any]:
        """Demand a time of day where it is to be read once a day."""
        given = super().clean() or self.cleaned_data
        if given.get("every") == _DAILY and not given.get("at"):
            self.add_error("at", words("Wählen Sie die Uhrzeit.", "Choose the time of day."))
        return given

    def asked(self) -> Asked:
        """Return the source that was described."""
        given = self.cleaned_data
        names = [name for name in _PLACE if name in self.fields]
        at = given.get("at") if given["every"] == _DAILY else None
        return Asked(
            title=given["title"],
            kind=cast("Kind", self.kind),
            mapping=given.get("mapping", ""),
            place={name: given[name] for name in names if given[name] not in ("", None)},
            secret=given.get("secret") or None,
            every_minutes=None if at else int(given["every"]),
            daily_minute=at.hour * 60 + at.minute if at else None,
            is_on=given["is_on"],
        )

    @staticmethod
    def initial_of(row: SourceRow) -> dict[str, Any]:
        """Return what the form of a source that exists begins with; never its password."""
        at = row.daily_minute
        return {
            **row.place,
            "title": row.title,
            "mapping": row.mapping,
            "every": _DAILY if at is not None else str(row.every_minutes),
            "at": None if at is None else f"{at // 60:02}:{at % 60:02}",
            "is_on": row.is_on,
        }

    def _choices(self, field: str, choices: list[tuple[str, str]]) -> None:
        found = self.fields[field]
        assert isinstance(found, forms.ChoiceField)
        found.choices = choices

    def _label(self, inbox: str) -> None:
        for field, (label, hint) in _labels(self.kind, inbox).items():
            if field in self.fields:
                self.fields[field].label, self.fields[field].help_text = label, hint


def _rhythms() -> list[tuple[str, str]]:
    return [
        ("15", words("alle 15 Minuten", "every 15 minutes")),
        ("60", words("jede Stunde", "every hour")),
        ("240", words("alle vier Stunden", "every four hours")),
        (_DAILY, words("einmal am Tag", "once a day")),
    ]


def _labels(kind: str, inbox: str) -> dict[str, tuple[str, str]]:
    """Return label and hint of each field, as the kind of source needs them."""
    return _place_labels(kind, inbox) | {
        "title": (words("Name der Quelle", "Name of the source"), ""),
        "mapping": (
            words("Zuordnung", "Mapping"),
            words(
                "Eine eigene legen Sie an, indem Sie eine Beispieldatei einlesen.",
                "Make one of your own by importing an example file.",
            ),
        ),
        "every": (words("Wie oft", "How often"), ""),
        "at": (
            words("Uhrzeit", "Time of day"),
            words("Nur bei einmal am Tag.", "For once a day only."),
        ),
        "is_on": (words("Eingeschaltet", "Switched on"), ""),
    }


def _place_labels(kind: str, inbox: str) -> dict[str, tuple[str, str]]:
    return {
        "url": (
            words("Adresse der Datenbank", "Address of the database"),
            words(
                "postgresql://benutzer@rechner:5432/datenbank – mit einem Benutzer, der nur lesen "
                "darf.",
                "postgresql://user@host:5432/database – with a user who may only read.",
            ),
        ),
        "host": (words("Rechner", "Host"), ""),
        "port": ("Port", ""),
        "user": (words("Benutzer", "User"), ""),
        "secret": (words("Kennwort", "Password"), _secret_hint(kind)),
        "query": (
            words("Abfrage", "Query"),
            words(
                "Eine Abfrage, die nur liest. Ihre Spalten liest die Zuordnung.",
                "One query that only reads. The mapping reads its columns.",
            ),
        ),
        "column": (
            words("Spalte, die sagt, was neu ist", "Column that says what is new"),
            words(
                "Etwa updated_at: gelesen wird nur, was seit dem letzten Mal dazukam. Leer: jedes "
                "Mal alles; doppelt gebucht wird auch dann nichts.",
                "Such as updated_at: only what came since the last time is read. Empty: everything "
                "each time; even then nothing is booked twice.",
            ),
        ),
        "folder": _folder_label(kind, inbox),
        "pattern": (
            words("Welche Dateien", "Which files"),
            words("Zum Beispiel *.csv; leer: alle.", "E.g. *.csv; empty: all."),
        ),
    }


def _secret_hint(kind: str) -> str:
    return {
        "sftp": words(
            "Kennwort, oder der private Schlüssel ganz (ohne eigenes Kennwort). Wird verschlüsselt "
            "gespeichert und nie wieder angezeigt.",
            "Password, or the whole private key (without a password of its own). Stored "
            "enciphered and never shown again.",
        )
    }.get(
        kind,
        words(
            "Wird verschlüsselt gespeichert und nie wieder angezeigt.",
            "Stored enciphered and never shown again.",
        ),
    )


def _folder_label(kind: str, inbox: str) -> tuple[str, str]:
    return {
        "folder": (
            words("Ordner im Eingangsordner", "Folder within the inbox"),
            words(
                f"Der Eingangsordner ist {inbox}; leer: er selbst.",
                f"The inbox is {inbox}; empty: the inbox itself.",
            ),
        ),
        "sftp": (
            words("Ordner dort", "Folder there"),
            words("Leer: der erste.", "Empty: the first."),
        ),
        "mailbox": (
            words("Ordner im Postfach", "Folder of the mailbox"),
            words(
                "Leer: der Posteingang. Am besten ein eigener, in den Sie weiterleiten.",
                "Empty: the inbox. Best one of its own to which you forward.",
            ),
        ),
    }.get(kind, ("", ""))
