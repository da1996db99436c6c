"""An account whose processing is restricted or objected to is in no list, report, export or number.

The test visits every query that asks who the viewer is; a new one fails until it is decided here.
"""

import importlib
import inspect
import pkgutil
from datetime import timedelta

import duckdb
import pytest
from tests.db.actions.test_privacy import SYSTEM, a_world, data_folder  # noqa: F401

from vertrauenskonto.core.errors import Conflict, NotFound
from vertrauenskonto.db import exporting, models, queries
from vertrauenskonto.db.actions import privacy, suspensions
from vertrauenskonto.db.queries import (
    access_reports,
    balances,
    customers,
    entries,
    feeds,
    hierarchy,
    policies,
    statements,
    tables,
)

# Queries that show nobody's account: people, programs, rules, the installation, or the data
# subject's own affairs (processing, access report, the log of reads, what waits for a person).
NO_EVALUATION = {
    "access_reports.access_report",
    "access_reports.gathered",
    "attachments.entry_for",
    "attachments.file",
    "attachments.of_entry",
    "balances.states",
    "customers.customer",
    "entries.entry",
    "feeds.page",
    "jobs.page",
    "matching.unmatched",
    "papers.installation",
    "people.concerning",
    "people.contested",
    "people.people",
    "people.proposals",
    "privacy.processing",
    "readings.page",
    "readings.requests",
    "statements.key_of",
    "suspensions.suspensions",
    "tokens.listed",
    "webhooks.deliveries",
    "webhooks.endpoints",
}
VISITED = {
    "balances.page",
    "customers.page",
    "entries.page",
    "entries.sealed_page",
    "hierarchy.roll_up",
    "statements.explanation",
    "statements.reading",
    "statements.shown",
    "statements.statement",
    "tables.event_tables",
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
        "customers.page": [r for r in customers.page(SYSTEM).rows if r.key == key] or None,
        "entries.page": entries.page(SYSTEM, limit=100).rows or None,
        "entries.sealed_page": entries.sealed_page(SYSTEM, limit=100).rows or None,
        "hierarchy.roll_up": group.own,
        "statements.explanation": told(lambda: statements.explanation(SYSTEM, key, as_of=day)),
        "statements.reading": told(lambda: statements.reading(SYSTEM, key, as_of=day)),
        "statements.shown": told(lambda: statements.shown(SYSTEM, key, as_of=day)),
        "statements.statement": told(
            lambda: statements.statement(SYSTEM, key, first=day - timedelta(days=30), last=day)
        ),
        "tables.event_tables": duckdb.sql(f"SELECT * FROM '{files.events}'").fetchall() or None,
        "export of balances": key if key in balance_rows else None,
        "access report": access_reports.gathered(SYSTEM, key, as_of=day).valuation,
        "balance table": list(models.Balance.objects.all()) or None,
    }


@pytest.mark.parametrize("state", ["restricted", "objected"])
def test_no_reader_evaluates_or_lists_the_account_until_it_is_lifted(database, tmp_path, state):
    world = a_world()
    key = world.customer()
    world.booked(key)
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
