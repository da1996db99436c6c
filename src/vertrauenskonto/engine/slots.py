"""The SQL for the common case: nothing but kind and day tells what an event is worth.

Kind and day make one number, the slot. What a slot is worth today is computed once per slot, not
per event, and the slot is all that an event carries through the sort by account and day:

    slot = (day - first_day) * slots + ordinal of the kind        ascending slots, ascending days

The charges of a silence are looked up in the same way, by how many they are and how old.
"""

from collections.abc import Iterator

from vertrauenskonto.engine.clock import Step
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.weights import (
    POINT_SUMS,
    SILENCE_PARAMETERS,
    charges,
    last_charge_age,
    point_units,
    series,
    weight,
    whole,
)


def slot_steps(shape: Shape, *, today: str, prefix: str = "") -> Iterator[Step]:
    """Yield the steps that end in `<prefix>weighed`; arguments as in `sums.sums_steps`."""
    yield from lookup_steps(shape, today=today, prefix=prefix)
    yield f"{prefix}slots", "\nUNION ALL\n".join(_slots(shape, today))
    yield f"{prefix}weighed", _weighed(shape, today, prefix)


def lookup_steps(shape: Shape, *, today: str, prefix: str = "") -> Iterator[Step]:
    """Yield the small tables: what a slot is worth, what is left of a charge, what charges add to.

    All are keyed by dense whole numbers, from 0 as far as the calendar reaches.
    """
    yield f"{prefix}worth", _worth(shape, today)
    if shape.is_never("silence_half_life"):
        return
    half_life = shape.parameter("silence_half_life")
    yield (
        f"{prefix}fading",
        f"""SELECT c.day - {shape.first_day} AS age, {weight(f"(c.day - {shape.first_day})", half_life)}
  AS share
FROM calendar c""",
    )
    kept = ", ".join(f"{shape.parameter(name)} AS {name}" for name in SILENCE_PARAMETERS)
    yield (
        f"{prefix}series",
        f"""SELECT charges, {series()} AS worth
FROM (SELECT c.day - {shape.first_day} AS charges, {kept} FROM calendar c) n""",
    )


def _worth(shape: Shape, today: str) -> str:
    units = ",\n  ".join(point_units(shape, live="age >= 0"))
    dishonest = "CASE WHEN honesty AND age >= 0 THEN 1 ELSE 0 END" if shape.honesty else "0"
    return f"""SELECT slot, day,
  {units},
  {dishonest} AS dishonest
FROM (
  SELECT (c.day - {shape.first_day}) * {shape.slots} + k.ordinal AS slot, c.day,
    {today} - c.day AS age, k.willing, k.able, k.assessable, k.honesty
  FROM kind k
  CROSS JOIN calendar c
) d"""


def _slots(shape: Shape, today: str) -> Iterator[str]:
    """Yield each event's slot and, for live contacts, the slot of the next one.

    For all others the next slot is their own, so that they are followed by no silence. Of two
    contacts on one day the first is followed by none either.
    """
    slot = f"(e.day - {shape.first_day}) * {shape.slots} + k.ordinal"
    source = "FROM event e\nJOIN kind k ON k.kind = e.kind"
    conditions = ["k.contact"] if shape.non_contacts else []
    conditions += [f"e.day <= {today}"] if shape.pending else []
    restarts = " AND ".join(conditions)
    yield f"""SELECT account, slot, LEAD(slot) OVER (PARTITION BY account ORDER BY slot) AS next_slot
FROM (
SELECT e.account, {slot} AS slot
{source}{f" WHERE {restarts}" if restarts else ""}
) contacts"""
    if restarts:
        yield f"""SELECT e.account, {slot} AS slot, {slot} AS next_slot
{source} WHERE NOT ({restarts})"""


def _weighed(shape: Shape, today: str, prefix: str) -> str:
    kept = ", ".join(f"{shape.parameter(name)} AS {name}" for name in SILENCE_PARAMETERS[:2])
    units = ", ".join(POINT_SUMS)
    next_day = f"(s.next_slot // {shape.slots} + {shape.first_day})"
    silence, joins = "CAST(0 AS BIGINT)", ""
    if not shape.is_never("silence_half_life"):
        silence = whole("f.share * n.worth")
        joins = f"""
JOIN {prefix}series n ON n.charges = c.charges
JOIN {prefix}fading f ON f.age = CASE WHEN c.charges > 0 THEN {last_charge_age("c.")} ELSE 0 END"""
    return f"""SELECT c.account, {units},
  {silence} AS silence_units,
  c.charges, c.dishonest
FROM (
  SELECT *, {charges()} AS charges
  FROM (
    SELECT s.account, {units}, w.dishonest, {kept}, {today} - w.day AS age,
      CASE WHEN s.next_slot IS NULL THEN {today} - w.day ELSE {next_day} - 1 - w.day END
        AS silent_days
    FROM {prefix}slots s
    JOIN {prefix}worth w ON w.slot = s.slot
  ) d
) c{joins}"""
