"""`access-report`: what is held about one customer, as a file to hand over (GDPR article 15)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vertrauenskonto.cli import options
from vertrauenskonto.cli.database import database
from vertrauenskonto.cli.declare import Command, argument, option
from vertrauenskonto.cli.installed import customer_key
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import path, text
from vertrauenskonto.core.errors import Invalid, Text

FORMS = ("html", "pdf", "json")


def key_argument() -> dict[str, Any]:
    """Return the metadata of the argument for one customer."""
    return argument(
        Text("Kennung der Kundin oder des Kunden", "the customer's key"),
        metavar=Text("KENNUNG", "KEY"),
        read=text,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReportCommand:
    """Whose report, into which file."""

    key: str = field(metadata=key_argument())
    out: Path = field(
        metadata=option(
            "--out",
            Text(
                "Datei; die Endung .html, .pdf oder .json sagt die Form",
                "file; its ending .html, .pdf or .json says the form",
            ),
            metavar=options.FILE,
            read=path,
        )
    )


def access_report(request: AccessReportCommand, shell: Shell) -> int:
    """Write the report and note that it was made."""
    from vertrauenskonto.engine.outputs import check_place, complete_or_absent

    form = next((form for form in FORMS if request.out.suffix.lower() == f".{form}"), None)
    if form is None:
        raise Invalid(
            Text(
                de=f"--out: „{request.out}“ braucht die Endung .html, .pdf oder .json.",
                en=f"--out: '{request.out}' must end in .html, .pdf or .json.",
            )
        )
    check_place(request.out)
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.actions.looking import note
        from vertrauenskonto.db.queries.access_reports import access_report as made

        viewer, key = installation("cli"), customer_key(request.key)
        contents = made(
            viewer,
            key,
            form="json" if form == "json" else "pdf" if form == "pdf" else "html",
            language=shell.language,
            as_of=shell.today,
        )
        note(viewer, [key], "access_report", at=datetime.now(UTC))
    with complete_or_absent(request.out) as part:
        part.write_bytes(contents)
    _warn_if_nameless(shell)
    shell.say(
        Text(
            f"Geschrieben: {request.out}. Vor der Übergabe bitte prüfen, ob Notizen andere "
            "Personen nennen (Art. 15 Abs. 4 DSGVO).",
            f"Written: {request.out}. Before you hand it over, check whether notes name other "
            "persons (article 15(4) GDPR).",
        )
    )
    return 0


def _warn_if_nameless(shell: Shell) -> None:
    from django.conf import settings

    if not (settings.COMPANY and settings.PRIVACY_CONTACT):
        shell.say(
            Text(
                "Wer verantwortlich ist und wohin man sich mit Fragen wendet, steht nicht darin, "
                "solange VERTRAUENSKONTO_COMPANY und VERTRAUENSKONTO_PRIVACY_CONTACT leer sind; "
                "die Auskunft braucht beides.",
                "It does not say who is the controller and where to turn with questions while "
                "VERTRAUENSKONTO_COMPANY and VERTRAUENSKONTO_PRIVACY_CONTACT are empty; the report "
                "needs both.",
            )
        )


COMMAND = Command(
    name="access-report",
    summary=Text(
        "Auskunft: alles, was über jemanden gespeichert ist (Art. 15 DSGVO)",
        "Access report: everything held about somebody (article 15 GDPR)",
    ),
    request=AccessReportCommand,
    run=access_report,
    example="vertrauenskonto access-report c_8f1d --out auskunft.pdf",
)
