"""The SQL of the clock of silence: every day on which it restarts or stops (TA-1 11.2, 11.4).

             kind                       suspension
               |                            |
event ---> booked ---> mark  <--------------+       every event with its points; every day on
                        |                            which the clock restarts or stops
                     spaced                          each of them with the next such day
"""

from collections.abc import Iterator

from vertrauenskonto.core.ledger.entries import DIMENSIONS, ORGANISATION
from vertrauenskonto.engine.shape import Shape

Step = tuple[str, str]

# What a row does to the clock of silence: nothing, restart it, or stop it (a suspension begins).
NOTHING, RESTART, STOP = 0, 1, 2

_NO_POINTS = ", ".join(f"CAST(0 AS DOUBLE) AS {d}" for d in DIMENSIONS)
_STEPS = ("reversed", "booked", "known", "covered", "first_contact", "mark", "spaced")


def clock_steps(shape: Shape, *, today: str, horizon: str, prefix: str = "") -> Iterator[Step]:
    """Yield the steps that end in `<prefix>spaced`: events as live on `today`, and the clock.

    `horizon` is the last day on which an ending suspension restarts the clock; later than `today`
    when the days to come are asked about.
    """
    own = {name: prefix + name for name in _STEPS}
    if shape.reversals:
        yield own["reversed"], _reversed(shape)
    yield own["booked"], _booked(shape, own, today)
    if shape.suspensions:
        yield own["known"], _known_suspensions(shape)
        yield own["covered"], _covered(own)
        yield own["first_contact"], _first_contact(own)
    yield own["mark"], "\nUNION ALL\n".join(_marks(shape, own, horizon))
    yield own["spaced"], _spaced(shape, own)


def _recorded(shape: Shape) -> str:
    return "e.recorded" if shape.recorded else "e.day"


def _reversed(shape: Shape) -> str:
    known = "" if shape.known_at is None else f" AND {_recorded(shape)} <= {shape.known_at}"
    return f"""SELECT DISTINCT e.account, e.reverses AS id
FROM event e
WHERE e.reverses IS NOT NULL{known}"""


def _booked(shape: Shape, own: dict[str, str], today: str) -> str:
    columns = ["e.account", "e.day"]
    if shape.persons:
        columns.append("e.target")
    if shape.segments:
        columns.append("COALESCE(a.segment, '') AS segment")
    columns += _points(shape)
    columns.append(f"CASE WHEN {_is_live(shape, today)} THEN 1 ELSE 0 END AS live")
    contact = "COALESCE(e.contact, k.contact)" if shape.event_contact else "k.contact"
    columns.append(f"CASE WHEN {contact} THEN 1 ELSE 0 END AS contact")
    if shape.honesty:
        columns.append("CASE WHEN k.honesty THEN 1 ELSE 0 END AS honesty")
    joins = ["FROM event e"]
    if shape.segments:
        joins.append("LEFT JOIN account_segment a ON a.account = e.account")
        joins.append("JOIN parameters p ON p.segment = COALESCE(a.segment, '')")
    kind_is = ["k.kind = e.kind"]
    if shape.segments:
        kind_is.append("k.segment = COALESCE(a.segment, '')")
    if shape.versions:
        kind_is.append(f"{_recorded(shape)} >= k.valid_from")
        kind_is.append(f"{_recorded(shape)} < k.valid_until")
    joins.append(f"JOIN kind k ON {' AND '.join(kind_is)}")
    if shape.reversals:
        joins.append(f"LEFT JOIN {own['reversed']} r ON r.account = e.account AND r.id = e.id")
        joins.append("WHERE e.reverses IS NULL")
    return "SELECT " + ",\n  ".join(columns) + "\n" + "\n".join(joins)


def _points(shape: Shape) -> list[str]:
    if not shape.event_points:
        return [f"k.{d}" for d in DIMENSIONS]
    none = " AND ".join(f"e.{d} IS NULL" for d in DIMENSIONS)
    return [f"CASE WHEN {none} THEN k.{d} ELSE COALESCE(e.{d}, 0) END AS {d}" for d in DIMENSIONS]


def _is_live(shape: Shape, today: str) -> str:
    if not shape.pending:
        return "TRUE"
    conditions = [f"e.day <= {today}"]
    if shape.known_at is not None:
        conditions.append(f"{_recorded(shape)} <= {shape.known_at}")
    if shape.reversals:
        conditions.append("r.id IS NULL")
    return " AND ".join(conditions)


def _known_suspensions(shape: Shape) -> str:
    known = "" if shape.known_at is None else f"\n  WHERE recorded <= {shape.known_at}"
    return f"""SELECT account, starts, ends
FROM (
  SELECT account, starts, ends,
    ROW_NUMBER() OVER (PARTITION BY account, id ORDER BY recorded DESC) AS version
  FROM suspension{known}
) z
WHERE version = 1"""


def _covered(own: dict[str, str]) -> str:
    return f"""SELECT DISTINCT b.account, b.day
FROM {own["booked"]} b
JOIN {own["known"]} z ON z.account = b.account AND z.starts <= b.day AND b.day < z.ends
WHERE b.live = 1 AND b.contact = 1"""


def _first_contact(own: dict[str, str]) -> str:
    return f"""SELECT b.account, MIN(b.day) AS day
FROM {own["booked"]} b
JOIN (SELECT DISTINCT account FROM {own["known"]}) z ON z.account = b.account
WHERE b.live = 1 AND b.contact = 1
GROUP BY b.account"""


def _marks(shape: Shape, own: dict[str, str], today: str) -> Iterator[str]:
    """Yield where marks come from: events, suspensions, and accounts without events."""
    columns = [f"b.{name}" for name in carried(shape)]
    restarts = ["b.live = 1", "b.contact = 1"]
    joins = ""
    if shape.suspensions:
        restarts.append("c.day IS NULL")
        joins = f"\nLEFT JOIN {own['covered']} c ON c.account = b.account AND c.day = b.day"
    clock = f"CASE WHEN {' AND '.join(restarts)} THEN {RESTART} ELSE {NOTHING} END AS clock"
    yield f"SELECT {', '.join(columns)}, {clock}\nFROM {own['booked']} b{joins}"
    if shape.suspensions:
        yield from _suspension_marks(shape, own, today)
    if shape.accounts:
        segment = "COALESCE(a.segment, '')"
        yield _empty_rows(shape, "a.account", "0", segment, NOTHING) + "\nFROM account_segment a"


def _suspension_marks(shape: Shape, own: dict[str, str], today: str) -> Iterator[str]:
    # Only accounts that ever had a contact: before the first one there is no clock to start.
    source = f"""
FROM {own["known"]} z
JOIN {own["first_contact"]} f ON f.account = z.account"""
    segment = "''"
    if shape.segments:
        segment = "COALESCE(a.segment, '')"
        source += """
LEFT JOIN account_segment a ON a.account = z.account
JOIN parameters p ON p.segment = COALESCE(a.segment, '')"""
    inside = f"""
LEFT JOIN (
  SELECT DISTINCT z.account, z.ends
  FROM {own["known"]} z
  JOIN {own["known"]} y ON y.account = z.account AND y.starts <= z.ends AND z.ends < y.ends
) i ON i.account = z.account AND i.ends = z.ends
WHERE z.ends > f.day AND z.ends <= {today} AND i.account IS NULL"""
    yield _empty_rows(shape, "z.account", "z.ends", segment, RESTART) + source + inside
    yield _empty_rows(shape, "z.account", "z.starts", segment, STOP) + source


def _empty_rows(shape: Shape, account: str, day: str, segment: str, clock: int) -> str:
    """Return the SELECT list of rows that carry no points."""
    columns = [f"{account} AS account", f"CAST({day} AS INTEGER) AS day"]
    if shape.persons:
        columns.append(f"'{ORGANISATION}' AS target")
    if shape.segments:
        columns.append(f"{segment} AS segment")
    columns += [_NO_POINTS, "0 AS live"]
    if shape.honesty:
        columns.append("0 AS honesty")
    if shape.last_contact:
        columns.append("0 AS contact")
    return f"SELECT {', '.join(columns)}, {clock} AS clock"


def carried(shape: Shape) -> list[str]:
    """Return the columns that every row of `spaced` has, beside `clock` and `next_day`."""
    columns = ["account", "day"]
    if shape.persons:
        columns.append("target")
    if shape.segments:
        columns.append("segment")
    columns += [*DIMENSIONS, "live"]
    if shape.honesty:
        columns.append("honesty")
    if shape.last_contact:
        columns.append("contact")
    return columns


def _spaced(shape: Shape, own: dict[str, str]) -> str:
    """Return each row with the next day on which the clock restarts or stops.

    Two marks on one day need no DISTINCT: the first has a gap of 0 days and so no charge.
    """
    keys = "account"
    if shape.pending or shape.non_contacts or shape.suspensions or shape.accounts:
        keys = f"account, CASE WHEN clock = {NOTHING} THEN 0 ELSE 1 END"
    return f"""SELECT {", ".join(carried(shape))}, clock,
  LEAD(day) OVER (PARTITION BY {keys} ORDER BY day) AS next_day
FROM {own["mark"]}"""
