"""Set-up: rules in proportion, customers once, nobody in silence debt, alarms only if asked."""

from datetime import timedelta

import pytest
from tests.db.staff import SYSTEM, Staff

from vertrauenskonto.cli.jobs import bring_up
from vertrauenskonto.cli.moment import Moment
from vertrauenskonto.core.errors import Denied, Invalid
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances, going_live, policy_drafts, setting_up, suspensions
from vertrauenskonto.db.actions.setting_up import OPENINGS
from vertrauenskonto.db.queries import preview
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


def test_nobody_starts_in_silence_debt_however_late_their_past_comes_in(database):
    staff = Staff()
    live = staff.today - timedelta(days=10)
    begin(staff, with_openings=False, go_live=live)
    staff.policies = history()
    ada, ben, cem = (staff.customer() for _ in range(3))

    def rests(key):
        rows = models.Suspension.objects.filter(customer__key=key).order_by("pk")
        return list(rows.values_list("key", "starts_date", "ends_date"))

    def silence(key):
        return models.Balance.objects.get(customer__key=key).silence

    days = [staff.today - timedelta(days=n) for n in (390, 500, 395)]
    # As when a file is imported in parts: further back, and again within what rests already.
    for day in days:
        staff.booked(ada, "promise_kept", value_date=day)
        assert silence(ada) == 0
    first = ("before-going-live", days[0], live)
    assert rests(ada) == [first, (f"before-going-live-{days[1].isoformat()}", days[1], live)]
    staff.booked(ben, "promise_kept", value_date=live)
    assert rests(ben) == []
    # Many at once are valued another way.
    many = [staff.customer() for _ in range(balances.MANY)]
    staff.book(*(staff.draft(key, "promise_kept", value_date=days[0]) for key in many))
    assert {silence(key) for key in many} == {0}
    assert not models.Obligation.objects.exists()
    assert queries.progress(SYSTEM).silent_before == 0
    # What is booked in the future of a day of going live to come rests until then, too.
    later = staff.today + timedelta(days=300)
    begin(staff, go_live=later)
    staff.booked(cem, "promise_kept")
    assert rests(cem) == [("before-going-live", staff.today, later)]


def test_rests_follow_the_day_of_going_live_when_it_moves(database):
    staff = Staff()
    first = staff.today + timedelta(days=10)
    begin(staff, with_openings=False, go_live=first)
    staff.policies = history()
    ada, ben = staff.customer(), staff.customer()
    long_ago, early = staff.today - timedelta(days=390), staff.today + timedelta(days=5)
    staff.booked(ada, "promise_kept", value_date=long_ago)

    def rests(key):
        rows = models.Suspension.objects.filter(customer__key=key).order_by("pk")
        return list(rows.values_list("key", "starts_date", "ends_date", "recorded_date"))

    def silence():
        return models.Balance.objects.get(customer__key=ada).silence

    name, made = "before-going-live", staff.today
    # Earlier on the very day: a rest has one version a day, so the page says that it follows.
    earlier = staff.today - timedelta(days=300)
    begin(staff, go_live=earlier)
    assert rests(ada) == [(name, long_ago, first, made)]
    assert (queries.progress(SYSTEM).left_behind, silence()) == (1, 0)
    staff.later(1)
    bring_up({}, Moment(now=staff.door.at, today=staff.today))
    assert rests(ada)[1:] == [(name, long_ago, earlier, staff.today)]
    assert queries.progress(SYSTEM).left_behind == 0
    assert silence() > 0
    assert going_live.follow(staff.policies, door=staff.door) == 0
    # Later again, on another day: at once, and nobody else's rests change.
    staff.later(1)
    suspensions.rest(
        SYSTEM,
        ben,
        name="at_request",
        starts=made,
        ends=early,
        reason="wish",
        door=staff.door,
        policies=staff.policies,
    )
    begin(staff, go_live=first)
    assert rests(ada)[2:] == [(name, long_ago, first, staff.today)]
    assert (queries.progress(SYSTEM).left_behind, silence()) == (0, 0)
    assert len(rests(ben)) == 1


def test_a_rest_that_begins_after_going_live_ends_as_soon_as_it_can(database):
    staff = Staff()
    begin(staff, with_openings=False, go_live=staff.today + timedelta(days=10))
    staff.policies = history()
    ada = staff.customer()
    began = staff.today
    staff.booked(ada, "promise_kept")
    staff.later(1)
    going_live.move(began - timedelta(days=30), door=staff.door)
    newest = models.Suspension.objects.latest("pk")
    assert (newest.starts_date, newest.ends_date) == (began, began + timedelta(days=1))
    assert queries.progress(SYSTEM).left_behind == 0
    assert going_live.follow(staff.policies, door=staff.door) == 0


def test_a_look_ahead_says_what_booking_the_past_will_do(database):
    staff = Staff()
    begin(staff, with_openings=False, go_live=staff.today - timedelta(days=10))
    staff.policies = history()
    ada = staff.customer()
    for days in (390, 500):
        draft = staff.draft(ada, "promise_kept", value_date=staff.today - timedelta(days=days))
        shown = preview.preview(SYSTEM, draft, policies=staff.policies, today=staff.today)
        staff.book(draft)
        stored = models.Balance.objects.get(customer__key=ada)
        assert shown.after.valuation.silence == stored.silence == 0
        assert shown.after.valuation.balance == pytest.approx(stored.balance)


def test_what_was_booked_before_the_set_up_is_spared_on_demand(database):
    staff = Staff()
    staff.policy()
    ada, ben = staff.customer(), staff.customer()
    long_ago = staff.today - timedelta(days=390)
    staff.booked(ada, "promise_kept", value_date=long_ago)
    staff.booked(ben, "promise_kept", value_date=staff.today)
    begin(staff, with_openings=False)
    row = models.Balance.objects.get(customer__key=ada)
    assert row.silence > 0
    # One entry more changes nothing else about an account that began before.
    staff.booked(ada, "promise_kept", value_date=long_ago)
    row.refresh_from_db()
    assert (row.silence > 0, models.Suspension.objects.count()) == (True, 0)
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


def test_the_rehearsal_asked_for_again_is_the_same_draft_until_somebody_changes_it(database):
    staff = Staff()
    begin(staff, with_openings=False)
    staff.policies = history()
    lead = staff.person("lena", "lead")
    staff.booked(staff.customer(), "promise_kept")
    door = staff.door_of(lead)
    drafts = {setting_up.rehearse(lead, name="Probelauf", door=door) for _ in "123"}
    assert len(drafts) == models.PolicyDraft.objects.count() == 1
    [draft] = drafts
    models.PolicyReplay.objects.update(state="running", run="of somebody")
    assert setting_up.rehearse(lead, name="Probelauf", door=door) == draft
    assert models.PolicyReplay.objects.get().run == "of somebody"
    # A draft that was worked on is somebody's work; the rules in force get one of their own.
    path = ("kinds", "promise_kept", "able")
    policy_drafts.save(lead, draft, {path: 3.0}, revision=1, door=door)
    assert setting_up.rehearse(lead, name="Probelauf", door=door) != draft
    assert models.PolicyDraft.objects.count() == 2
