"""The options that several commands share, worded once; each call makes the metadata of a field."""

from typing import Any

from vertrauenskonto.cli.declare import argument, option
from vertrauenskonto.cli.values import day, path, text
from vertrauenskonto.core.errors import Text

FILE = Text("DATEI", "FILE")
DAY = Text("TAG", "DAY")
EVENTS = Text(
    "Tabelle der Ereignisse (.parquet, .csv, .tsv, .duckdb)",
    "table of events (.parquet, .csv, .tsv, .duckdb)",
)


_OR_DATABASE = Text(
    f"{EVENTS.de} [sonst: die Datenbank dieser Installation]",
    f"{EVENTS.en} [default: the database of this installation]",
)


def events_argument() -> dict[str, Any]:
    """Return the metadata of the argument for the table of events."""
    return argument(_OR_DATABASE, metavar=Text("EREIGNISSE", "EVENTS"), read=path)


def events() -> dict[str, Any]:
    """Return the metadata of `--events`."""
    return option("--events", _OR_DATABASE, metavar=FILE, read=path)


def account() -> dict[str, Any]:
    """Return the metadata of the argument for one account."""
    return argument(
        Text(
            "Kennung des Kontos, wie in der Tabelle; in der Datenbank auch QUELLE:KENNUNG",
            "the account's id, as in the table; in the database also SOURCE:ID",
        ),
        metavar=Text("KONTO", "ACCOUNT"),
        read=text,
    )


def as_of() -> dict[str, Any]:
    """Return the metadata of `--as-of`."""
    return option(
        "--as-of",
        Text("Tag der Bewertung, zum Beispiel 2026-03-18", "day of the valuation, e.g. 2026-03-18"),
        metavar=DAY,
        read=day,
    )


def known_at() -> dict[str, Any]:
    """Return the metadata of `--known-at`."""
    return option(
        "--known-at",
        Text(
            "Kenntnisstand: nur was bis zu diesem Tag erfasst war [sonst: alles]",
            "state of knowledge: only what was recorded by this day [default: all]",
        ),
        metavar=DAY,
        read=day,
    )


DEFAULT_POLICY = "default"


def policy() -> dict[str, Any]:
    """Return the metadata of `--policy`; nothing given means DEFAULT_POLICY, for files."""
    return option(
        "--policy",
        Text(
            "Regelwerk: eine TOML-Datei, ein Ordner mit Fassungen oder der Name eines mitgelieferten "
            "[sonst: default; in der Datenbank das dort geltende]",
            "policy: a TOML file, a folder of its versions or the name of one that is shipped "
            "[default: default; in the database the one in force there]",
        ),
        metavar=Text("REGELWERK", "POLICY"),
        read=text,
    )


def suspensions() -> dict[str, Any]:
    """Return the metadata of `--suspensions`."""
    return option(
        "--suspensions",
        Text(
            "Ruhezeiten ohne Stille-Belastung (Spalten account, id, from, to, recorded)",
            "times without silence charges (columns account, id, from, to, recorded)",
        ),
        metavar=FILE,
        read=path,
    )


def accounts() -> dict[str, Any]:
    """Return the metadata of `--accounts`."""
    return option(
        "--accounts",
        Text(
            "Konten mit ihrem Segment (Spalten account, segment)",
            "accounts with their segment (columns account, segment)",
        ),
        metavar=FILE,
        read=path,
    )


def memory() -> dict[str, Any]:
    """Return the metadata of `--memory`."""
    return option(
        "--memory",
        Text(
            "Grenze für den Hauptspeicher, zum Beispiel 2GB; darüber wird ausgelagert",
            "limit of main memory, e.g. 2GB; beyond it the work spills to disk",
        ),
        metavar=Text("MENGE", "AMOUNT"),
        read=text,
    )


def encoding() -> dict[str, Any]:
    """Return the metadata of `--encoding`."""
    return option(
        "--encoding",
        Text(
            "Zeichensatz von Textdateien, zum Beispiel windows-1252 [sonst: wird erkannt]",
            "encoding of text files, e.g. windows-1252 [default: found out]",
        ),
        metavar=Text("ZEICHENSATZ", "ENCODING"),
        read=text,
    )


def for_files(request: Any) -> dict[str, object]:
    """Return what a request gives that only files need, by the option's name."""
    names = ("policy", "suspensions", "accounts", "encoding")
    return {f"--{name}": getattr(request, name) for name in names}
