"""`doctor`: what is wrong with this installation, and the cure; it changes nothing of itself."""

import json
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime

from vertrauenskonto.cli.database import database, door
from vertrauenskonto.cli.declare import Command, switch
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Text

_MARKS = {"fine": "✓", "hint": "·", "wrong": "✗"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorCommand:
    """In which form."""

    json: bool = field(
        default=False,
        metadata=switch("--json", Text("als JSON, für Programme", "as JSON, for programs")),
    )
    confirm_clock: bool = field(
        default=False,
        metadata=switch(
            "--confirm-clock",
            Text(
                "nach langer Stille festhalten, dass die Uhr richtig geht; danach wird gebucht",
                "after a long silence record that the clock is right; then booking goes on",
            ),
        ),
    )


def doctor(request: DoctorCommand, shell: Shell) -> int:
    """Print every finding; exit code 1 if something is wrong."""
    if request.confirm_clock:
        return _confirm_clock(shell)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
    from vertrauenskonto.cli.checks import findings

    found = list(findings(datetime.now(UTC)))
    wrong = sum(finding.grade == "wrong" for finding in found)
    if request.json:
        listed = [
            {
                "code": f.code,
                "grade": f.grade,
                "text": f.text.in_language(shell.language),
                "cure": f.cure.in_language(shell.language),
            }
            for f in found
        ]
        shell.print(json.dumps({"wrong": wrong, "findings": listed}, ensure_ascii=False, indent=2))
        return 1 if wrong else 0
    for finding in found:
        shell.print(f"{_MARKS[finding.grade]} {finding.text.in_language(shell.language)}")
        cure = finding.cure.in_language(shell.language)
        if cure:
            shell.print(f"    {cure}")
    shell.say(
        Text(
            "Alles in Ordnung." if not wrong else f"{wrong} × zu beheben (✗).",
            "All is well." if not wrong else f"{wrong} to be cured (✗).",
        )
    )
    return 1 if wrong else 0


def _confirm_clock(shell: Shell) -> int:
    with database():
        from vertrauenskonto.db.actions import clock

        way = door(shell)
        clock.confirm(door=way)
    shell.say(
        Text(
            f"Festgehalten: Es ist {way.at:%d.%m.%Y, %H:%M} UTC. Gebucht wird wieder.",
            f"Recorded: it is {way.at:%Y-%m-%d %H:%M} UTC. Booking goes on.",
        )
    )
    return 0


COMMAND = Command(
    name="doctor",
    summary=Text(
        "Sagen, was an dieser Installation nicht stimmt, und was hilft",
        "Say what is wrong with this installation, and the cure",
    ),
    request=DoctorCommand,
    run=doctor,
    example="vertrauenskonto doctor",
)
