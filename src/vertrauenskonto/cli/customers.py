"""`customers`: who they are, who belongs together, and which records wait for a decision."""

from dataclasses import dataclass, field
from datetime import date

from vertrauenskonto.cli import customers_changes as changes
from vertrauenskonto.cli import customers_rests as rests
from vertrauenskonto.cli.database import database
from vertrauenskonto.cli.declare import Command, option, switch
from vertrauenskonto.cli.installed import customer_key
from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.cli.values import text, whole_number
from vertrauenskonto.core.errors import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRequest:
    """Which customers to list."""

    called: str = field(
        default="",
        metadata=option(
            "--name",
            Text("nur wer so heißt (ein Teil genügt)", "only those called so (a part will do)"),
            metavar=Text("NAME", "NAME"),
            read=text,
        ),
    )
    segment: str = field(
        default="",
        metadata=option(
            "--segment",
            Text("nur dieses Segment", "only this segment"),
            metavar=Text("SEGMENT", "SEGMENT"),
            read=text,
        ),
    )
    team: str = field(
        default="",
        metadata=option(
            "--team",
            Text(
                "nur wer in der Warteschlange dieses Teams ist", "only those in this team's queue"
            ),
            metavar=Text("TEAM", "TEAM"),
            read=text,
        ),
    )
    below: bool = field(
        default=False,
        metadata=switch(
            "--below-threshold", Text("nur unter der Schwelle", "only below the threshold")
        ),
    )
    prospects: bool = field(
        default=False,
        metadata=switch("--prospects", Text("nur Interessenten", "only prospects")),
    )
    after: int = field(
        default=0,
        metadata=option(
            "--after",
            Text("weiter nach dieser Nummer", "go on after this number"),
            metavar=Text("NUMMER", "NUMBER"),
            read=whole_number,
        ),
    )
    limit: int = field(
        default=50,
        metadata=option(
            "--limit",
            Text("höchstens so viele", "at most so many"),
            metavar=Text("ZAHL", "NUMBER"),
            read=whole_number,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRequest:
    """Which customer."""

    customer: str = field(metadata=changes.customer())


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRequest:
    """Nothing to say."""


def list_customers(request: ListRequest, shell: Shell) -> int:
    """Print a list of customers whose accounts are valued."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import customers

        shown = customers.page(
            installation("cli"),
            after=request.after,
            limit=request.limit,
            filters=customers.Filters(
                text=request.called,
                segment=request.segment or None,
                queue=request.team or None,
                below_threshold=True if request.below else None,
                prospect=True if request.prospects else None,
            ),
            policy=changes.policy_in_force(shell),
        )
        changes.note([row.key for row in shown.rows], "list", shell)
    rows = [
        Row((r.key, r.name or "", r.segment, _points(r.balance, shell), _day(r.as_of, shell)))
        for r in shown.rows
    ]
    table = Table(
        caption=shell.words("Kunden", "Customers"),
        columns=(
            Column(heading=shell.words("Kennung", "Key")),
            Column(heading="Name", wraps=True),
            Column(heading="Segment"),
            Column(heading=shell.words("Stand", "Balance"), is_number=True),
            Column(heading=shell.words("am", "on")),
        ),
        rows=tuple(rows),
    )
    shell.print(text_table(table, width=shell.width))
    if shown.next_after is not None:
        shell.say(
            Text(
                f"Es gibt weitere: --after {shown.next_after}",
                f"There are more: --after {shown.next_after}",
            )
        )
    return 0


def show(request: OneRequest, shell: Shell) -> int:
    """Print what is known of a customer, apart from the account."""
    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import customers

        sheet = customers.customer(
            installation("cli"),
            customer_key(request.customer),
            policy=changes.policy_in_force(shell),
        )
        changes.note([sheet.key], "customer", shell)
    sorts = {"organisation": ("Organisation", "organisation"), "person": ("Person", "person")}
    lines = [
        (shell.words("Kennung", "Key"), sheet.key),
        ("Name", sheet.name or ""),
        (shell.words("Art", "Sort"), shell.words(*sorts[sheet.sort])),
        (shell.words("Interessent", "Prospect"), _yes(sheet.is_prospect, shell)),
        (shell.words("Verarbeitung", "Processing"), sheet.state),
        ("Segment", sheet.segment),
        (shell.words("Betreut von", "Looked after by"), sheet.owner or sheet.queue),
        (shell.words("Vertretung", "Deputies"), ", ".join(sheet.deputies)),
        (shell.words("Mutter", "Parent"), sheet.parent),
        (shell.words("Zusammengelegt mit", "Merged from"), ", ".join(sheet.merged)),
        *((name, value) for name, value in sheet.attributes.items()),
        *((system, ", ".join(values)) for system, values in (sheet.ids or {}).items()),
        *(
            (shell.words("Kontakt", "Contact"), ", ".join(part for part in parts if part))
            for c in sheet.contacts or ()
            for parts in [(c.name, c.function, c.email, c.phone, c.address, c.postcode)]
        ),
    ]
    wide = max(len(name) for name, _ in lines)
    shell.print("\n".join(f"{name:{wide}}  {value}" for name, value in lines if value))
    return 0


def group(request: OneRequest, shell: Shell) -> int:
    """Print what a customer and all subsidiaries come to: by the worst child and by counting."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries.hierarchy import roll_up

        found = roll_up(installation("cli"), customer_key(request.customer))
        members = [*([found.own] if found.own else []), *found.children]
        changes.note([m.key for m in members], "list", shell)
    table = Table(
        caption=shell.words("Konzern", "Group"),
        columns=(
            Column(heading=shell.words("Kennung", "Key")),
            Column(heading="Name", wraps=True),
            Column(heading=shell.words("Mutter", "Parent")),
            Column(heading=shell.words("Stand", "Balance"), is_number=True),
            Column(heading=shell.words("am", "on")),
        ),
        rows=tuple(
            Row((m.key, m.name or "", m.parent, _points(m.balance, shell), _day(m.as_of, shell)))
            for m in members
        ),
    )
    shell.print(text_table(table, width=shell.width))
    worst = f"{found.worst.name or found.worst.key}" if found.worst else "–"
    shell.print(
        shell.words(
            f"Schwächste Tochter: {worst}. Konten: {found.accounts}, unter der Schwelle: "
            f"{found.below_threshold}, Befund noch nicht belegt: {found.unknown}, nicht sichtbar: "
            f"{found.not_visible}.",
            f"Worst subsidiary: {worst}. Accounts: {found.accounts}, below the threshold: "
            f"{found.below_threshold}, verdict not yet proven: {found.unknown}, not visible: "
            f"{found.not_visible}.",
        )
    )
    return 0


def unmatched(request: NoRequest, shell: Shell) -> int:
    """Print the records that wait until somebody decides whose they are."""
    from vertrauenskonto.render.tables import Column, Row, Table, text_table

    with database():
        from vertrauenskonto.db.access import installation
        from vertrauenskonto.db.queries import matching

        waiting = matching.unmatched(installation("cli"))
        changes.note([c.key for one in waiting for c in one.candidates], "unmatched", shell)
    rows = []
    for one in waiting:
        record = one.record or {}
        said = [str(record[n]) for n in ("name", "email", "phone", "postcode") if record.get(n)]
        said += [f"{system} {value}" for system, value in record.get("ids", {}).items()]
        who = [f"{c.key} ({', '.join(c.by)})" for c in one.candidates]
        rows.append(
            Row((str(one.id), f"{one.source}:{one.source_id}", ", ".join(said), " ".join(who)))
        )
    table = Table(
        caption=shell.words("Es wartet auf eine Entscheidung", "Waiting for a decision"),
        columns=(
            Column(heading=shell.words("Nr.", "No.")),
            Column(heading=shell.words("Herkunft", "Source")),
            Column(heading=shell.words("Angaben", "Says"), wraps=True),
            Column(heading=shell.words("Vielleicht", "Perhaps"), wraps=True),
        ),
        rows=tuple(rows),
    )
    shell.print(text_table(table, width=shell.width))
    shell.say(
        Text(
            "Entscheiden: vertrauenskonto customers decide NR KENNUNG|new|discard",
            "Decide: vertrauenskonto customers decide NO KEY|new|discard",
        )
    )
    return 0


def _points(value: float | None, shell: Shell) -> str:
    from vertrauenskonto.render.numbers import number

    return "–" if value is None else number(value, shell.language)


def _day(day: date | None, shell: Shell) -> str:
    from vertrauenskonto.render.numbers import short_day

    return "" if day is None else short_day(day, shell.language)


def _yes(is_so: bool, shell: Shell) -> str:
    return shell.words("ja", "yes") if is_so else ""


COMMANDS = (
    Command(
        name="list",
        summary=Text("Kunden auflisten, mit Filtern", "List customers, with filters"),
        request=ListRequest,
        run=list_customers,
        example="vertrauenskonto customers list --name holm",
    ),
    Command(
        name="show",
        summary=Text(
            "Zeigen, was über eine Kundin oder einen Kunden bekannt ist",
            "Show what is known of a customer",
        ),
        request=OneRequest,
        run=show,
        example="vertrauenskonto customers show c_0123",
    ),
    Command(
        name="group",
        summary=Text(
            "Einen Konzern zeigen: schwächste Tochter und Anzahlen",
            "Show a parent and its subsidiaries: the worst one, and counts",
        ),
        request=OneRequest,
        run=group,
        example="vertrauenskonto customers group c_0123",
    ),
    Command(
        name="unmatched",
        summary=Text(
            "Datensätze zeigen, bei denen nicht sicher ist, wer gemeint ist",
            "Show records of which it is not certain who is meant",
        ),
        request=NoRequest,
        run=unmatched,
        example="vertrauenskonto customers unmatched",
    ),
    *changes.COMMANDS,
    *rests.COMMANDS,
)
