"""What `doctor` and the page on the data's state look at on this machine.

Nothing here needs the database, so it can be said when there is none; what is asked of the database
is in `checks_database`.
"""

import os
import platform
import shutil
import socket
import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.finding import Finding, Grade, fine
from vertrauenskonto.render.numbers import number

# `backup` writes the instant of the last one into this file of the data folder.
BACKUP_MARKER = "last-backup"

_FREE_BYTES_MIN = 1 << 30
_BACKUP_AGE_MAX = timedelta(days=2)
_MAIL_SECONDS = 5.0


def versions() -> Finding:
    """Return which program this is, and on what it runs."""
    listed = ", ".join(
        f"{name} {version(name)}" for name in ("vertrauenskonto", "django", "duckdb", "gunicorn")
    )
    told = f"Python {platform.python_version()}, {listed}"
    return fine("versions", told, told)


def machine(data: Path, now: datetime) -> Iterator[Finding]:
    """Yield what there is to say of the data folder and what lies in it."""
    yield _data_folder(data)
    if data.is_dir():
        yield _secret_key(data)
        yield _disk(data)
        yield _backup(data, now)


def ways() -> Iterator[Finding]:
    """Yield how people reach the program and it them; asks the mail server for a sign of life."""
    yield _base_url()
    yield _mail()


def _data_folder(data: Path) -> Finding:
    if not data.is_dir():
        return Finding(
            code="data_folder",
            grade="wrong",
            text=Text(f"Der Datenordner {data} fehlt.", f"The data folder {data} is missing."),
            cure=Text(
                "Starten Sie einmal `vertrauenskonto serve`, oder nennen Sie den richtigen Ordner "
                "in VERTRAUENSKONTO_DATA.",
                "Start `vertrauenskonto serve` once, or name the right folder in "
                "VERTRAUENSKONTO_DATA.",
            ),
        )
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return Finding(
            code="data_folder",
            grade="wrong",
            text=Text(f"In {data} darf nicht geschrieben werden.", f"{data} cannot be written."),
            cure=Text(
                f"Geben Sie ihn dem Benutzer des Dienstes: chown -R BENUTZER {data}",
                f"Give it to the service's user: chown -R USER {data}",
            ),
        )
    if stat.S_IMODE(data.stat().st_mode) & 0o007:
        return Finding(
            code="data_folder",
            grade="wrong",
            text=Text(
                f"Jeder auf diesem Rechner darf in {data} sehen.",
                f"Everybody on this machine may look into {data}.",
            ),
            cure=Text(f"chmod 700 {data}", f"chmod 700 {data}"),
        )
    return fine("data_folder", f"Datenordner {data}", f"Data folder {data}")


def _secret_key(data: Path) -> Finding:
    path = data / "secret-key"
    if not path.is_file():
        return Finding(
            code="secret_key",
            grade="wrong",
            text=Text("Die Datei secret-key fehlt.", "The file secret-key is missing."),
            cure=Text(
                "Legen Sie Ihre Kopie zurück; in den Sicherungen steht sie nicht. Mit einer neuen "
                "ändern sich alle Pseudonyme, alle müssen sich neu anmelden, und zweite Faktoren "
                "aus Apps sind verloren.",
                "Put your copy back; it is not in the backups. A new one changes every pseudonym, "
                "everybody must sign in again, and second factors of apps are lost.",
            ),
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding(
            code="secret_key",
            grade="wrong",
            text=Text("secret-key können auch andere lesen.", "Others can read secret-key too."),
            cure=Text(f"chmod 600 {path}", f"chmod 600 {path}"),
        )
    if not (data / BACKUP_MARKER).exists():
        # Said until the first backup is made: whoever makes one thinks of this copy too.
        return Finding(
            code="secret_key",
            grade="hint",
            text=Text("secret-key steht in keiner Sicherung.", "secret-key is not in any backup."),
            cure=Text(
                f"Bewahren Sie eine Kopie von {path} getrennt von den Sicherungen auf.",
                f"Keep a copy of {path} apart from the backups.",
            ),
        )
    return fine("secret_key", "secret-key gehört nur dem Dienst.", "secret-key is ours alone.")


def _disk(data: Path) -> Finding:
    free = shutil.disk_usage(data).free
    told = Text(
        de=f"{number(free / (1 << 30), 'de')} GiB", en=f"{number(free / (1 << 30), 'en')} GiB"
    )
    if free < _FREE_BYTES_MIN:
        return Finding(
            code="disk",
            grade="wrong",
            text=Text(f"Nur noch {told.de} frei.", f"Only {told.en} left."),
            cure=Text(
                "Schaffen Sie Platz; ohne ihn kann nichts gebucht werden.",
                "Make room; without it nothing can be booked.",
            ),
        )
    return fine("disk", f"{told.de} frei", f"{told.en} free")


def _backup(data: Path, now: datetime) -> Finding:
    cure = Text(
        "Richten Sie `vertrauenskonto backup` täglich ein; siehe docs/guides/operation.md.",
        "Set up `vertrauenskonto backup` daily; see docs/guides/operation.md.",
    )
    try:
        last = datetime.fromisoformat((data / BACKUP_MARKER).read_text(encoding="utf-8").strip())
        age = now - last
    except (OSError, ValueError, TypeError):
        return Finding(
            code="backup",
            grade="hint",
            text=Text("Von einer Sicherung ist nichts bekannt.", "No backup is known of."),
            cure=cure,
        )
    if age > _BACKUP_AGE_MAX:
        return Finding(
            code="backup",
            grade="wrong",
            text=Text(
                f"Die letzte Sicherung ist {age.days} Tage alt.",
                f"The last backup is {age.days} days old.",
            ),
            cure=cure,
        )
    return fine("backup", f"Letzte Sicherung: {last.date()}", f"Last backup: {last.date()}")


def _base_url() -> Finding:
    url = settings.BASE_URL
    if not url:
        return Finding(
            code="base_url",
            grade="hint",
            text=Text(
                "VERTRAUENSKONTO_BASE_URL ist leer: erreichbar nur von diesem Rechner.",
                "VERTRAUENSKONTO_BASE_URL is empty: reachable from this machine only.",
            ),
            cure=Text(
                "Setzen Sie die öffentliche Adresse, zum Beispiel https://konto.example.",
                "Set the public address, e.g. https://account.example.",
            ),
        )
    if not url.startswith("https://"):
        return Finding(
            code="base_url",
            grade="wrong",
            text=Text(
                f"Die Adresse {url} ist unverschlüsselt.", f"The address {url} is not encrypted."
            ),
            cure=Text(
                "Stellen Sie einen Webserver mit HTTPS davor; siehe deploy/Caddyfile.",
                "Put a web server with HTTPS before it; see deploy/Caddyfile.",
            ),
        )
    return fine("base_url", f"Öffentliche Adresse {url}", f"Public address {url}")


def _mail() -> Finding:
    if not str(settings.EMAIL_BACKEND).endswith("smtp.EmailBackend") or not settings.EMAIL_HOST:
        return Finding(
            code="mail",
            grade="hint",
            text=Text("Es ist kein Mailserver eingestellt.", "No mail server is configured."),
            cure=Text(
                "Ohne ihn kann niemand ein vergessenes Passwort selbst erneuern.",
                "Without one nobody can renew a forgotten password alone.",
            ),
        )
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        socket.create_connection(
            (settings.EMAIL_HOST, settings.EMAIL_PORT), timeout=_MAIL_SECONDS
        ).close()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        # Django's own default, which nobody chose, is no reason to call the installation wrong.
        grade: Grade = "hint" if settings.EMAIL_HOST == "localhost" else "wrong"
        return Finding(
            code="mail",
            grade=grade,
            text=Text(
                f"Der Mailserver {where} antwortet nicht ({reason}).",
                f"The mail server {where} does not answer ({reason}).",
            ),
            cure=Text("Prüfen Sie Name, Port und Firewall.", "Check name, port and firewall."),
        )
    return fine("mail", f"Mailserver {where} antwortet.", f"Mail server {where} answers.")
