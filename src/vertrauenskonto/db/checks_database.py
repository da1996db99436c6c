"""What is asked of the database: itself, the log, the worker, policy, agreement, webhooks."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import agreements, clock
from vertrauenskonto.db.access import installation as whole
from vertrauenskonto.db.finding import Finding, fine
from vertrauenskonto.db.queries import calendars, installation, jobs, webhooks
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.db.queries.privacy import CLOCK_GAP_MAX, is_clock_doubtful

_CLOCK_SLACK = timedelta(minutes=5)
_HEARTBEAT_AGE_MAX = timedelta(minutes=5)
_POSTGRES_MIN = 15
_UNSEALED_AGE_MAX = timedelta(minutes=15)


def database(now: datetime) -> Iterator[Finding]:
    """Yield what there is to say about the database, and of what it tells about the service."""
    try:
        version = installation.server_version()
    except DatabaseError as error:
        told = str(error).strip().splitlines()
        yield Finding(
            code="database",
            grade="wrong",
            text=Text(
                f"Die Datenbank ist nicht erreichbar: {told[0] if told else ''}",
                f"The database cannot be reached: {told[0] if told else ''}",
            ),
            cure=Text(
                "Läuft der Server, und stimmt VERTRAUENSKONTO_DATABASE?",
                "Is the server running, and is VERTRAUENSKONTO_DATABASE right?",
            ),
        )
        return
    yield _server(version)
    found = installation.migrations()
    yield _migrations(found.pending, found.unknown)
    if found.pending or found.unknown:
        return
    for check in _OF_THE_DATABASE:
        yield check(now)


def _server(version: str) -> Finding:
    name, _, number = version.partition(" ")
    if name == "PostgreSQL" and int(number.split(".")[0]) < _POSTGRES_MIN:
        return Finding(
            code="database",
            grade="wrong",
            text=Text(f"{version} ist zu alt.", f"{version} is too old."),
            cure=Text(
                f"Nötig ist mindestens PostgreSQL {_POSTGRES_MIN}.",
                f"It takes PostgreSQL {_POSTGRES_MIN} at least.",
            ),
        )
    return fine("database", f"Datenbank: {version}", f"Database: {version}")


def _migrations(pending: tuple[str, ...], unknown: tuple[str, ...]) -> Finding:
    if unknown:
        return Finding(
            code="migrations",
            grade="wrong",
            text=Text(
                f"Die Datenbank ist neuer als das Programm ({', '.join(unknown)}).",
                f"The database is newer than the program ({', '.join(unknown)}).",
            ),
            cure=Text(
                "Richten Sie die neuere Fassung des Programms ein.",
                "Install the newer version of the program.",
            ),
        )
    if pending:
        return Finding(
            code="migrations",
            grade="wrong",
            text=Text(
                f"{len(pending)} Umstellungen der Datenbank stehen aus.",
                f"{len(pending)} changes of the database are pending.",
            ),
            cure=Text(
                "Sichern Sie, dann starten Sie `vertrauenskonto serve` neu.",
                "Make a backup, then restart `vertrauenskonto serve`.",
            ),
        )
    return fine("migrations", "Die Tabellen sind aktuell.", "The tables are up to date.")


def _triggers(_now: datetime) -> Finding:
    missing = installation.unprotected_tables()
    if missing:
        listed = ", ".join(missing)
        return Finding(
            code="triggers",
            grade="wrong",
            text=Text(
                f"Gegen Änderungen ungeschützt: {listed}", f"Unprotected against changes: {listed}"
            ),
            cure=Text(
                "Jemand hat Trigger entfernt. Prüfen Sie mit `vertrauenskonto verify`, ob etwas "
                "geändert wurde, und spielen Sie eine Sicherung ein.",
                "Somebody removed triggers. Check with `vertrauenskonto verify` whether anything "
                "was changed, and restore a backup.",
            ),
        )
    return fine(
        "triggers",
        "Gebuchtes ist gegen Änderungen geschützt.",
        "What is booked is protected against changes.",
    )


def _clock(now: datetime) -> Finding:
    newest = installation.newest_booking_at()
    if newest is not None and newest > now + _CLOCK_SLACK:
        return Finding(
            code="clock",
            grade="wrong",
            text=Text(
                f"Die Uhr geht nach, oder sie ging vor: es ist {now:%Y-%m-%d %H:%M} UTC, aber um "
                f"{newest:%Y-%m-%d %H:%M} UTC wurde schon gebucht.",
                f"The clock is behind, or was ahead: it is {now:%Y-%m-%d %H:%M} UTC, but something "
                f"was booked at {newest:%Y-%m-%d %H:%M} UTC.",
            ),
            cure=Text(
                "Stellen Sie die Uhr (timedatectl set-ntp true). Ging sie vor, so zählt das damals "
                "Gebuchte erst von seinem Tag an: stornieren Sie es und buchen Sie neu.",
                "Set the clock (timedatectl set-ntp true). If it was ahead, what was booked then "
                "counts from its day on only: reverse it and book anew.",
            ),
        )
    last = clock.believable(now)
    if last is not None and clock.is_far_ahead(now, last):
        doubt = clock.ClockDoubtful(now, last).text
        return Finding(
            code="clock",
            grade="wrong",
            text=doubt,
            cure=Text(
                "Geht sie vor, stellen Sie die Uhr (timedatectl set-ntp true).",
                "If it is ahead, set the clock (timedatectl set-ntp true).",
            ),
        )
    if is_clock_doubtful(now):
        days = CLOCK_GAP_MAX.days
        return Finding(
            code="clock",
            grade="wrong",
            text=Text(
                f"Es ist {now:%Y-%m-%d} UTC, und davor wurde über Wochen nichts geschrieben. Geht "
                f"die Uhr vor? Nach einer Lücke von {days} Tagen wird eine Woche lang nichts nach "
                "Frist gelöscht.",
                f"It is {now:%Y-%m-%d} UTC, and for weeks before nothing was written. Is the clock "
                f"ahead? After a gap of {days} days nothing is deleted by the rules of retention "
                "for a week.",
            ),
            cure=Text(
                "Stellen Sie die Uhr (timedatectl set-ntp true). Geht sie richtig, ist nichts zu "
                "tun: gelöscht wird wieder eine Woche nach der nächsten Buchung.",
                "Set the clock (timedatectl set-ntp true). If it is right, there is nothing to do: "
                "deleting goes on a week after the next booking.",
            ),
        )
    return fine("clock", "Die Uhr passt zum Gebuchten.", "The clock agrees with what is booked.")


def _worker(now: datetime) -> Finding:
    seen = jobs.last_heartbeat()
    if seen is None or now - seen > _HEARTBEAT_AGE_MAX:
        when = "nie" if seen is None else f"zuletzt {seen:%Y-%m-%d %H:%M} UTC"
        when_en = "never" if seen is None else f"last at {seen:%Y-%m-%d %H:%M} UTC"
        return Finding(
            code="worker",
            grade="wrong",
            text=Text(f"Kein Arbeiter läuft ({when}).", f"No worker is running ({when_en})."),
            cure=Text(
                "Starten Sie `vertrauenskonto serve` oder `vertrauenskonto work`.",
                "Start `vertrauenskonto serve` or `vertrauenskonto work`.",
            ),
        )
    return fine("worker", "Ein Arbeiter läuft.", "A worker is running.")


def _jobs(_now: datetime) -> Finding:
    given_up = jobs.counts()["given_up"]
    if given_up:
        return Finding(
            code="jobs",
            grade="wrong",
            text=Text(f"{given_up} Arbeiten aufgegeben.", f"{given_up} jobs given up."),
            cure=Text(
                "Das Protokoll nennt den Fehler (job.failed); beheben Sie ihn, dann: "
                "vertrauenskonto work --once --again",
                "The log names the error (job.failed); cure it, then: "
                "vertrauenskonto work --once --again",
            ),
        )
    return fine("jobs", "Keine Arbeit ist liegen geblieben.", "No job was given up.")


def _seal(now: datetime) -> Finding:
    log = installation.sealed()
    oldest = log.oldest_unsealed_at
    if oldest is not None and now - oldest > _UNSEALED_AGE_MAX:
        return Finding(
            code="seal",
            grade="wrong",
            text=Text(
                f"{log.unsealed} Vorgänge sind noch nicht gesiegelt, der älteste von "
                f"{oldest:%Y-%m-%d %H:%M} UTC.",
                f"{log.unsealed} transactions are not sealed yet, the oldest of "
                f"{oldest:%Y-%m-%d %H:%M} UTC.",
            ),
            cure=Text("Starten Sie `vertrauenskonto work`.", "Start `vertrauenskonto work`."),
        )
    return fine("seal", f"{log.size} Vorgänge gesiegelt", f"{log.size} transactions sealed")


def _policy(now: datetime) -> Finding:
    try:
        label = history().in_force(now.date()).label
    except NotFound as error:
        return Finding(
            code="policy",
            grade="wrong",
            text=error.text,
            cure=Text("vertrauenskonto policy put default", "vertrauenskonto policy put default"),
        )
    return fine("policy", f"Regelwerk {label}", f"Policy {label}")


def _agreement(_now: datetime) -> Finding:
    if agreements.in_force("works_council"):
        return fine(
            "works_council",
            "Eine Betriebsvereinbarung ist erfasst.",
            "A works agreement is recorded.",
        )
    return Finding(
        code="works_council",
        grade="hint",
        text=Text(
            "Keine Betriebsvereinbarung ist erfasst: nichts wird nach Personen ausgewertet.",
            "No works agreement is recorded: nothing is evaluated by member of staff.",
        ),
        cure=Text(
            "Gibt es einen Betriebsrat? Ein Muster liegt in docs/guides/works-agreement.md.",
            "Is there a works council? A model lies in docs/guides/works-agreement.md.",
        ),
    )


def _calendar(now: datetime) -> Finding:
    ending = calendars.running_out(now.date())
    if ending:
        one = ending[0]
        until = one.known_until
        return Finding(
            code="calendar",
            grade="hint",
            text=Text(
                f"Im Arbeitskalender „{one.name}“ stehen freie Tage nur bis {until:%d.%m.%Y}."
                if until
                else f"Im Arbeitskalender „{one.name}“ steht kein einziger freier Tag.",
                f"The working calendar '{one.name}' knows days off until {until.isoformat()} only."
                if until
                else f"The working calendar '{one.name}' knows no day off at all.",
            ),
            cure=Text(
                "Wählen Sie dort ein Bundesland, oder lesen Sie die nächsten Jahre ein.",
                "Choose a state there, or import the next years.",
            ),
        )
    if not calendars.has_companys():
        return Finding(
            code="calendar",
            grade="hint",
            text=Text(
                "Es gibt keinen Arbeitskalender: gerechnet wird Montag bis Freitag, 8–12 und 13–17 "
                "Uhr, ohne Feiertage.",
                "There is no working calendar: reckoned is Monday to Friday, 8–12 and 13–17, "
                "without holidays.",
            ),
            cure=Text(
                "Legen Sie unter Verwaltung › Arbeitskalender einen an.",
                "Make one under Administration › Working calendars.",
            ),
        )
    return fine("calendar", "Die freien Tage sind bekannt.", "The days off are known.")


def _webhooks(_now: datetime) -> Finding:
    rows = webhooks.endpoints(whole("cli"))
    failing = [row for row in rows if row.is_active and row.failing_since_at is not None]
    if failing:
        listed = ", ".join(str(row.id) for row in failing)
        return Finding(
            code="webhooks",
            grade="wrong",
            text=Text(
                f"Webhook-Adressen nehmen nichts an: {listed}",
                f"Webhook addresses accept nothing: {listed}",
            ),
            cure=Text(
                "Sehen Sie mit `vertrauenskonto webhook log NUMMER` nach, woran es liegt.",
                "See why with `vertrauenskonto webhook log NUMBER`.",
            ),
        )
    return fine("webhooks", f"{len(rows)} Webhook-Adressen", f"{len(rows)} webhook addresses")


_OF_THE_DATABASE: tuple[Callable[[datetime], Finding], ...] = (
    _triggers,
    _clock,
    _worker,
    _jobs,
    _seal,
    _policy,
    _agreement,
    _calendar,
    _webhooks,
)
