"""`demo --terminal`: make a company up, value its files and show it; ends by itself."""

import csv
import textwrap
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Text

if TYPE_CHECKING:
    from vertrauenskonto.core.ledger.entries import Account
    from vertrauenskonto.core.ledger.policy import PolicyHistory
    from vertrauenskonto.demo.company import Company
    from vertrauenskonto.render.portfolio import PortfolioLine

_POLICY = "craft"


def show(out: Path, seed: int, shell: Shell) -> int:
    """Write the company's files, value its accounts, print the portfolio and one statement."""
    import numpy as np

    from vertrauenskonto.cli.written import write_text
    from vertrauenskonto.demo.files import files
    from vertrauenskonto.demo.generate import company
    from vertrauenskonto.importers.policy import read_policy

    out.mkdir(parents=True, exist_ok=True)
    with shell.working(Text("Firma erfinden", "Making the company up")) as progress:
        progress(0.1)
        made = company(np.random.default_rng(seed))
        for name, text in files(made).items():
            write_text(out / name, text)
    policy = read_policy(_POLICY)
    lines = _valued(out, made, policy, shell)
    _show(out, made, policy, lines, shell)
    return 0


def _valued(
    folder: Path, made: "Company", policy: "PolicyHistory", shell: Shell
) -> "list[PortfolioLine]":
    """Score the files by the engine and return the accounts' totals."""
    from vertrauenskonto.core.ledger.entries import DIMENSIONS
    from vertrauenskonto.engine.prepare import Question
    from vertrauenskonto.engine.run import ScoreRequest, score
    from vertrauenskonto.render.portfolio import PortfolioLine

    with shell.stages() as progress:
        score(
            ScoreRequest(
                question=Question(policy=policy, as_of=made.until, velocity=True, runway=True),
                events=folder / "events.csv",
                out=folder / "scores.csv",
                suspensions=folder / "suspensions.csv",
                accounts=folder / "accounts.csv",
                progress=progress,
            )
        )
    names = {customer.account: customer.name for customer in made.customers}
    dimensions = {str(d): d for d in DIMENSIONS}
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        return [
            PortfolioLine(
                account=row["account"],
                name=names[row["account"]],
                balance=float(row["balance"]),
                is_below=row["below_threshold"] == "true",
                runway_days=int(row["runway_days"]) if row["runway_days"] else None,
                weakest=dimensions[row["weakest_dimension"]],
                reason=row["weakest_reason"],
            )
            for row in csv.DictReader(file)
            if row["view"] == "total"
        ]


def _show(
    folder: Path,
    made: "Company",
    policy: "PolicyHistory",
    lines: "list[PortfolioLine]",
    shell: Shell,
) -> None:
    """Print portfolio and statement; write their pictures and the page."""
    from vertrauenskonto.cli.sheet import Period, kind_labels, statement_sheet
    from vertrauenskonto.cli.written import write_text
    from vertrauenskonto.render.account_chart import account_chart
    from vertrauenskonto.render.charts import LIGHT
    from vertrauenskonto.render.curve import account_curve
    from vertrauenskonto.render.numbers import count
    from vertrauenskonto.render.portfolio import bins, portfolio_text
    from vertrauenskonto.render.portfolio_chart import portfolio_chart
    from vertrauenskonto.render.statement import statement_html, statement_text

    language, width = shell.language, shell.width
    threshold = policy.in_force(made.until).parameters.threshold
    told = next(e.account for e in made.events if e.kind == "lie_uncovered")
    name = next(c.name for c in made.customers if c.account == told)
    account = _account(made, policy, told)
    period = Period(after=made.until - timedelta(days=300), until=made.until)
    sheet = statement_sheet(account, policy, period, chart_language=language, name=name)
    spread = portfolio_chart(
        bins(lines, threshold=threshold), language, threshold=threshold, palette=LIGHT
    )
    curve = account_curve(account, policy, as_of=made.until)
    course = account_chart(curve, language, labels=kind_labels(policy), palette=LIGHT)
    write_text(folder / "portfolio.svg", spread.svg)
    write_text(folder / f"{told}.svg", course.svg)
    write_text(folder / f"{told}.html", statement_html(sheet, language))
    # Printed last: whoever cuts the output short still has all the files.
    about = shell.words(
        f"{made.name}, eine erfundene Firma mit {count(len(made.customers), 'de')} Kunden und "
        f"{count(len(made.events), 'de')} Ereignissen in drei Jahren.",
        f"{made.name}, a made-up company with {count(len(made.customers), 'en')} customers and "
        f"{count(len(made.events), 'en')} events in three years.",
    )
    shell.print(textwrap.fill(about, width) + "\n\n")
    shell.print(
        portfolio_text(lines, language, as_of=made.until, threshold=threshold, width=width) + "\n"
    )
    shell.print(statement_text(sheet, language, width=width))
    shell.print(_told(folder, told, shell))


def _account(made: "Company", policy: "PolicyHistory", name: str) -> "Account":
    """Return one account with the points its events are worth under the policy."""
    from vertrauenskonto.core.ledger.entries import Account, Entry, Suspension

    entries = []
    for event in made.events:
        if event.account != name:
            continue
        kind = policy.in_force(event.recorded).kinds.get(event.kind)
        entries.append(
            Entry(
                id=event.id,
                on=event.day,
                recorded=event.recorded,
                kind=event.kind,
                target=event.target,
                contact=kind.contact if kind else False,
                postings=kind.postings if kind else (),
                reverses=event.reverses or None,
                source=event.source,
            )
        )
    pauses = tuple(
        Suspension(id=p.id, starts=p.starts, ends=p.ends, recorded=p.starts)
        for p in made.pauses
        if p.account == name
    )
    return Account(id=name, entries=tuple(entries), suspensions=pauses)


def _told(folder: Path, account: str, shell: Shell) -> str:
    told = shell.words(
        f"In {folder}/ liegen: die Daten (events.csv, accounts.csv, suspensions.csv, "
        f"outcomes.csv), die Wahrheit dazu (truth.json), alle Konten (scores.csv) und die Bilder "
        f"(portfolio.svg, {account}.svg, {account}.html).",
        f"In {folder}/ you find the data (events.csv, accounts.csv, suspensions.csv, "
        f"outcomes.csv), the truth behind them (truth.json), all accounts (scores.csv) and the "
        f"pictures (portfolio.svg, {account}.svg, {account}.html).",
    )
    return textwrap.fill(told, shell.width, break_long_words=False, break_on_hyphens=False)
