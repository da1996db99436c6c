"""People for database tests: Alice and Bob of one team, Charlie of none, and a world of theirs."""

from dataclasses import replace
from datetime import timedelta

from tests.db.world import World

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import agreements, policies
from vertrauenskonto.db.actions.facts import Door

SYSTEM = access.installation("test")


class Staff(World):
    """A world with members of staff who have no passwords but may be asked as."""

    def person(self, name: str, role: str = "contact", team: str = "") -> access.Viewer:
        found = models.Team.objects.get_or_create(name=team)[0] if team else None
        person = models.Person.objects.create(
            key=f"p_{name}", email=f"{name}@example.org", name=name, role=role, team=found
        )
        return access.viewer(person.pk, channel="test")

    def door_of(self, viewer: access.Viewer) -> Door:
        plain = super().door
        return Door(actor=viewer.actor, channel="test", at=plain.at, today=plain.today)

    def agree(self, name: str = "works_council", is_in_force: bool = True) -> None:
        agreements.agree(name, is_in_force=is_in_force, purpose="BV 7/2026", door=self.door)

    def policy(self) -> None:
        [version] = self.policies.versions
        version = replace(version, title=Text("Klein", "Small"))
        policies.put_in_force(version, valid_from=self.today - timedelta(days=400), door=self.door)

    def profile(self, customer: str, *, owner=None, team: str = "", deputy=None) -> None:
        row = models.Profile.objects.create(
            customer=models.Customer.objects.get(key=customer),
            sort="person",
            owner_id=owner.person_id if owner else None,
            owner_team=models.Team.objects.get(name=team) if team else None,
        )
        if deputy:
            row.deputies.add(deputy.person_id)
