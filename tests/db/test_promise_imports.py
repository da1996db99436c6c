"""Promises of files in the register: outcomes by the rules, nothing twice, what is new goes on."""

from datetime import date

import pytest
from tests.db.staff import Staff

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import policies
from vertrauenskonto.db.actions.promise_imports import import_promises
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.engine.importing import ImportRequest, imported
from vertrauenskonto.importers.mapping import mapping_from_text
from vertrauenskonto.importers.policy import read_policy

MAPPING = """
name = "shop"
title = { de = "Bestellungen", en = "Orders" }
[columns]
number = {}
customer = {}
ordered = { type = "instant", formats = ["YYYY-MM-DD HH:MM"] }
promised = { type = "day" }
delivered = { type = "instant", formats = ["YYYY-MM-DD HH:MM"] }
told = { type = "day" }
agreed = { type = "day" }
new_date = { type = "day" }
cancelled = { type = "day" }

[[promises]]
account = "customer"
id = "number"
wording = "'Lieferung ' || number"
made = "ordered"
due = "promised"
done = "delivered"
told = "told"
agreed = "agreed"
new_due = "new_date"
withdrawn = "cancelled"
capability = "'delivery'"
first = "false"
"""
HEAD = "number,customer,ordered,promised,delivered,told,agreed,new_date,cancelled\n"
ROWS = (
    "1,ada,2026-01-05 10:00,2026-01-09,2026-01-09 18:00,,,,",
    "2,ada,2026-01-05 10:00,2026-01-09,2026-01-10 08:00,,,,",
    "3,ada,2026-01-05 10:00,2026-01-09,2026-01-12 08:00,2026-01-08,,,",
    "4,ben,2026-01-05 10:00,2026-01-09,,,,,",
    "5,ben,2026-01-05 10:00,2026-01-09,2026-01-14 08:00,,2026-01-07,2026-01-15,",
    "6,ben,2026-01-05 10:00,2026-01-09,,,,,2026-01-08",
    "7,ben,2026-03-10 10:00,2026-03-20,,,,,",
    "8,ben,2026-03-01 10:00,2026-03-10,,,,,",
    "9,ben,2026-01-05 10:00,2026-01-09,,2026-01-08,,,",
)
STATES = {
    "1": "kept",
    "2": "late_silent",
    "3": "late_with_notice",
    "4": "broken_silent",
    "5": "kept",
    "6": "withdrawn",
    "7": "open",
    "8": "overdue",
    "9": "broken_with_notice",
}


@pytest.fixture
def world(database):
    made = Staff()
    version = read_policy("default").versions[-1]
    policies.put_in_force(version, valid_from=date(2012, 1, 1), door=made.door)
    made.policies = history()
    return made


def run(world, tmp_path, rows=ROWS, mapping=MAPPING, size=5_000):
    path = tmp_path / "orders.csv"
    path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return of_files(world, path, mapping, size)


def of_files(world, path, mapping, size=5_000):
    read = mapping_from_text(mapping, file="m.toml")
    request = ImportRequest(
        path=path, mapping=read, policy=world.policies, today=world.today, for_ledger=True
    )
    with imported(request) as found:
        done = import_promises(found, door=world.door, policies=world.policies, size=size)
        return found.report, done


def states():
    return dict(models.Promise.objects.values_list("source_id", "state"))


def everything():
    return (
        list(models.Promise.objects.order_by("pk").values()),
        list(models.PromiseStep.objects.order_by("pk").values()),
        models.Entry.objects.count(),
    )


@pytest.mark.parametrize("size", [5_000, 2])
def test_the_rules_say_what_became_of_each_and_it_is_booked(world, tmp_path, size):
    report, done = run(world, tmp_path, size=size)
    assert (report.promises, report.error_count, done.problem_count) == (9, 0, 0)
    assert states() == STATES
    assert (done.made, done.replayed, done.continued) == (9, 0, 0)
    assert done.states == {state: list(STATES.values()).count(state) for state in STATES.values()}
    rows = models.Entry.objects.filter(source="promises").order_by("value_date", "kind")
    assert [(r.kind, str(r.value_date)) for r in rows] == [
        ("promise_renegotiated_in_time", "2026-01-07"),
        ("promise_broken_unannounced", "2026-01-09"),
        ("promise_broken_with_notice", "2026-01-09"),
        ("promise_kept", "2026-01-09"),
        ("promise_late_silent", "2026-01-10"),
        ("promise_late_with_notice", "2026-01-12"),
        ("promise_kept", "2026-01-14"),
    ]
    five = models.Promise.objects.get(source_id="5")
    assert (five.renegotiated, five.due_date) == (1, date(2026, 1, 15))
    seven = models.Promise.objects.get(source_id="7")
    assert (seven.capability, seven.due_date) == ("delivery", date(2026, 3, 20))
    assert seven.next_at is not None
    assert five.next_at is None


def test_the_same_file_again_changes_nothing(world, tmp_path):
    run(world, tmp_path)
    before = everything()
    world.later(1)
    _, again = run(world, tmp_path)
    assert (again.made, again.continued, again.replayed) == (0, 0, 9)
    assert everything() == before


def test_a_newer_file_goes_on_with_what_was_open(world, tmp_path):
    run(world, tmp_path)
    world.later(2)
    newer = [*ROWS]
    newer[6] = "7,ben,2026-03-10 10:00,2026-03-20,2026-03-19 12:00,,,,"
    newer[7] = "8,ben,2026-03-01 10:00,2026-03-10,2026-03-19 12:00,,,,"
    newer[0] = newer[0].replace("ada", "ben", 1)
    _, done = run(world, tmp_path, newer)
    assert (done.made, done.continued, done.replayed, done.problem_count) == (0, 2, 6, 1)
    assert states() == STATES | {"7": "kept", "8": "late_silent"}
    [problem] = done.problems
    assert (problem.file, problem.line) == ("orders.csv", 2)
    assert "with other contents" in problem.text.en


def test_what_is_wrong_is_named_by_its_line_and_stops_no_other(world, tmp_path):
    rows = (
        ROWS[0],
        "12,ada,2026-01-05 10:00,2026-01-04,,,,,",
        "13,,2026-01-05 10:00,2026-01-09,,,,,",
        "14,ada,2026-01-05 10:00,,,,,,",
        "15,ada,2026-01-05 10:00,2026-01-09,,,2026-01-10,2026-01-20,",
        "16,ada,2026-01-05 10:00,2026-01-09,,,2026-01-08,,",
        "17,ada,2027-01-05 10:00,2027-01-09,,,,,",
        "18,ada,2026-01-05 10:00,bald,,,,,",
        f"{'9' * 220},ada,2026-01-05 10:00,2026-01-09,,,,,",
    )
    report, done = run(world, tmp_path, rows)
    assert states() == {"1": "kept"}
    lines = sorted(p.line for p in (*report.problems, *done.problems))
    assert lines == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "not after" in next(p.text.en for p in done.problems if p.line == 3)
    assert "cannot be renegotiated in time" in next(p.text.en for p in done.problems if p.line == 6)
    assert models.Entry.objects.filter(source="promises").count() == 1


def test_a_mapping_may_not_let_promises_depend_on_what_is_measured(world, tmp_path):
    steered = MAPPING.replace(
        "cancelled = {", 'stars = { role = "outcome" }\ncancelled = {'
    ).replace("capability = \"'delivery'\"", 'capability = "stars"')
    with pytest.raises(Exception, match="mistake"):
        run(world, tmp_path, mapping=steered)
    assert not models.Promise.objects.exists()


DELIVERIES = """
name = "olist"
title = { de = "Lieferungen", en = "Deliveries" }
time_zone = "America/Sao_Paulo"
query = '''SELECT o.line AS line, o.*, c.customer_unique_id, i.limit_at
FROM orders o JOIN customers c ON c.customer_id = o.customer_id
LEFT JOIN (SELECT order_id, max(shipping_limit_date) AS limit_at FROM items GROUP BY order_id) i
ON i.order_id = o.order_id'''
[format]
instants = ["YYYY-MM-DD HH:MM:SS"]
[files]
orders = "orders.csv"
customers = "customers.csv"
items = "order_items.csv"
[columns]
order_id = {}
customer_unique_id = {}
ordered = { from = "order_purchase_timestamp", type = "instant" }
handed = { from = "order_delivered_carrier_date", type = "instant" }
delivered = { from = "order_delivered_customer_date", type = "instant" }
promised = { from = "order_estimated_delivery_date", type = "instant" }
limit_at = { type = "instant" }

[[promises]]
account = "customer_unique_id"
id = "order_id || '/delivery'"
when = "delivered IS NOT NULL"
wording = "'Lieferung'"
made = "CAST(ordered AS DATE)"
due = "CAST(promised AS DATE)"
done = "CAST(delivered AS DATE)"
capability = "'delivery'"

[[promises]]
account = "customer_unique_id"
id = "order_id || '/hand-over'"
when = "handed IS NOT NULL AND limit_at IS NOT NULL"
wording = "'Übergabe an den Versand'"
made = "least(ordered, limit_at - INTERVAL 1 MINUTE)"
due = "limit_at"
done = "handed"
capability = "'hand-over'"
"""


@pytest.mark.long
def test_olists_hand_overs_and_deliveries_have_the_counts_of_the_data(world, shared):
    folder = shared / "data" / "olist"
    if not folder.is_dir():
        pytest.skip("no data set olist in ../shared/data")
    world.today = date(2026, 11, 22)
    report, done = of_files(world, folder, DELIVERIES)
    assert (report.error_count, done.problem_count) == (0, 0)
    assert counted("delivery") == {"kept": 4622 - 311, "late_silent": 311}
    assert counted("hand-over") == {"kept": 4684 - 395, "late_silent": 395}
    assert round(395 / 4684, 5) == 0.08433
    assert done.made == 4622 + 4684
    booked = models.Entry.objects.filter(source="promises")
    assert booked.count() == done.made
    assert booked.filter(kind__endswith="promise_late_silent").count() == 311 + 395
    assert models.Balance.objects.count() == models.Customer.objects.count()


FLIGHTS = """
name = "flights"
title = { de = "Flüge", en = "Flights" }
time_zone = "UTC"
query = '''SELECT *, carrier || '-' || flight || '-' || origin || '-' || year || '-' || month || '-' || day
|| '-' || sched_dep_time AS number,
CAST(year || '-' || month || '-' || day AS TIMESTAMP)
+ (CASE WHEN sched_arr_time < sched_dep_time THEN 1440 ELSE 0 END
  + sched_arr_time // 100 * 60 + sched_arr_time % 100) * INTERVAL 1 MINUTE AS planned
FROM flights WHERE carrier IN ('HA', 'AS', 'F9', 'OO', 'YV', 'VX')'''
[files]
flights = "flights_2013_01_09.parquet"
[columns]
carrier = {}
number = {}
planned = { type = "instant" }
arr_delay = { type = "integer" }

[[promises]]
account = "carrier"
id = "number"
wording = "'Ankunft ' || number"
made = "planned - INTERVAL 30 DAY"
due = "planned + INTERVAL 15 MINUTE"
done = "planned + arr_delay * INTERVAL 1 MINUTE"
capability = "carrier"
first = "false"
"""
# Of those that arrived, the share more than 15 minutes late (README of the data).
LATE_15 = {"HA": 0.1306, "AS": 0.1497, "F9": 0.3837, "OO": 0.25, "YV": 0.3232, "VX": 0.1787}


@pytest.mark.long
def test_flights_have_the_shares_of_the_data(world, shared):
    folder = shared / "data" / "nycflights"
    if not folder.is_dir():
        pytest.skip("no data set nycflights in ../shared/data")
    world.today = date(2026, 11, 22)
    report, done = of_files(world, folder, FLIGHTS)
    assert (report.error_count, done.problem_count, done.made) == (0, 0, report.promises)
    shares = {}
    for carrier in LATE_15:
        found = counted(carrier)
        late, kept = found.get("late_silent", 0), found["kept"]
        shares[carrier] = round(late / (late + kept), 4)
        assert set(found) <= {"kept", "late_silent", "broken_silent"}
    assert shares == LATE_15
    cancelled = models.Promise.objects.filter(state="broken_silent").count()
    assert cancelled == report.promises - sum(
        models.Promise.objects.filter(state=state).count() for state in ("kept", "late_silent")
    )
    assert models.Entry.objects.filter(source="promises").count() == report.promises
    assert models.Balance.objects.count() == len(LATE_15)


def counted(capability):
    rows = models.Promise.objects.filter(capability=capability).values_list("state", flat=True)
    found: dict[str, int] = {}
    for state in rows:
        found[state] = found.get(state, 0) + 1
    return found
