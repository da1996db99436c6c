"""The policy in each state worth looking at: drafted, replayed, being replayed, versions in force."""

from dataclasses import replace

from tests.browser.company import Company

from vertrauenskonto.core.ledger.kinds import first_contact_twin
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import policy_drafts, policy_replays
from vertrauenskonto.db.actions.choices import choose
from vertrauenskonto.db.queries.policies import history


def drafted(company: Company, *, name: str = "Stille ab Herbst") -> str:
    """Return the path of a draft that changes a few rules."""
    newest = history().versions[-1]
    lena = company.people["lena"]
    number = policy_drafts.begin(
        lena, changed(newest), name=name, begun_from=newest.label, door=company.staff.door
    )
    return f"/regelwerk/entwurf/{number}/"


def changed(policy: Policy) -> Policy:
    """Return rules under which silence costs more, and a broken promise too."""
    silence = replace(policy.parameters.silence, grace_days=120, points=6.0)
    parameters = replace(policy.parameters, silence=silence, threshold=5.0)
    kinds = dict(policy.kinds)
    broken = kinds["promise_broken_unannounced"]
    worse = replace(broken, points={"willing": -20.0, "able": -30.0})
    kinds |= {kind.name: kind for kind in (worse, first_contact_twin(worse))}
    del kinds["site_left_clean"]
    return replace(policy, parameters=parameters, kinds=kinds)


def replayed(company: Company) -> str:
    """Return the path of a draft that was replayed."""
    path = drafted(company, name="Schwelle fünf")
    choose("capacity_per_day", "2")
    policy_replays.start(company.people["lena"], number(path), door=company.staff.door)
    return path


def running(company: Company) -> str:
    """Return the path of a draft whose replay is half done."""
    path = drafted(company, name="Läuft noch")
    now = company.staff.door.at
    models.PolicyReplay.objects.create(
        draft_id=number(path),
        revision=1,
        compared=history().versions[-1].label,
        state="running",
        share=0.45,
        asked_at=now,
    )
    return path


def outdated(company: Company) -> str:
    """Return the path of a draft that was changed since its replay."""
    path = replayed(company)
    policy_drafts.save(
        company.people["lena"],
        number(path),
        {("alarm", "threshold"): 7},
        revision=1,
        door=company.staff.door,
    )
    return path


def number(path: str) -> int:
    return int(path.strip("/").rpartition("/")[2])
