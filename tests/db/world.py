"""A small world for database tests: a clock that stands still, Alice's door, a policy, customers."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory, policy_history
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import customers, facts, ledger, seal, suspensions
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.ledger import Draft, Outcome

TODAY = date(2026, 3, 18)


def kind(name: str, *, contact: bool = True, **given: float) -> Kind:
    points = {d: given[d] for d in DIMENSIONS if d in given}
    return Kind(
        name=name, label=Text(name, name), why=Text(name, name), points=points, contact=contact
    )


POLICY = Policy(
    name="small",
    kinds={
        k.name: k
        for k in (
            kind("promise_kept", able=5.0, assessable=2.0),
            kind("promise_broken_unannounced", willing=-10.0, able=-15.0),
            kind("conversation"),
            kind("newsletter", contact=False),
            replace(kind("free_service", willing=5.0), purchasable=True),
            replace(kind("lie_uncovered", willing=-40.0, assessable=-10.0), honesty=True),
        )
    },
)


@dataclass
class World:
    """Books as Alice does, on a day that tests choose."""

    today: date = TODAY
    policies: PolicyHistory = field(default_factory=lambda: policy_history(POLICY))
    source: str = "test"
    count: int = 0

    @property
    def door(self) -> Door:
        at = datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)
        return Door(actor="user:alice", channel="test", at=at, today=self.today)

    def customer(self) -> str:
        [key] = customers.open_accounts(1, door=self.door)
        return key

    def draft(self, customer: str, kind: str = "promise_kept", **fields) -> Draft:
        self.count += 1
        defaults = {"source": self.source, "source_id": f"n{self.count}", "value_date": self.today}
        return Draft(customer=customer, kind=kind, **{**defaults, **fields})

    def book(self, *drafts: Draft, key: str | None = None) -> tuple[Outcome, ...]:
        # Breaches of honesty, and taking them back, need somebody who confirmed.
        needs_second = any(d.kind == "lie_uncovered" or d.reverses for d in drafts)
        door = replace(self.door, second="p_bob") if needs_second else self.door
        return ledger.book(drafts, door=door, policies=self.policies, idempotency_key=key).outcomes

    def booked(self, customer: str, kind: str = "promise_kept", **fields) -> Draft:
        draft = self.draft(customer, kind, **fields)
        [outcome] = self.book(draft)
        assert outcome.status == "booked", outcome
        return draft

    def later(self, days: int) -> None:
        self.today += timedelta(days=days)

    def seal(self):
        return seal.seal(at=self.door.at)

    def one_of_everything(self) -> str:
        """Write at least one row into every table of facts, and seal it."""
        ada = self.customer()
        customers.put_into_segment([ada], "b2b", door=self.door)
        first = self.booked(ada, note="Frau Holm rief an")
        self.booked(ada, "", reverses=(first.source, first.source_id), reason="mistake")
        suspensions.suspend(
            ada,
            key="pause",
            starts=self.today,
            ends=None,
            reason="rest",
            door=self.door,
            policies=self.policies,
        )
        version = models.PolicyVersion(
            name="small", version=1, valid_from_date=self.today, document="[policy]"
        )
        entry = models.Entry.objects.get(source_id=first.source_id)
        with transaction.atomic():
            facts.write(*([row] for row in self._rows_without_an_action(entry)), door=self.door)
            facts.write([version], door=replace(self.door, second="p_bob"))
        self.seal()
        return ada

    def _rows_without_an_action(self, entry) -> list[models.Fact]:
        self.customer()  # a third one, whom a changed row can name
        ada, other = entry.customer, models.Customer.objects.get(key=self.customer())
        day = self.today
        return [
            models.Agreement(
                name="scores", is_in_force=True, recorded_date=day, purpose="Monatsbericht"
            ),
            models.Alias(customer=other, into=ada, recorded_date=day),
            models.Attribute(customer=ada, name="trade", value="garden", recorded_date=day),
            models.Contest(
                entry=entry, state="contested", recorded_date=day, note_commitment=b"n" * 32
            ),
            models.Evidence(entry=entry, commitment=b"e" * 32),
            models.Parent(customer=other, parent=ada, recorded_date=day),
            models.Processing(
                customer=other, state="restricted", recorded_date=day, reason="asked"
            ),
            models.RoleGiven(person="p_bob", role="lead", recorded_date=day),
        ]

    def other_customers_entry(self) -> None:
        """Give facts that name another row somebody else to be turned to."""
        ben = self.customer()
        first = self.booked(ben, happened_at=self.door.at, promise="p1", target="person:anna")
        self.booked(
            ben,
            "free_service",
            compensates=(first.source, first.source_id),
            reason="goodwill",
            note="danke",
        )
        self.book(self.draft(ben), key="k")

    def stranger_for(self, model, field):
        """Return a value for a column that no row of this world fills."""
        assert (model, field.attname) == (models.Suspension, "ends_date")
        return self.today + timedelta(days=90)
