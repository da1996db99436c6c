"""Set-up: rules in proportion, customers once, nobody in silence debt, alarms only if asked."""

from datetime import timedelta

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.core.errors import Denied, Invalid
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances, setting_up
from vertrauenskonto.db.actions.setting_up import OPENINGS
from vertrauenskonto.db.queries import setting_up as queries
from vertrauenskonto.db.queries.choices import choice
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy

HOLM = {"number": "4711", "name": "Gärtnerei Holm", "opening": "bewährt"}


def begin(staff, **given):
    answers = {
        "industry": "craft",
        "usual_days": 60,
        "go_live": staff.today,
        "with_openings": True,
        **given,
    }
    return setting_up.begin(SYSTEM, door=staff.door, **answers)


def test_the_starter_policy_is_put_in_force_with_silence_in_proportion(database):
    staff = Staff()
    version = begin(staff)
    shipped = read_policy("craft").versions[-1].parameters.silence
    silence = version.parameters.silence
    assert shipped.usual_contact_days == 120
    assert silence.usual_contact_days == 60
    assert silence.grace_days == round(shipped.grace_days / 2)
    assert silence.period_days == round(shipped.period_days / 2)
    assert set(OPENINGS) <= set(version.kinds)
    assert version.valid_from == staff.today - timedelta(days=400)
    assert choice("go_live_date") == staff.today.isoformat()


def test_answered_again_only_the_first_day_moves(database):
    staff = Staff()
    first = begin(staff)
    again = begin(
        staff, industry="software", usual_days=30, go_live=staff.today + timedelta(days=7)
    )
    assert again == first
    assert models.PolicyVersion.objects.count() == 1
    assert choice("go_live_date") == (staff.today + timedelta(days=7)).isoformat()


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"industry": "nonsense"}, "industry"),
        ({"usual_days": 0}, "usual_days"),
        ({"go_live": Staff().today + timedelta(days=5000)}, "go_live"),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_is_kept(database, given, field):
    with pytest.raises(Invalid) as refusal:
        begin(Staff(), **given)
    assert [problem.field for problem in refusal.value.problems] == [field]
    assert not models.PolicyVersion.objects.exists()
    assert choice("go_live_date") == ""


def test_a_lead_may_not_set_up(database):
    lead = Staff().person("lena", "lead")
    with pytest.raises(Denied):
        setting_up.begin(
            lead,
            industry="craft",
            usual_days=1,
            go_live=Staff().today,
            with_openings=False,
            door=Staff().door,
        )
    assert not models.PolicyVersion.objects.exists()


def test_a_list_opens_each_account_once_with_its_opening_balance(database):
    staff = Staff()
    begin(staff)
    rows = [HOLM, {"name": "Familie Brandt", "postcode": "10115", "opening": ""}, {"phone": ""}]
    entered = setting_up.enter(SYSTEM, rows, door=staff.door)
    assert (entered.opened, entered.known, entered.with_opening) == (2, 0, 1)
    assert [(p.code, p.line) for p in entered.problems] == [("nameless", 4)]
    again = setting_up.enter(SYSTEM, rows, door=staff.door)
    assert (again.opened, again.known, again.with_opening) == (0, 2, 0)
    assert models.Customer.objects.count() == 2
    [entry] = models.Entry.objects.all()
    assert (entry.kind, entry.willing, entry.contact) == ("opening_proven", 1000, False)
    told = queries.progress(SYSTEM)
    assert (told.customers, told.with_entries, told.without_entries) == (2, 1, 1)


def test_an_opening_balance_nobody_chose_or_knows_is_said_and_not_booked(database):
    staff = Staff()
    begin(staff, with_openings=False)
    entered = setting_up.enter(SYSTEM, [HOLM], door=staff.door)
    assert [p.code for p in entered.problems] == ["opening"]
    assert not models.Entry.objects.exists()


def test_nobody_starts_in_silence_debt(database):
    staff = Staff()
    begin(staff, with_openings=False)
    staff.policies = history()
    ada, ben = staff.customer(), staff.customer()
    long_ago = staff.today - timedelta(days=390)
    staff.booked(ada, "promise_kept", value_date=long_ago)
    staff.booked(ben, "promise_kept", value_date=staff.today)
    row = models.Balance.objects.get(customer__key=ada)
    assert row.silence > 0
    assert queries.progress(SYSTEM).silent_before == 1
    assert setting_up.forgive_silence(SYSTEM, go_live=staff.today, door=staff.door) == 1
    row.refresh_from_db()
    assert (row.silence, row.silence_charges) == (0, 0)
    assert setting_up.forgive_silence(SYSTEM, go_live=staff.today, door=staff.door) == 0
    # From going live on silence counts again.
    staff.later(300)
    balances.bring_up(staff.today, staff.policies)
    row.refresh_from_db()
    assert row.silence > 0


@pytest.mark.parametrize(("opens_old", "duties"), [(False, 0), (True, 1)])
def test_old_states_open_duties_only_if_asked(database, opens_old, duties):
    staff = Staff()
    begin(staff, with_openings=False, go_live=staff.today + timedelta(days=1))
    staff.policies = history()
    ada = staff.customer()
    staff.booked(ada, "promise_broken_unannounced")
    staff.later(1)
    balances.bring_up(staff.today, staff.policies)
    setting_up.finish(SYSTEM, opens_old=opens_old, door=staff.door)
    assert models.Obligation.objects.filter(closed_date=None).count() == duties
    assert choice("setup_step") == "done"
