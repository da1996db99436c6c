"""An account whose processing is restricted or objected to is in no list, report, export or number.

The test visits every query that asks who the viewer is; a new one fails until it is decided here.
"""

import importlib
import inspect
import pkgutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import duckdb
import pytest
from django.db import transaction
from tests.db.actions.test_privacy import SYSTEM, a_world, data_folder  # noqa: F401

from vertrauenskonto.core.errors import Conflict, NotFound
from vertrauenskonto.db import exporting, models, queries
from vertrauenskonto.db.actions import policy_drafts, privacy, suspensions
from vertrauenskonto.db.actions import policy_replays as replaying
from vertrauenskonto.db.drafts import Draft
from vertrauenskonto.db.queries import (
    access_reports,
    account_pages,
    alerts,
    balances,
    cards,
    customer_list,
    customers,
    distribution,
    entries,
    entry_reasons,
    feeds,
    hierarchy,
    obligations,
    policies,
    policy_replays,
    portfolio,
    preview,
    reasons,
    recovery,
    relations,
    rhythms,
    statements,
    tables,
    today,
)
from vertrauenskonto.db.queries.account_pages import Wanted
from vertrauenskonto.db.queries.customer_walk import Order

EVERYBODY = customer_list.Wanted()

# Queries that show nobody's account: people, programs, rules, the installation, or the data
# subject's own affairs (processing, access report, the log of reads, what waits for a person).
NO_EVALUATION = {
    "# For `db` only; whoever calls them has made sure.",
    "# counts only, of accounts that may be evaluated",
    "# duties under a name of their own; what is below them is visited through `page`",
    "account_pages.duty",
    "appointments.details",
    "appointments.doubts",
    "appointments.doubts_moving",
    "appointments.found",
    "appointments.invitation",
    "calendars.listed",
    "calendars.of_customer",
    "calendars.of_team",
    "calendars.own_days",
    "calendars.sheet",
    "access_reports.access_report",
    "access_reports.gathered",
    "account_pages.stopped",
    "administration.size",
    "administration.standing",
    "alerts.choice",
    "alerts.target",
    "alerts.targets",
    "attachments.entry_for",
    "attachments.file",
    "attachments.of_entry",
    "audit.page",
    "balances.states",
    # what was said honestly: no account is valued, figures are sums over our mistakes
    "candour.against",
    "candour.figures",
    "candour.of_customer",
    "candour.of_promise",
    "candour.page",
    "candour.sheet",
    "cards.find",
    "comparing.queue",
    # whom we may write to is asked because somebody objected
    "consents.channels",
    "consents.sheet",
    "customers.customer",
    "customers.kept",
    "duplicates.pairs",
    "duplicates.pairs_of",
    "entries.entry",
    "feeds.page",
    # who was promised something is told that it fails
    "incidents.chosen",
    "incidents.found",
    "incidents.listed",
    "incidents.sheet",
    # who is handed over to whom; what the account is worth is left out while it is not valued
    "handovers.found",
    "handovers.of_seen",
    "handovers.sheet",
    "handovers.visible",
    "import_runs.booked_before",
    "import_runs.problems",
    "import_runs.run",
    "import_runs.run_of",
    "jobs.page",
    # sums over accounts that are valued (no other has a balance)
    "leaving.of_team",
    "leaving.own",
    "leaving.teams",
    "long_works.file",
    "long_works.newest",
    "mail_drafts.draft",
    "mail_drafts.named",
    "mail_drafts.waiting",
    "mappings.all_mappings",
    "mappings.toml",
    "matching.unmatched",
    "messages.of_promise",
    "messages.one",
    "messages.shown",
    "messages.start",
    "modules.listed",
    "obligations.of_viewer",
    "obligations.shared",
    "obligations.shared_mine",
    "obligations.shared_of_viewer",
    "obligations.shared_open",
    "papers.installation",
    "people.choosable",
    "people.concerning",
    "people.contested",
    "people.people",
    "people.proposals",
    "people.teams",
    # how we keep our word: sums over our promises, no account is valued
    "promise_figures.kept",
    "promise_figures.may_see",
    "promise_figures.teams",
    "promise_outlook.answer",
    # what we owe somebody stays owed, whatever may be evaluated
    "people.colleagues",
    "promise_news.counts",
    "promise_news.newest",
    "promise_news.steps",
    "promise_series.of_customer",
    "promise_series.visible",
    "promises.begun_with",
    "promises.hers",
    "promises.of_seen",
    "promises.pressing",
    "promises.working_time",
    "promises.capabilities",
    "promises.count_mine",
    "promises.mine",
    "promises.of_customer",
    "promises.page",
    "promises.sheet",
    "promises.shown_rows",
    "promises.visible",
    "picking.habits",
    "picking.named",
    "picking.usual",
    "policy_drafts.authors",
    "policy_drafts.draft",
    "policy_drafts.drafts",
    "policy_drafts.is_in_force",
    "policy_replays.replay",
    "preview.subject",
    "privacy.processing",
    "readings.page",
    "readings.requests",
    "searching.found",
    "setting_up.progress",
    "sources.overview",
    "sources.source",
    "statements.check_view",
    "statements.key_of",
    "statements.of_customer",
    "statements.with_opening",
    "stewardship.alike",
    "stewardship.head",
    "suspensions.suspensions",
    "today.waiting",
    "tokens.listed",
    "views.choices",
    "views.views",
    "webhooks.deliveries",
    "webhooks.endpoints",
    # sums over closed cases, and the names of columns; an account's cases where it is open already
    "recovery.fairness",
    "recovery.of_seen",
    "recovery.revenue_columns",
    "recovery.visible",
    "relations.of_shown",
    "rhythms.written",
}
VISITED = {
    "alerts.digest",
    "alerts.messages",
    "alerts.unread",
    "recovery.failures_of",
    "recovery.for_letter",
    "recovery.of_obligation",
    "recovery.page",
    "recovery.pressing",
    "recovery.sheet",
    "relations.relation",
    "rhythms.due",
    "reasons.cases",
    "reasons.reasons",
    "reasons.week",
    "account_pages.opened",
    "account_pages.read",
    "account_pages.why",
    "balances.page",
    "cards.card",
    "customer_list.count",
    "customer_list.page",
    "customer_list.parts",
    "customer_list.valued",
    "customers.page",
    "distribution.distribution",
    "entries.page",
    "entries.sealed_page",
    "entry_reasons.entry_reason",
    "hierarchy.roll_up",
    "obligations.count_open",
    "obligations.mine",
    "obligations.of_customer",
    "obligations.one_open",
    "obligations.page",
    "obligations.sheet",
    "obligations.some",
    "policy_replays.moved",
    "portfolio.valued",
    "preview.preview",
    "statements.explanation",
    "statements.reading",
    "statements.shown",
    "statements.statement",
    "tables.event_tables",
    "today.lines",
}


def asked_by_a_viewer() -> set[str]:
    found = set()
    for info in pkgutil.iter_modules(queries.__path__):
        module = importlib.import_module(f"{queries.__name__}.{info.name}")
        for name, value in vars(module).items():
            if not inspect.isfunction(value) or value.__module__ != module.__name__:
                continue
            if (
                not name.startswith("_")
                and next(iter(inspect.signature(value).parameters), "") == "viewer"
            ):
                found.add(f"{info.name}.{name}")
    return found


def test_every_query_of_a_viewer_is_visited_or_shows_nobodys_account():
    assert asked_by_a_viewer() - NO_EVALUATION == VISITED


def duty_of(key: str) -> int:
    """Return the number of the newest duty on an account."""
    return models.Obligation.objects.filter(customer__key=key).latest("pk").pk


def before_booking(key: str, day: date) -> object:
    """Return what the preview of a booking says the account is worth."""
    draft = Draft(customer=key, source="web", source_id="1", value_date=day, kind="promise_kept")
    return preview.preview(SYSTEM, draft, policies=policies.history(), today=day).before


def looked_at(key: str, day: date) -> object:
    """Return the account as Today lists it when it falls tomorrow and nobody has a duty on it."""
    with transaction.atomic():
        models.Obligation.objects.update(closed_date=day)
        models.Balance.objects.update(below_threshold=False, falls_date=day + timedelta(days=1))
        found = today.lines(SYSTEM, policies.history(), today=day, is_own=False)
        transaction.set_rollback(True)
    return [line for line in found if line.key == key] or None


def due_by_rhythm(key: str, day: date) -> object:
    """Return the contact that is due as was agreed with a customer a month ago."""
    models.Rhythm.objects.get_or_create(
        number=key,
        defaults={
            "customer": models.Customer.objects.get(key=key),
            "unit": "days",
            "every": 1,
            "agreed_date": day - timedelta(days=30),
            "actor": "system",
            "written_at": datetime(2026, 1, 1, tzinfo=UTC),
        },
    )
    return rhythms.due(SYSTEM, today=day + timedelta(days=30), is_own=False) or None


def moved(world) -> object:
    """Return the accounts that a draft would move above its threshold, of those below it now."""
    newest = policies.history().versions[-1]
    lower = replace(newest, parameters=replace(newest.parameters, threshold=-900.0))
    with transaction.atomic():
        draft = policy_drafts.begin(
            SYSTEM, lower, name="lower", begun_from=newest.label, door=world.door
        )
        replaying.start(SYSTEM, draft, door=world.door)
        found = policy_replays.moved(SYSTEM, draft, "year").accounts
        transaction.set_rollback(True)
    return found or None


def case_of(key: str, world) -> str:
    """Return a recovery case of a customer; a row of its own, whatever may be opened."""
    made, _ = models.Case.objects.get_or_create(
        key=f"r_{key}",
        defaults={
            "customer": models.Customer.objects.get(key=key),
            "path": "case",
            "origin": "hand",
            "incident_date": world.today,
            "opened_at": world.door.at,
            "opened_date": world.today,
            "opened_by": "system",
            "number": key,
            "state": "open",
            "due_date": world.today,
            "obligation_id": duty_of(key),
        },
    )
    return made.key


def duty_of_case(key: str) -> int:
    """Return the number of the duty that the case is about."""
    return models.Case.objects.get(key=f"r_{key}").obligation_id or 0


def week_of(day: date) -> object:
    """Return the main cause of the week that ends today."""
    found = reasons.week(SYSTEM, monday=day + timedelta(days=1))
    return found and found.cause


def numbers(world, key, tmp_path) -> dict[str, object]:
    """Return what every reader says of the account; None where it says nothing."""
    world.seal()
    day, policy = world.today, policies.history().in_force(world.today)

    def told(ask):
        try:
            return ask()
        except (Conflict, NotFound):
            return None

    folder = tmp_path / f"tables-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    files = tables.event_tables(SYSTEM, folder, policy=policy)
    exported = folder / "export"
    exporting.export(exported, form="csv", made_at=world.door.at, language="en")
    balance_rows = (exported / "balance.csv").read_text(encoding="utf-8")
    group = hierarchy.roll_up(SYSTEM, key)
    return {
        "balances.page": [a for a in balances.page(SYSTEM).accounts if a.key == key] or None,
        "customer_list.count": customer_list.count(SYSTEM, EVERYBODY, today=day) or None,
        "customer_list.page": customer_list.page(SYSTEM, EVERYBODY, Order(), today=day).lines
        or None,
        "customer_list.parts": list(
            filter(None, customer_list.parts(SYSTEM, EVERYBODY, Order(), today=day))
        )
        or None,
        "customer_list.valued": list(customer_list.valued(SYSTEM, EVERYBODY, today=day)) or None,
        "distribution.distribution": distribution.distribution(
            SYSTEM, EVERYBODY, today=day, threshold=0.0
        ).bins
        or None,
        "portfolio.valued": list(portfolio.valued(SYSTEM)) or None,
        "customers.page": [r for r in customers.page(SYSTEM).rows if r.key == key] or None,
        "entries.page": entries.page(SYSTEM, limit=100).rows or None,
        "entries.sealed_page": entries.sealed_page(SYSTEM, limit=100).rows or None,
        "hierarchy.roll_up": group.own,
        "obligations.count_open": obligations.count_open(SYSTEM, today=day) or None,
        "obligations.mine": obligations.mine(SYSTEM, today=day) or None,
        "obligations.of_customer": told(lambda: obligations.of_customer(SYSTEM, key, today=day)),
        "obligations.one_open": obligations.one_open(SYSTEM, duty_of(key), today=day),
        "obligations.page": obligations.page(SYSTEM, today=day).duties or None,
        "obligations.sheet": told(lambda: obligations.sheet(SYSTEM, duty_of(key), today=day)),
        "obligations.some": obligations.some(SYSTEM, [duty_of(key)], today=day) or None,
        "account_pages.opened": told(
            lambda: account_pages.opened(SYSTEM, key, Wanted(as_of=day), today=day)
        ),
        "account_pages.read": told(lambda: account_pages.read(SYSTEM, key, Wanted(as_of=day))),
        "account_pages.why": told(lambda: account_pages.why(SYSTEM, key, Wanted(as_of=day))),
        "cards.card": told(lambda: cards.card(SYSTEM, key, today=day)),
        "entry_reasons.entry_reason": told(
            lambda: entry_reasons.entry_reason(SYSTEM, key, "test:n1", as_of=day)
        ),
        "preview.preview": told(lambda: before_booking(key, day)),
        "today.lines": looked_at(key, day),
        "statements.explanation": told(lambda: statements.explanation(SYSTEM, key, as_of=day)),
        "statements.reading": told(lambda: statements.reading(SYSTEM, key, as_of=day)),
        "statements.shown": told(lambda: statements.shown(SYSTEM, key, as_of=day)),
        "statements.statement": told(
            lambda: statements.statement(SYSTEM, key, first=day - timedelta(days=30), last=day)
        ),
        "alerts.digest": alerts.digest(
            SYSTEM, since=world.door.at - timedelta(days=1), today=day, with_names=True
        ).names
        or None,
        "alerts.messages": alerts.messages(SYSTEM, now=world.door.at).rows or None,
        "alerts.unread": alerts.unread(SYSTEM, now=world.door.at) or None,
        "recovery.for_letter": told(
            lambda: recovery.for_letter(SYSTEM, case_of(key, world), today=day)
        ),
        "recovery.sheet": told(lambda: recovery.sheet(SYSTEM, case_of(key, world), today=day)),
        "recovery.page": recovery.page(SYSTEM, "open", today=day).cases or None,
        "recovery.pressing": recovery.pressing(SYSTEM, today=day, is_own=False) or None,
        "recovery.of_obligation": recovery.of_obligation(SYSTEM, duty_of_case(key), today=day)
        or None,
        "relations.relation": told(lambda: relations.relation(SYSTEM, key, today=day)),
        "rhythms.due": due_by_rhythm(key, day),
        "recovery.failures_of": told(lambda: recovery.failures_of(SYSTEM, key, today=day)),
        "reasons.cases": reasons.cases(
            SYSTEM,
            by="kind",
            name="promise_broken_unannounced",
            period=(day, day + timedelta(days=1)),
        ).rows
        or None,
        "reasons.reasons": reasons.reasons(SYSTEM, days=28, today=day).kinds or None,
        "reasons.week": told(lambda: week_of(day)),
        "policy_replays.moved": moved(world),
        "tables.event_tables": duckdb.sql(f"SELECT * FROM '{files.events}'").fetchall() or None,
        "export of balances": key if key in balance_rows else None,
        "access report": access_reports.gathered(SYSTEM, key, as_of=day).valuation,
        "balance table": list(models.Balance.objects.all()) or None,
    }


@pytest.mark.parametrize("state", ["restricted", "objected"])
def test_no_reader_evaluates_or_lists_the_account_until_it_is_lifted(database, tmp_path, state):
    world = a_world()
    key = world.customer()
    world.booked(key, "promise_broken_unannounced")
    before = numbers(world, key, tmp_path)
    assert [name for name, value in before.items() if value is None] == []
    if state == "restricted":
        privacy.restrict(SYSTEM, key, reason="precaution", door=world.door)
        reason = "at_request"
    else:
        privacy.object_to(SYSTEM, key, reason="no_reason_given", door=world.door)
        reason = "objection_withdrawn"
    world.booked(key)
    during = numbers(world, key, tmp_path)
    assert {name: value for name, value in during.items() if value is not None} == {}
    privacy.lift(SYSTEM, key, what=state, reason=reason, door=world.door)
    after = numbers(world, key, tmp_path)
    assert [name for name, value in after.items() if value is None] == []


def test_a_calendar_feed_leaves_the_account_out(database):
    world = a_world()
    key = world.customer()
    suspensions.suspend(
        key,
        key="holiday",
        starts=world.today,
        ends=world.today + timedelta(days=9),
        reason="holiday",
        door=world.door,
        policies=world.policies,
    )
    person = models.Person.objects.create(key="p", email="p@example.org", role="lead")
    secret = "s" * 32
    models.Feed.objects.create(
        secret_hash=feeds.hashed(secret), person=person, created_at=world.door.at
    )

    def dates() -> int:
        return len(feeds.calendar(secret, today=world.today).appointments)

    assert dates() == 1
    privacy.restrict(SYSTEM, key, reason="precaution", door=world.door)
    assert dates() == 0
