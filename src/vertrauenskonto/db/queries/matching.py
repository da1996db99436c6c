"""Where records find their customers: keys looked up set-wise, and what waits for a person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from vertrauenskonto.db import models, raw
from vertrauenskonto.db.access import Viewer, customers, may, require
from vertrauenskonto.db.aliases import roots
from vertrauenskonto.db.matching import DEFAULTS, Keys, Weight, weight_of_system
from vertrauenskonto.db.queries.chunks import chunks

# Which column of Contact holds which key.
COLUMNS = {
    "email": "email_key",
    "phone": "phone_key",
    "name_postcode": "name_postcode_key",
}
_BY_ID = """SELECT i.value, c.id, c.key FROM external_id i JOIN customer c ON c.id = i.customer_id
WHERE i.system = %s AND """
_BY_CONTACT = """SELECT n.{column}, c.id, c.key FROM contact n JOIN customer c ON c.id = n.customer_id
WHERE """


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """Who is known by the keys of some records.

    `ids` and `others` lead to customers by key; `root` says whose account counts for each of them.
    """

    ids: dict[tuple[str, str], str] = field(default_factory=dict)
    others: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    root: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A customer to whom a waiting record may belong, and by which keys; name only if seen."""

    key: str
    name: str | None
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A record that waits for a person to decide; `record` is None for who may see no names."""

    id: int
    source: str
    source_id: str
    received_at: datetime
    record: Mapping[str, Any] | None
    candidates: tuple[Candidate, ...]
    has_draft: bool


def match_keys() -> dict[str, Weight]:
    """Return how much a hit by each key says: the defaults, and what the installation set."""
    rows = models.MatchKey.objects.order_by("name").values_list("name", "weight")
    # A constraint lets no other words in.
    return {**DEFAULTS, **{name: cast("Weight", weight) for name, weight in rows}}


def hits(wanted: Sequence[Keys], weights: Mapping[str, Weight]) -> Hits:
    """Return who is known by these keys; a few queries per key in use, however many records.

    Uncertain keys of a record are not looked up where a certain id names somebody already.
    """
    found = Hits()
    numbers: dict[str, int] = {}
    by_system: dict[str, set[str]] = defaultdict(set)
    for keys in wanted:
        for system, value in keys.ids:
            by_system[system].add(value)
    certain: set[str] = set()
    for system, values in by_system.items():
        weight = weight_of_system(system, weights)
        if weight == "off":
            continue
        if weight == "certain":
            certain.add(system)
        for value, pk, key in raw.fetched(
            _BY_ID + raw.among("i.value"), [system, raw.listed(values)]
        ):
            numbers[key] = pk
            found.ids[system, value] = key
    by_name: dict[str, set[str]] = defaultdict(set)
    for keys in wanted:
        is_named = any(pair in found.ids and pair[0] in certain for pair in keys.ids)
        for name, key in keys.others.items():
            if weights[name] == "certain" or (weights[name] == "uncertain" and not is_named):
                by_name[name].add(key)
    for name, values in by_name.items():
        column = COLUMNS[name]
        sql = _BY_CONTACT.format(column=column) + raw.among(f"n.{column}")
        for value, pk, key in raw.fetched(sql, [raw.listed(values)]):
            numbers[key] = pk
            found.others[name, value].add(key)
    _find_roots(found, numbers)
    return found


def taken(ids: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return those of the (system, value) pairs that name a customer already."""
    by_system: dict[str, set[str]] = defaultdict(set)
    for system, value in ids:
        by_system[system].add(value)
    found: set[tuple[str, str]] = set()
    for system, values in by_system.items():
        for chunk in chunks(values):
            rows = models.ExternalId.objects.filter(system=system, value__in=chunk)
            found |= {(system, value) for value in rows.values_list("value", flat=True)}
    return found


def received(named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], models.Unmatched]:
    """Return the records, by (source, source id), that waited before or still do."""
    by_source: dict[str, set[str]] = defaultdict(set)
    for source, source_id in named:
        by_source[source].add(source_id)
    found = {}
    for source, ids in by_source.items():
        if not models.Unmatched.objects.filter(source=source).exists():
            continue
        for chunk in chunks(ids):
            rows = models.Unmatched.objects.select_related("customer")
            for row in rows.filter(source=source, source_id__in=chunk).order_by("pk"):
                found[row.source, row.source_id] = row
    return found


def unmatched(viewer: Viewer, *, after: int = 0, limit: int = 100) -> tuple[Waiting, ...]:
    """Return the records that wait for a person, oldest first, beginning after row `after`.

    Raises:
        Denied: the viewer may not match.
    """
    require(viewer, "match")
    rows = list(
        models.Unmatched.objects.filter(decided_at=None, pk__gt=after).order_by("pk")[:limit]
    )
    keys = {candidate["key"] for row in rows for candidate in row.candidates}
    seen = customers(viewer).filter(key__in=keys)
    names = dict(seen.values_list("key", "profile__name"))
    shows = may(viewer, "see_names")
    return tuple(
        Waiting(
            id=row.pk,
            source=row.source,
            source_id=row.source_id,
            received_at=row.received_at,
            record=row.record if shows else None,
            candidates=tuple(
                Candidate(
                    key=one["key"],
                    name=names[one["key"]] if shows else None,
                    by=tuple(one["by"]),
                )
                for one in row.candidates
                if one["key"] in names
            ),
            has_draft=row.draft is not None,
        )
        for row in rows
    )


def _find_roots(found: Hits, numbers: Mapping[str, int]) -> None:
    if not models.Alias.objects.exists():
        return
    ends: dict[int, int] = {}
    for chunk in chunks(numbers.values()):
        ends |= roots(chunk)
    moved = {ends[pk] for pk in numbers.values() if ends[pk] != pk}
    names = {pk: c.key for pk, c in models.Customer.objects.in_bulk(moved).items()}
    found.root.update({key: names.get(ends[pk], key) for key, pk in numbers.items()})
