"""`explain`: why the balance of one account is what it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli import options
from vertrauenskonto.cli.declare import Command, option
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import one_of, path, text
from vertrauenskonto.core.errors import Problem, Text
from vertrauenskonto.core.ledger.entries import ORGANISATION, TOTAL

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.entries import Account
    from vertrauenskonto.core.ledger.policy import PolicyHistory


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainCommand:
    """Which account, from which files, on which day, in which form."""

    account: str = field(metadata=options.account())
    as_of: date = field(metadata=options.as_of())
    events: Path | None = field(default=None, metadata=options.events())
    known_at: date | None = field(default=None, metadata=options.known_at())
    view: str = field(
        default=TOTAL,
        metadata=option(
            "--view",
            Text(
                "Sicht: total, organisation oder person:KÜRZEL",
                "view: total, organisation or person:ID",
            ),
            metavar=Text("SICHT", "VIEW"),
            read=text,
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
                "table zum Lesen, csv und json für Programme",
                "table to read, csv and json for programs",
            ),
            metavar=Text("table|csv|json", "table|csv|json"),
            read=one_of("table", "csv", "json"),
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


def explain(request: ExplainCommand, shell: Shell) -> int:
    """Print or write the explanation; exit code 1 if rows of the account could not be used."""
    from vertrauenskonto.cli.in_force import tell_policy
    from vertrauenskonto.cli.sheet import kind_labels
    from vertrauenskonto.cli.written import write_text
    from vertrauenskonto.core.errors import Invalid
    from vertrauenskonto.core.ledger.checks import target_problem
    from vertrauenskonto.core.ledger.explain import explanation
    from vertrauenskonto.render import explanation as forms

    wrong = target_problem(request.view) if request.view != TOTAL else None
    if wrong:
        raise Invalid(Text(f"--view: {wrong.de}", f"--view: {wrong.en}"))
    account, policy, problems = _account(request, shell)
    _check_view(request.view, account)
    value = explanation(
        account,
        policy.in_force(request.as_of),
        as_of=request.as_of,
        known_at=request.known_at,
        view=request.view,
    )
    if request.format == "json":
        shown = forms.explanation_json(value, account=request.account)
    elif request.format == "csv":
        shown = forms.explanation_csv(value)
    else:
        shown = forms.explanation_text(
            value,
            shell.language,
            account=request.account,
            labels=kind_labels(policy),
            width=shell.width,
        )
    if request.out is None:
        shell.print(shown)
    else:
        write_text(request.out, shown)
        shell.say(Text(f"Geschrieben: {request.out}", f"Written: {request.out}"))
    tell_policy(policy, first=request.as_of, last=request.as_of, shell=shell)
    return shell.report_all(problems)


def _account(
    request: ExplainCommand, shell: Shell
) -> "tuple[Account, PolicyHistory, Sequence[Problem]]":
    from vertrauenskonto.cli.installed import installed_account, refuse_file_options
    from vertrauenskonto.cli.written import keep_inputs
    from vertrauenskonto.engine.account import AccountFiles, read_account
    from vertrauenskonto.importers.policy import read_policy

    if request.events is None:
        refuse_file_options(options.for_files(request))
        found = installed_account(
            request.account,
            "explanation",
            as_of=request.as_of,
            known_at=request.known_at,
            view=request.view,
        )
        return found.account, found.policies, ()
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
    return read.account, policy, read.problems


def _check_view(view: str, account: "Account") -> None:
    """Check that somebody has a part in the account before her part is shown as nothing."""
    from vertrauenskonto.core.errors import NotFound, did_you_mean

    persons = dict.fromkeys(e.target for e in account.entries if e.target != ORGANISATION)
    if view in (TOTAL, ORGANISATION) or view in persons:
        return
    near = did_you_mean(view, persons)
    raise NotFound(
        Text(
            f"--view: auf dem Konto „{account.id}“ gibt es kein Ereignis mit {view}.{near.de}",
            f"--view: the account '{account.id}' has no event with {view}.{near.en}",
        )
    )


COMMAND = Command(
    name="explain",
    summary=Text(
        "Warum der Stand so ist: was jedes Ereignis heute zählt",
        "Why the balance is what it is: what each event counts today",
    ),
    request=ExplainCommand,
    run=explain,
    example="vertrauenskonto explain N-0159 --events demo/events.csv --as-of 2025-12-31 "
    "--policy craft",
)
