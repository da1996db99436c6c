"""`statement`: one account over a period, as table, CSV, JSON or page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import day, one_of, path
from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.entries import TOTAL

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.entries import Account
    from vertrauenskonto.core.ledger.policy import PolicyHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementCommand:
    """Which account, from which files, over which days, in which form."""

    account: str = field(metadata=options.account())
    after: date = field(
        metadata=option(
            "--after",
            Text("letzter Tag vor dem Zeitraum", "last day before the period"),
            metavar=options.DAY,
            read=day,
        )
    )
    until: date = field(
        metadata=option(
            "--until",
            Text("letzter Tag des Zeitraums", "last day of the period"),
            metavar=options.DAY,
            read=day,
        )
    )
    events: Path | None = field(default=None, metadata=options.events())
    known_at: date | None = field(default=None, metadata=options.known_at())
    opening_known_at: date | None = field(
        default=None,
        metadata=option(
            "--opening-known-at",
            Text(
                "Kenntnisstand des vorigen Auszugs: der Übertrag ist dessen Stand, und was seither "
                "bekannt wurde, steht als Korrektur für sich",
                "knowledge day of the previous statement: it is carried forward as printed, and "
                "what became known since stands apart as corrections",
            ),
            metavar=options.DAY,
            read=day,
        ),
    )
    policy: str = field(default="", metadata=options.policy())
    suspensions: Path | None = field(default=None, metadata=options.suspensions())
    accounts: Path | None = field(default=None, metadata=options.accounts())
    format: str = field(
        default="table",
        metadata=option(
            "--format",
            Text(
                "table zum Lesen, html als Seite zum Drucken, csv und json für Programme",
                "table to read, html as a page to print, csv and json for programs",
            ),
            metavar=Text("table|html|csv|json", "table|html|csv|json"),
            read=one_of("table", "html", "csv", "json"),
        ),
    )
    out: Path | None = field(
        default=None,
        metadata=option(
            "--out",
            Text("Datei statt Ausgabe", "file instead of output"),
            metavar=options.FILE,
            read=path,
        ),
    )
    encoding: str = field(default="", metadata=options.encoding())


def statement(request: StatementCommand, shell: Shell) -> int:
    """Print or write the statement; exit code 1 if rows of the account could not be used."""
    from vertrauenskonto.cli.in_force import tell_policy
    from vertrauenskonto.cli.sheet import Period, statement_sheet
    from vertrauenskonto.cli.written import write_text
    from vertrauenskonto.render import statement as forms

    account, policy, problems, opening, compensates = _account(request, shell)
    opening_known_at = request.opening_known_at
    if request.events is None:
        opening_known_at = _printed(request)
    sheet = statement_sheet(
        account,
        policy,
        Period(
            after=request.after,
            until=request.until,
            known_at=request.known_at,
            opening_known_at=opening_known_at,
            opening_account=opening,
        ),
        chart_language=shell.language if request.format == "html" else None,
        compensates=compensates,
    )
    if request.format == "html":
        text = forms.statement_html(sheet, shell.language)
    elif request.format == "csv":
        text = forms.statement_csv(sheet)
    elif request.format == "json":
        text = forms.statement_json(sheet)
    else:
        text = forms.statement_text(sheet, shell.language, width=shell.width)
    if request.out is None:
        shell.print(text)
    else:
        write_text(request.out, text)
        shell.say(Text(f"Geschrieben: {request.out}", f"Written: {request.out}"))
    tell_policy(policy, first=request.after, last=request.until, shell=shell)
    return shell.report_all(problems)


class _Read(NamedTuple):
    account: "Account"
    policy: "PolicyHistory"
    problems: "Sequence[Problem]"
    opening: "Account | None" = None
    compensates: "Mapping[str, str] | None" = None


def _account(request: StatementCommand, shell: Shell) -> _Read:
    from vertrauenskonto.cli.installed import installed_account, refuse_file_options
    from vertrauenskonto.cli.written import keep_inputs
    from vertrauenskonto.engine.account import AccountFiles, read_account
    from vertrauenskonto.importers.policy import read_policy

    if request.events is None:
        refuse_file_options(options.for_files(request))
        found = installed_account(
            request.account,
            "statement",
            as_of=request.until,
            known_at=request.known_at,
            view=TOTAL,
            printed=(request.after, _printed(request)),
        )
        return _Read(found.account, found.policies, (), found.opening, found.compensates)
    name = request.policy or options.DEFAULT_POLICY
    keep_inputs(
        {"--out": request.out},
        {
            "--events": request.events,
            "--suspensions": request.suspensions,
            "--accounts": request.accounts,
        },
        policy=name,
    )
    policy = read_policy(name)
    files = AccountFiles(
        events=request.events,
        suspensions=request.suspensions,
        accounts=request.accounts,
        encoding=request.encoding,
        today=shell.today,
    )
    read = read_account(files, request.account, policy)
    return _Read(read.account, policy, read.problems)


def _printed(request: StatementCommand) -> date:
    """Return the knowledge day of the statement before: by default it was printed on its last."""
    return request.opening_known_at or min(request.after, request.known_at or request.after)


COMMAND = Command(
    name="statement",
    summary=Text(
        "Kontoauszug: jede Bewegung mit Tag, Punkten und Stand",
        "Statement of one account: each movement with day, points and balance",
    ),
    request=StatementCommand,
    run=statement,
    example="vertrauenskonto statement N-0159 --events demo/events.csv "
    "--after 2025-06-30 --until 2025-12-31 --policy craft",
)
