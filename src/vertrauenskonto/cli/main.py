"""The entry point: language, command, and from errors to exit codes in one place."""

import errno
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from vertrauenskonto.cli.declare import Entry
from vertrauenskonto.cli.language import chosen_language, system_language
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text, TrustError

FINE, DATA_PROBLEMS, WRONG_REQUEST, FAILED, INTERRUPTED = 0, 1, 2, 3, 130

_ROOM = "vertrauenskonto.cli"
COMMANDS = (
    Entry(
        name="import",
        summary=Text(
            "Dateien aus anderen Programmen als Ereignisse lesen",
            "Read files of other programs as events",
        ),
        module=f"{_ROOM}.importing",
    ),
    Entry(
        name="score",
        summary=Text("Alle Konten auf einen Tag bewerten", "Value all accounts on one day"),
        module=f"{_ROOM}.score",
    ),
    Entry(
        name="statement",
        summary=Text(
            "Kontoauszug: jede Bewegung mit Tag, Punkten und Stand",
            "Statement of one account: each movement with day, points and balance",
        ),
        module=f"{_ROOM}.statement",
    ),
    Entry(
        name="explain",
        summary=Text(
            "Warum der Stand so ist: was jedes Ereignis heute zählt",
            "Why the balance is what it is: what each event counts today",
        ),
        module=f"{_ROOM}.explain",
    ),
    Entry(
        name="mapping",
        summary=Text("Mitgelieferte Zuordnungen zeigen", "Show the shipped mappings"),
        module=f"{_ROOM}.mapping",
    ),
    Entry(
        name="policy",
        summary=Text(
            "Regelwerke zeigen, prüfen und vergleichen", "Show, check and compare policies"
        ),
        module=f"{_ROOM}.policy",
    ),
    Entry(
        name="conformance",
        summary=Text(
            "Prüfen, ob eine Rechenmaschine genau rechnet wie festgelegt",
            "Check that an engine computes exactly what is laid down",
        ),
        module=f"{_ROOM}.conformance",
    ),
    Entry(
        name="bench",
        summary=Text("Messen, wie schnell es hier rechnet", "Measure how fast it computes here"),
        module=f"{_ROOM}.bench",
    ),
    Entry(
        name="serve",
        summary=Text(
            "Die Anwendung bereitstellen, zunächst auf diesem Rechner",
            "Serve the application, at first on this machine",
        ),
        module=f"{_ROOM}.serve",
    ),
    Entry(
        name="work",
        summary=Text(
            "Tun, was die Uhr anstößt: siegeln, zustellen, aufräumen",
            "Do what the clock sets going: seal, deliver, tidy",
        ),
        module=f"{_ROOM}.work",
    ),
    Entry(
        name="doctor",
        summary=Text(
            "Sagen, was an dieser Installation nicht stimmt, und was hilft",
            "Say what is wrong with this installation, and the cure",
        ),
        module=f"{_ROOM}.doctor",
    ),
    Entry(
        name="webhook",
        summary=Text(
            "Andere Programme benachrichtigen: Adressen und Zustellungen",
            "Tell other programs: addresses and deliveries",
        ),
        module=f"{_ROOM}.webhook",
    ),
    Entry(
        name="token",
        summary=Text(
            "Zugang für Programme: Token ausstellen, zeigen, beenden",
            "Access for programs: issue, list and end tokens",
        ),
        module=f"{_ROOM}.token",
    ),
    Entry(
        name="feed",
        summary=Text("Kalender zum Abonnieren", "Calendars to subscribe to"),
        module=f"{_ROOM}.feed",
    ),
    Entry(
        name="verify",
        summary=Text(
            "Prüfen, ob etwas geändert wurde und die Stände stimmen",
            "Check that nothing was changed and the balances hold",
        ),
        module=f"{_ROOM}.verify",
    ),
    Entry(
        name="backup",
        summary=Text("Alles in eine Datei sichern", "Back everything up into one file"),
        module=f"{_ROOM}.backup",
    ),
    Entry(
        name="restore",
        summary=Text("Eine Sicherung einspielen", "Restore a backup"),
        module=f"{_ROOM}.restore",
    ),
    Entry(
        name="move",
        summary=Text(
            "In eine andere Datenbank umziehen: SQLite, PostgreSQL",
            "Move to another database: SQLite, PostgreSQL",
        ),
        module=f"{_ROOM}.move",
    ),
    Entry(
        name="export",
        summary=Text(
            "Alles in offenen Formaten herausgeben", "Give everything out in open formats"
        ),
        module=f"{_ROOM}.export",
    ),
    Entry(
        name="access-report",
        summary=Text(
            "Auskunft: alles, was über jemanden gespeichert ist (Art. 15 DSGVO)",
            "Access report: everything held about somebody (article 15 GDPR)",
        ),
        module=f"{_ROOM}.access_report",
    ),
    Entry(
        name="privacy",
        summary=Text(
            "Einschränken, Widerspruch, Löschen, Fristen, Protokoll der Zugriffe",
            "Restrict, object, erase, times of retention, log of reads",
        ),
        module=f"{_ROOM}.privacy",
    ),
    Entry(
        name="papers",
        summary=Text(
            "Datenschutz-Unterlagen aus dieser Installation erzeugen",
            "Generate the data protection papers from this installation",
        ),
        module=f"{_ROOM}.papers",
    ),
    Entry(
        name="demo",
        summary=Text(
            "Eine erfundene Firma anlegen, bewerten und zeigen",
            "Make a company up, value it and show it",
        ),
        module=f"{_ROOM}.demo",
    ),
    Entry(
        name="people",
        summary=Text(
            "Personen einladen, Rollen geben, Zugänge beenden",
            "Invite people, give roles, end access",
        ),
        module=f"{_ROOM}.people",
    ),
    Entry(
        name="proposals",
        summary=Text(
            "Ehrlichkeit: Vorschläge und Widersprüche entscheiden",
            "Honesty: decide on proposals and contests",
        ),
        module=f"{_ROOM}.proposals",
    ),
    Entry(
        name="customers",
        summary=Text(
            "Kunden zeigen, zuordnen, zusammenlegen, umbuchen",
            "Show, match, merge and move customers",
        ),
        module=f"{_ROOM}.customers",
    ),
    Entry(
        name="agreement",
        summary=Text(
            "Vereinbarungen erfassen: Betriebsrat, Ausgabe von Kontoständen",
            "Record agreements: works council, balances leaving",
        ),
        module=f"{_ROOM}.agreement",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    0: fine; 1: problems in the data, the rest was processed; 2: the request does not fit; 3: the
    operation failed; 130: interrupted.
    """
    today = date.today()  # noqa: DTZ011 - the user's own day is meant
    shell = Shell(language=system_language(os.environ), today=today)
    try:
        language, rest = chosen_language(
            sys.argv[1:] if arguments is None else arguments, os.environ
        )
        shell = Shell(language=language, today=today)
        code = _run(rest, shell)
        sys.stdout.flush()
        return code
    except TrustError as error:
        shell.refuse(error)
        return (
            WRONG_REQUEST if isinstance(error, Invalid | NotFound | Conflict | Denied) else FAILED
        )
    except KeyboardInterrupt:
        shell.say(Text("Abgebrochen.", "Interrupted."))
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads our output has enough of it (`| head`); nothing is wrong.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - lives until the process ends
        return FINE
    except OSError as error:
        shell.say(_operating_failure(error))
        return FAILED


def _run(arguments: list[str], shell: Shell) -> int:
    if arguments == ["--version"]:
        from importlib.metadata import version

        shell.print(f"vertrauenskonto {version('vertrauenskonto')}")
        return FINE
    from vertrauenskonto.cli.parser import run

    return run(arguments, COMMANDS, shell)


def _operating_failure(error: OSError) -> Text:
    place = error.filename if isinstance(error.filename, str) else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        where = f" ({place})" if place else ""
        return Text(
            de=f"Der Datenträger ist voll{where}; es wurde nichts Halbes geschrieben. Schaffen "
            "Sie Platz und wiederholen Sie den Befehl.",
            en=f"The disk is full{where}; nothing half-written was left. Make room and run the "
            "command again.",
        )
    number = error.errno or 0
    other = Text(f"Fehler {errno.errorcode.get(number, number)}", error.strerror or str(error))
    reason = _REASONS.get(number, other)
    return Text(
        de=f"Kein Zugriff auf {place or 'eine Datei'}: {reason.de}. Bitte prüfen Sie Pfad und "
        "Rechte.",
        en=f"No access to {place or 'a file'}: {reason.en}. Check the path and the rights.",
    )


# The system speaks one language only, and not always the user's.
_REASONS = {
    errno.EACCES: Text("die Berechtigung fehlt", "permission denied"),
    errno.EPERM: Text("das ist nicht erlaubt", "this is not permitted"),
    errno.EROFS: Text("dort darf nur gelesen werden", "it can only be read"),
    errno.ENOENT: Text("das gibt es nicht", "it does not exist"),
    errno.EEXIST: Text("dort liegt schon etwas anderes", "something else is already there"),
    errno.EISDIR: Text("das ist ein Ordner", "it is a folder"),
    errno.ENOTDIR: Text(
        "ein Teil des Pfades ist kein Ordner", "a part of the path is not a folder"
    ),
    errno.ENAMETOOLONG: Text("der Name ist zu lang", "the name is too long"),
    errno.EMFILE: Text("es sind zu viele Dateien offen", "too many files are open"),
    errno.EBUSY: Text("es wird gerade benutzt", "it is in use"),
    errno.EIO: Text("der Datenträger meldet einen Fehler", "the disk reports an error"),
}


if __name__ == "__main__":
    sys.exit(main())
