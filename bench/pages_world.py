# ruff: noqa: PLC0415 - what needs Django's settings is imported after they are set
"""A company to measure pages with: a million customers, twenty entries each, people who sign in.

The server makes the rows: names of random words, accounts of careful and of careless times. Balances
come from `db.valuing`, as every night.
"""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection, connections, transaction

FIRST = "anna bernd celia dora emil frieda gustav horst ida joerg karla lukas maria nora otto"
LAST = (
    "ahlers brandt claassen decker ernst fuchs gaertner holm ibsen jansen krause lehmann meyer nowak "
    "oezil peters quast richter schulz thoma ulrich vogel weber xaver yildiz zander"
)
# Kept, broken, talked, resolved; hundredths per dimension.
_POINTS = (
    "(VALUES (0, 'promise_kept', 0, 500, 200), (1, 'conversation', 200, 0, 0), "
    "(2, 'complaint_resolved', 300, 300, 0), (3, 'promise_broken_unannounced', -1000, -1500, 0))"
)
LARGE_ACCOUNT_ENTRIES = 500
PEOPLE = {"lead": "lead", "anna": "contact", "analyst": "analyst"}
_TEAMS = 12
_CHUNK = 20_000


def fill(accounts: int, *, per_account: int = 20, today: date) -> None:
    """Fill the migrated PostgreSQL database that Django is pointed at; the policy is the default."""
    from vertrauenskonto.db.actions import policies
    from vertrauenskonto.importers.policy import read_policy

    door = _door(today)
    policies.put_in_force(read_policy("default").versions[-1], door=door)
    _staff()
    _run(_statements(accounts, accounts * per_account, today))
    value(accounts, today)
    _run([*_duties(today), "VACUUM ANALYZE"])


def value(accounts: int, today: date) -> None:
    """Value every account as of a day, as several processes do each night."""
    from vertrauenskonto.db import valuing
    from vertrauenskonto.db.queries.policies import history

    policies = history()

    def one(start: int) -> None:
        with transaction.atomic():
            numbers = range(start, min(start + _CHUNK, accounts + 1))
            valuing.store(dict.fromkeys(numbers, ""), policies, as_of=today)
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(1, accounts + 1, _CHUNK)))


def cookies() -> Mapping[str, str]:
    """Return a session of each person, by name, as a Cookie header says it."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from vertrauenskonto.db import models

    found = {}
    for name in PEOPLE:
        person = models.Person.objects.get(key=f"p_{name}")
        session = SessionStore()
        session[SESSION_KEY] = str(person.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.create()
        found[name] = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return found


def _door(today: date) -> Any:
    from vertrauenskonto.db.actions.facts import Door

    at = datetime.now(UTC)
    return Door(actor="system", channel="cli", at=at, today=today)


def _run(statements: Any) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _statements(accounts: int, entries: int, today: date) -> Iterator[str]:
    first, last = _array(FIRST), _array(LAST)
    yield "SET synchronous_commit = off"
    yield "SET maintenance_work_mem = '512MB'"
    yield "SET session_replication_role = replica"  # no triggers: only the loading
    yield (
        "INSERT INTO booking_transaction "
        "(id, booked_at, actor, channel, second, layout, leaf_hash) VALUES "
        f"(1000001, '{today - timedelta(days=1)}', 'system', 'import', '', 1, '\\x00')"
    )
    yield (
        "INSERT INTO customer (id, transaction_id, key) "
        f"SELECT i, 1000001, 'c_' || md5(i::text) FROM generate_series(1, {accounts}) i"
    )
    yield f"""INSERT INTO profile (customer_id, sort, is_prospect, name, search_name, language,
  owner_id, owner_team_id)
SELECT i, 'person', i % 50 = 0, initcap(f || ' ' || l), f || ' ' || l, 'de',
  CASE WHEN i % 3000 = 1 THEN (SELECT id FROM person WHERE key = 'p_anna') END,
  CASE WHEN i % 3000 <> 1 THEN (SELECT min(id) FROM team) + i % {_TEAMS} END
FROM (SELECT i, ({first})[1 + abs(hashint4(i)) % {len(FIRST.split())}] AS f,
  ({last})[1 + abs(hashint4(i + 7)) % {len(LAST.split())}] || (abs(hashint4(i + 13)) % 400) AS l
  FROM generate_series(1, {accounts}) i) n"""
    yield (
        "INSERT INTO name_word (customer_id, word) SELECT DISTINCT customer_id, w FROM profile, "
        "unnest(string_to_array(search_name, ' ')) w"
    )
    yield (
        "INSERT INTO contact (customer_id, name, function, email, phone, address, postcode, is_main, "
        "email_key, phone_key, name_postcode_key) "
        "SELECT i, '', '', 'k' || i || '@example.org', '', '', '', true, 'k' || i || '@example.org', "
        f"'', '' FROM generate_series(1, {accounts}) i"
    )
    yield (
        "INSERT INTO external_id (customer_id, system, value) "
        f"SELECT i, 'shop', 'K-' || i FROM generate_series(1, {accounts}) i"
    )
    yield (
        "CREATE TEMPORARY TABLE defined AS SELECT indexname AS name, indexdef AS sql "
        "FROM pg_indexes WHERE tablename = 'entry' AND indexname NOT IN "
        "(SELECT conname FROM pg_constraint WHERE conrelid = 'entry'::regclass)"
    )
    yield (
        "DO $$ DECLARE d record; BEGIN FOR d IN SELECT * FROM defined "
        "LOOP EXECUTE 'DROP INDEX ' || quote_ident(d.name); END LOOP; END $$"
    )
    yield "ALTER TABLE entry DROP CONSTRAINT entry_once_per_source"
    # How careless a company was with a customer, and how long ago it heard of her last.
    yield f"""INSERT INTO entry (id, transaction_id, customer_id, source, source_id, kind,
  value_date, recorded_date, target, contact, willing, able, assessable, policy, promise, remark,
  reason)
SELECT i, 1000001, c, 'shop', i::text, k.kind, d, d, 'organisation', true, k.w, k.a, k.s,
  'default/1', '', '', ''
FROM (SELECT i, c, DATE '{today}' - (abs(hashint4(c + 3)) % 500 * (abs(hashint4(c + 5)) % 3) / 3)
    - (abs(hashint8(i)) % 900)::int AS d,
    CASE WHEN abs(hashint8(i + 1)) % 100 < abs(hashint4(c + 9)) % 26 THEN 3
      ELSE (abs(hashint8(i + 2)) % 5) % 3 END AS place
  FROM (SELECT i, CASE WHEN i <= {LARGE_ACCOUNT_ENTRIES} THEN 1
      ELSE (1 + abs(hashint8(i)) % {accounts})::int END AS c
    FROM generate_series(1::bigint, {entries}) i) e
  WHERE c % 500 <> 7) e
JOIN {_POINTS} AS k(place, kind, w, a, s) ON k.place = e.place"""
    yield "ALTER TABLE entry ADD CONSTRAINT entry_once_per_source UNIQUE (source, source_id)"
    yield (
        "DO $$ DECLARE d record; BEGIN FOR d IN SELECT * FROM defined "
        "LOOP EXECUTE d.sql; END LOOP; END $$"
    )
    yield "SET session_replication_role = origin"
    yield "VACUUM ANALYZE"
    yield from _numbers_go_on()


def _staff() -> None:
    from vertrauenskonto.db import models

    teams = [models.Team.objects.create(name=f"Team {n:02}") for n in range(1, _TEAMS + 1)]
    for name, role in PEOPLE.items():
        person = models.Person(
            key=f"p_{name}", email=f"{name}@example.org", name=name.title(), role=role
        )
        person.team = teams[0] if role == "contact" else None
        person.set_unusable_password()
        person.save()


def _numbers_go_on() -> Iterator[str]:
    """Rows put in by number leave the counters of their tables behind."""
    for table in ("customer", "entry", "booking_transaction"):
        yield (
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
        )


def _duties(today: date) -> Iterator[str]:
    """One account in five below its threshold has a duty."""
    day = today.isoformat()
    yield f"""INSERT INTO obligation (customer_id, opened_date, due_date, outcome)
SELECT customer_id, '{day}', '{day}', '' FROM balance
WHERE below_threshold AND customer_id % 5 = 0"""
    yield f"""INSERT INTO obligation_cause (obligation_id, sort, added_date)
SELECT id, 'threshold', '{day}' FROM obligation"""


def _array(words: str) -> str:
    return f"ARRAY{json.dumps(words.split())}".replace('"', "'")
