"""Matching: incoming records find their customer, open an account, or wait for a person.

Certain hits join. Uncertain ones wait, and so do certain ones that contradict each other. Nothing
is joined by a name alone.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from secrets import token_hex
from typing import Literal

from django.db import IntegrityError, transaction

from vertrauenskonto.core.errors import Conflict, NotFound, Text, TrustError
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions import ledger
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.customers import (
    attribute_rows,
    known_attributes,
    plain_attributes,
)
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.actions.holding import Erased, held
from vertrauenskonto.db.actions.opening import describe, insert_plainly, one_at_a_time, value_anew
from vertrauenskonto.db.actions.records import (
    Record,
    checked,
    draft_as_json,
    draft_from,
    record_as_json,
    record_of,
)
from vertrauenskonto.db.matching import Keys, Weight, check_match_key, weight_of_system
from vertrauenskonto.db.queries import matching as queries
from vertrauenskonto.db.queries.policies import history_or_none
from vertrauenskonto.db.queries.segments import latest_attributes

__all__ = ["Decision", "Record", "Resolution", "decide", "resolve", "set_match_key"]

Status = Literal["joined", "opened", "queued", "refused"]

_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What became of a record: the customer's key, or "" with the reason in `text`.

    `code` is stable: `customer`, `missing`, `too_long`, `characters`, `sort`, `goal_guard`,
    `attributes`, `other_contents`, `discarded`, `customer_uncertain`; `field` says where.
    """

    record: Record
    status: Status
    key: str = ""
    text: Text | None = None
    code: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What became of a record that waited: for whom, how many like it, and what was booked.

    `key` is "" if it was discarded; `replayed` says that it had been decided so before.
    """

    key: str
    records: int
    outcomes: tuple[ledger.Outcome, ...] = ()
    replayed: bool = False


def resolve(
    records: Sequence[Record],
    *,
    door: Door,
    policies: PolicyHistory | None = None,
    viewer: Viewer | None = None,
) -> tuple[Resolution, ...]:
    """Find the customer of each record, in order; open accounts for those nobody knows.

    The same record again gets the same answer. Records of one call find what earlier ones opened.
    A key returned may belong to a customer merged into another: book on it all the same. Accounts
    whose attributes change are valued anew in the same transaction, by `policies`, else by what is
    in force.

    A record that names somebody who does not exist for `viewer` is refused, without her key, and
    nothing of it is entered. What a contact opens is hers to look after. None: the machine itself.
    """
    asked = _Asked(records, policies, viewer)
    plan = _plan(asked, door)
    if not plan.writes:
        return tuple(plan.resolutions)
    for attempt in range(_ATTEMPTS):
        try:
            return _carry_out(asked, door, policies)
        except (IntegrityError, Erased):
            # Somebody entered one of these ids by hand in this moment, so now it is there to be
            # found; or erased whom they named, so now they name nobody.
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("the loop returns or raises")


@transaction.atomic
def _carry_out(
    asked: "_Asked", door: Door, policies: PolicyHistory | None
) -> tuple[Resolution, ...]:
    one_at_a_time()
    door = steadied(door)
    plan = _plan(asked, door)
    if plan.opened:
        write([customer for customer, _ in plan.opened], door=door)
        describe(plan.opened, asked.viewer)
    if plan.ids or plan.attributes or plan.remembered:
        customers = {c.key: c for c, _ in plan.opened}
        wanted = {*plan.ids.values(), *plan.attributes, *plan.remembered.values()} - set(customers)
        customers |= {key: one.customer for key, one in held(wanted).items()}
        insert_plainly(
            [
                models.ExternalId(customer=customers[key], system=system, value=value)
                for (system, value), key in sorted(plan.ids.items())
            ]
        )
        told = {customers[key]: values for key, values in plan.attributes.items()}
        rows = attribute_rows(told, door)
        if rows:
            write(rows, door=door)
            value_anew([customer.pk for customer in told], policies, door)
        for named, key in plan.remembered.items():
            plan.waiting[named] = _remembered(named, customers[key], door)
    models.Unmatched.objects.bulk_create(row for _, row in sorted(plan.waiting.items()))
    return tuple(plan.resolutions)


def decide(
    viewer: Viewer,
    unmatched: int,
    customer: str,
    *,
    door: Door,
    policies: PolicyHistory,
) -> Decision:
    """Decide for whom a waiting record is: a customer's key, "new" or "discard".

    All waiting records that name the person in the same way are decided with it, their ids are
    entered with the customer, and what waited with them is booked, all or nothing.

    Raises:
        Denied: the viewer may not match.
        NotFound: there is no such record or customer.
        Conflict: it was decided otherwise before, the customer was erased, or what waits cannot be
            booked.
    """
    require(viewer, "match")
    with transaction.atomic():
        one_at_a_time()
        first = models.Unmatched.objects.select_related("customer").filter(pk=unmatched).first()
        if first is None:
            raise NotFound(
                Text(
                    de=f"Es wartet kein Datensatz mit der Nummer {unmatched}.",
                    en=f"No record with the number {unmatched} is waiting.",
                )
            )
        if first.decided_at is not None:
            return _decided_before(first, customer, viewer)
        if customer not in ("new", "discard"):
            # Before the records, as erasing does it: or each waits for the other.
            chosen = models.Customer.objects.get(pk=customer_id(viewer, customer))
            held([chosen.key])
        like = models.Unmatched.objects.filter(decided_at=None, sameness=first.sameness)
        rows = list(like.order_by("pk").select_for_update())
        records = [record_of(row) for row in rows]
        kept, _ = known_attributes(records[0].attributes, policies)
        holder = _chosen(viewer, customer, replace(records[0], attributes=kept), door)
        if holder is not None:
            _enter_ids(holder, records)
        drafts = [draft_from(row.draft, holder.key) for row in rows if row.draft and holder]
        for row in rows:
            row.customer, row.decided_at, row.decider = holder, door.at, door.actor
            row.record, row.candidates, row.draft, row.sameness = {}, [], None, ""
        models.Unmatched.objects.bulk_update(
            rows,
            ["customer", "decided_at", "decider", "record", "candidates", "draft", "sameness"],
        )
        outcomes = _booked(drafts, door, policies)
    return Decision(key=holder.key if holder else "", records=len(rows), outcomes=outcomes)


def set_match_key(viewer: Viewer, name: str, weight: str) -> None:
    """Set how much a hit by a key says: certain, uncertain, or off.

    Raises:
        Denied: the viewer does not administer.
        Invalid: there is no such key or weight; a name alone is none.
    """
    require(viewer, "administer")
    name, checked = check_match_key(name, weight)
    models.MatchKey.objects.update_or_create(name=name, defaults={"weight": checked})


class _Plan:
    """What a call of `resolve` found, and the rows to be written for it."""

    def __init__(
        self, hits: queries.Hits, weights: Mapping[str, Weight], hidden: Collection[str]
    ) -> None:
        self.hits = hits
        self.weights = weights
        self.hidden = hidden
        self.resolutions: list[Resolution] = []
        self.opened: list[tuple[models.Customer, Record]] = []
        self.ids: dict[tuple[str, str], str] = {}
        self.attributes: dict[str, dict[str, str]] = defaultdict(dict)
        self.waiting: dict[tuple[str, str], models.Unmatched] = {}
        self.remembered: dict[tuple[str, str], str] = {}

    @property
    def writes(self) -> bool:
        """Tell whether anything is to be written."""
        return bool(self.opened or self.ids or self.attributes or self.waiting or self.remembered)

    def take(self, record: Record, keys: Keys, door: Door) -> Resolution:
        """Decide one record that was not seen before."""
        certain, uncertain = self._spoken_for(keys)
        by_root = {self.hits.root.get(key, key): key for key in reversed(certain)}
        if len(by_root) == 1:
            [key] = by_root.values()
            if key in self.hidden:
                return _stranger(record)
            self._enter(keys, key)
            if record.attributes:
                self.attributes[key] |= plain_attributes(record.attributes)
            return Resolution(record=record, status="joined", key=key)
        if by_root or uncertain:
            return self._wait(record, keys, uncertain, door)
        customer = models.Customer(key=f"c_{token_hex(16)}")
        self.opened.append((customer, record))
        self._enter(keys, customer.key)
        if record.attributes:
            self.attributes[customer.key] |= plain_attributes(record.attributes)
        if not keys.ids:
            # Its own data would be found as an uncertain hit, were the record sent again.
            self.remembered[record.source, record.source_id] = customer.key
        return Resolution(record=record, status="opened", key=customer.key)

    def _spoken_for(self, keys: Keys) -> tuple[list[str], dict[str, list[str]]]:
        """Return whom certain keys name, and all who are named, by root, with the keys' names."""
        certain: list[str] = []
        named: dict[str, list[str]] = defaultdict(list)
        for pair in keys.ids:
            if (key := self.hits.ids.get(pair)) is not None:
                named[self.hits.root.get(key, key)].append(f"id:{pair[0]}")
                if weight_of_system(pair[0], self.weights) == "certain":
                    certain.append(key)
        for name, value in keys.others.items():
            if self.weights[name] == "off":
                continue
            for key in sorted(self.hits.others.get((name, value), ())):
                named[self.hits.root.get(key, key)].append(name)
                if self.weights[name] == "certain":
                    certain.append(key)
        return certain, named

    def _enter(self, keys: Keys, key: str) -> None:
        """Let later records of this call find the customer by these keys."""
        for pair in keys.ids:
            if pair not in self.hits.ids and pair not in self.ids:
                self.ids[pair] = key
                if weight_of_system(pair[0], self.weights) != "off":
                    self.hits.ids[pair] = key
        if self.opened and self.opened[-1][0].key == key:
            for name, value in keys.others.items():
                self.hits.others[name, value].add(key)

    def _wait(
        self, record: Record, keys: Keys, named: Mapping[str, Sequence[str]], door: Door
    ) -> Resolution:
        self.waiting[record.source, record.source_id] = models.Unmatched(
            source=record.source,
            source_id=record.source_id,
            received_at=door.at,
            record=record_as_json(record),
            draft=draft_as_json(record.draft) if record.draft else None,
            candidates=[{"key": key, "by": sorted(by)} for key, by in sorted(named.items())],
            sameness=keys.sameness,
        )
        return _queued(record)


class _Asked:
    """The records of a call, their keys by place, and the reasons why some are refused."""

    def __init__(
        self, records: Sequence[Record], policies: PolicyHistory | None, viewer: Viewer | None
    ) -> None:
        self.records = records
        self.viewer = viewer
        if policies is None and any(record.attributes for record in records):
            policies = history_or_none()
        self.keys: dict[int, Keys] = {}
        self.refused: dict[int, Resolution] = {}
        for number, record in enumerate(records):
            try:
                self.keys[number] = checked(record, policies)
            except TrustError as refusal:
                self.refused[number] = _refused(record, refusal)


def _plan(asked: _Asked, door: Door) -> _Plan:
    weights = queries.match_keys()
    records, usable, refused = asked.records, asked.keys, asked.refused
    received = queries.received({(records[n].source, records[n].source_id) for n in usable})
    hits = queries.hits(list(usable.values()), weights)
    named_before = [row.customer.key for row in received.values() if row.customer is not None]
    met = {*hits.ids.values(), *named_before}.union(*hits.others.values())
    plan = _Plan(hits, weights, access.hidden(asked.viewer, met) if asked.viewer else set())
    # Ids of a system that is switched off find nobody, and still name one customer only.
    off = [p for k in usable.values() for p in k.ids if weight_of_system(p[0], weights) == "off"]
    there = queries.taken(off)
    earlier: dict[tuple[str, str], Resolution] = {}
    for number, record in enumerate(records):
        named = (record.source, record.source_id)
        if number in refused:
            done = refused[number]
        elif named in received:
            done = _again(record, received[named], plan.hidden)
        elif named in earlier:
            done = _same_call(record, earlier[named])
        else:
            keys = usable[number]
            keys = Keys(ids=tuple(p for p in keys.ids if p not in there), others=keys.others)
            done = earlier[named] = plan.take(record, keys, door)
        plan.resolutions.append(done)
    _drop_known_attributes(plan)
    return plan


def _again(record: Record, row: models.Unmatched, hidden: Collection[str]) -> Resolution:
    """Return the answer to a record that was received before."""
    if row.customer is not None and row.customer.key in hidden:
        return _stranger(record)
    if row.customer is not None:
        return Resolution(record=record, status="joined", key=row.customer.key)
    if row.decided_at is not None:
        return Resolution(
            record=record, status="refused", text=_DISCARDED, code="discarded", field="source_id"
        )
    draft = draft_as_json(record.draft) if record.draft else None
    if (row.record, row.draft) != (record_as_json(record), draft):
        return _differs(record)
    return _queued(record)


def _same_call(record: Record, earlier: Resolution) -> Resolution:
    """Return the answer to a record that came before in the same call."""
    if record != earlier.record:
        return _differs(record)
    status: Status = "joined" if earlier.status == "opened" else earlier.status
    return replace(earlier, record=record, status=status)


def _drop_known_attributes(plan: _Plan) -> None:
    """Leave only attributes that say something new."""
    opened = {customer.key for customer, _ in plan.opened}
    known = latest_attributes(plan.attributes.keys() - opened)
    for key, values in list(plan.attributes.items()):
        news = {n: v for n, v in values.items() if known.get((key, n), "") != v}
        if news:
            plan.attributes[key] = news
        else:
            del plan.attributes[key]


def _remembered(named: tuple[str, str], customer: models.Customer, door: Door) -> models.Unmatched:
    return models.Unmatched(
        source=named[0],
        source_id=named[1],
        received_at=door.at,
        record={},
        candidates=[],
        customer=customer,
        decided_at=door.at,
        decider=door.actor,
    )


def _decided_before(row: models.Unmatched, customer: str, viewer: Viewer) -> Decision:
    is_same = row.customer is None and customer == "discard"
    if row.customer is not None and customer not in ("new", "discard"):
        is_same = customer_id(viewer, customer) == customer_id(viewer, row.customer.key)
    if not is_same:
        raise Conflict(
            Text(
                de=f"Der Datensatz {row.pk} ist schon entschieden; war das falsch, buchen Sie um "
                "oder legen Sie die Konten zusammen.",
                en=f"Record {row.pk} is decided already; if that was wrong, move the entries or "
                "merge the accounts.",
            )
        )
    return Decision(key=row.customer.key if row.customer else "", records=0, replayed=True)


def _chosen(viewer: Viewer, customer: str, record: Record, door: Door) -> models.Customer | None:
    """Return the customer decided for, opening the account if it is a new one; None: nobody."""
    if customer == "discard":
        return None
    if customer != "new":
        return models.Customer.objects.get(pk=customer_id(viewer, customer))
    opened = models.Customer(key=f"c_{token_hex(16)}")
    write([opened], door=door)
    describe([(opened, record)])
    rows = attribute_rows({opened: record.attributes}, door)
    if rows:
        write(rows, door=door)
    return opened


def _enter_ids(customer: models.Customer, records: Sequence[Record]) -> None:
    """Enter the ids of records with their customer, but for those that name somebody else."""
    named = {pair for record in records for pair in record.keys.ids}
    models.ExternalId.objects.bulk_create(
        models.ExternalId(customer=customer, system=system, value=value)
        for system, value in sorted(named - queries.taken(named))
    )


def _booked(
    drafts: Sequence[ledger.Draft], door: Door, policies: PolicyHistory
) -> tuple[ledger.Outcome, ...]:
    if not drafts:
        return ()
    outcomes = ledger.book(drafts, door=door, policies=policies).outcomes
    for outcome in outcomes:
        # What needs a second person is proposed now, and so no longer waits here.
        if outcome.status not in ("booked", "replayed") and outcome.code != "needs_second":
            text = outcome.text or _QUEUED
            raise Conflict(
                Text(
                    de=f"Was mit dem Datensatz wartet, lässt sich nicht buchen: {text.de}",
                    en=f"What waits with the record cannot be booked: {text.en}",
                )
            )
    return outcomes


def _differs(record: Record) -> Resolution:
    text = Text(
        de=f"{record.source}:{record.source_id} kam schon mit anderem Inhalt; ein anderer "
        "Datensatz braucht eine andere Nummer.",
        en=f"{record.source}:{record.source_id} came before with other contents; another record "
        "needs another id.",
    )
    return Resolution(
        record=record, status="refused", text=text, code="other_contents", field="source_id"
    )


def _stranger(record: Record) -> Resolution:
    return Resolution(record=record, status="refused", text=STRANGER, code="customer")


def _queued(record: Record) -> Resolution:
    return Resolution(record=record, status="queued", text=_QUEUED, code="customer_uncertain")


def _refused(record: Record, refusal: TrustError) -> Resolution:
    code, field = getattr(refusal, "code", "customer"), getattr(refusal, "field", "")
    for problem in refusal.problems[:1]:
        code, field = problem.code, problem.field
    return Resolution(record=record, status="refused", text=refusal.text, code=code, field=field)


# Not by her key: whoever may not see her would learn by which name she is known here.
STRANGER = Text(
    de="Wer damit gemeint ist, gehört nicht zu Ihren Kundinnen und Kunden.",
    en="Whoever is meant by this is none of your customers.",
)
_QUEUED = Text(
    de="Es ist nicht sicher, wer gemeint ist; der Datensatz wartet, bis jemand entscheidet.",
    en="It is not certain who is meant; the record waits until somebody decides.",
)
_DISCARDED = Text(
    de="Dieser Datensatz wurde verworfen; ein neuer braucht eine neue Nummer.",
    en="This record was discarded; a new one needs a new id.",
)
