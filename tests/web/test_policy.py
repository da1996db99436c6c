"""The pages of the policy: read, drafted by two people, replayed, put in force."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.db.staff import Staff
from tests.web.conftest import door

from vertrauenskonto.core.ledger.policy_file.toml import policy_to_toml
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import balances, policies, policy_drafts, policy_replays
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import policy_of_text, read_policy


@pytest.fixture
def lena(site):
    return site.signed_in("lena", "lead")


@pytest.fixture
def in_force(site):
    """Put the policy of a craftsman in force a year ago, with customers and entries."""
    staff = Staff(today=timezone.localdate() - timedelta(days=400))
    version = read_policy("craft").versions[-1]
    policies.put_in_force(version, valid_from=staff.today, door=staff.door)
    staff.policies = history()
    for name in ("promise_kept", "promise_broken_unannounced"):
        staff.booked(staff.customer(), name)
    staff.today = timezone.localdate()
    return staff


def drafted(name="Herbst"):
    """Begin a draft of what is in force as Lena, and return its number."""
    from vertrauenskonto.db.access import viewer  # noqa: PLC0415

    lead = models.Person.objects.get(key="p_lena")
    version = history().versions[-1]
    return policy_drafts.begin(
        viewer(lead.pk, channel="test"),
        version,
        name=name,
        begun_from=version.label,
        door=door(),
    )


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


class _Form(HTMLParser):
    """What the form in the middle of a page would send, and the errors at its fields."""

    def __init__(self, page):
        super().__init__()
        self.values, self.errors = {}, {}
        self._writes, self._says = None, None
        self.feed(page.partition("<main")[2].partition("</main>")[0])

    def handle_starttag(self, tag, found):
        told = dict(found)
        if tag == "textarea":
            self._writes = told["name"]
            self.values[self._writes] = ""
        elif tag == "input" and told.get("type") in ("checkbox", "radio"):
            if "checked" in told:
                self.values[told["name"]] = told.get("value", "on")
        elif tag == "input" and told.get("type") != "file" and "name" in told:
            self.values[told["name"]] = told.get("value", "")
        elif tag == "p" and told.get("class") == "error":
            self._says = told.get("id", "").removeprefix("id_").removesuffix("_error")

    def handle_data(self, data):
        if self._writes:
            self.values[self._writes] += data.removeprefix("\n")
        if self._says is not None:
            self.errors[self._says] = self.errors.get(self._says, "") + data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._writes = None
        elif tag == "p":
            self._says = None


def values(response):
    """Return what the form of a page would send, field by field."""
    return _Form(response.content.decode()).values


def errors(response):
    """Return what is said at the fields of a page's form."""
    return _Form(response.content.decode()).errors


def document(draft):
    row = models.PolicyDraft.objects.get(pk=draft)
    return row.revisions.get(revision=row.revision).document


def test_before_the_first_policy_the_starters_are_offered_and_one_comes_into_force(lena):
    page = lena.get("/regelwerk/")
    assert page.status_code == 200
    for name in ("Craft", "Mail order", "Insurance", "Energy", "Agency", "Software"):
        assert name in text(page)
    form = lena.get("/regelwerk/entwurf/?mit=starter:craft")
    begun = lena.post("/regelwerk/entwurf/", values(form))
    draft = models.PolicyDraft.objects.get()
    assert begun.headers["location"] == f"/regelwerk/entwurf/{draft.pk}/"
    # The same form again begins nothing.
    assert lena.post("/regelwerk/entwurf/", values(form)).status_code == 302
    assert models.PolicyDraft.objects.count() == 1
    assert lena.get(f"/regelwerk/entwurf/{draft.pk}/").status_code == 200
    force = f"/regelwerk/entwurf/{draft.pk}/in-kraft/"
    given = values(lena.get(force))
    refused = lena.post(force, given | {"reason": " "})
    assert refused.status_code == 200
    assert not models.PolicyVersion.objects.exists()
    assert lena.post(force, given).headers["location"] == "/regelwerk/"
    version = models.PolicyVersion.objects.get()
    assert (version.name, version.version, version.valid_from_date) == (
        "craft",
        1,
        timezone.localdate(),
    )
    draft.refresh_from_db()
    assert (draft.became, draft.without_replay) == (1, "First policy: there are no entries yet.")
    # Sent twice it is in force once.
    assert lena.post(force, given).headers["location"] == "/regelwerk/"
    assert models.PolicyVersion.objects.count() == 1


@pytest.mark.parametrize("role", ["lead", "analyst", "auditor"])
def test_who_may_see_drafts_reads_every_page_and_only_leads_change_them(site, in_force, role):
    lena = site.signed_in("lena", "lead")
    draft = drafted()
    lena.post(f"/regelwerk/entwurf/{draft}/probelauf/", {"what": "start"})
    browser = site.signed_in("otto", role) if role != "lead" else lena
    base = f"/regelwerk/entwurf/{draft}/"
    reading = [
        *("/regelwerk/", "/regelwerk/fassungen/", "/regelwerk/fassungen/1/", base),
        *("/regelwerk/fassungen/1/toml/", f"{base}arten/", f"{base}toml/"),
        *(f"{base}probelauf/jahr/", f"{base}probelauf/erster-tag/?von=above&nach=below"),
    ]
    for path in reading:
        assert browser.get(path).status_code == 200, path
    changing = [
        *("/regelwerk/entwurf/", f"{base}art/", f"{base}art/promise_kept/"),
        *(f"{base}art/promise_kept/entfernen/", f"{base}regeln/silence/"),
        *(f"{base}in-kraft/", f"{base}aufgaben/", f"{base}verwerfen/"),
    ]
    expected = 200 if role == "lead" else 403
    for path in changing:
        assert browser.get(path).status_code == expected, path
    if role != "lead":
        before = document(draft)
        for path in (*changing, f"{base}probelauf/", base):
            given = {"what": "start", "name": "x", "revision": "1"}
            assert browser.post(path, given).status_code == 403, path
        assert document(draft) == before


def test_contact_persons_do_not_see_the_policy(site, in_force):
    bob = site.signed_in("bob")
    assert bob.get("/regelwerk/").status_code == 403


def test_rules_are_changed_with_a_german_comma(site, in_force):
    lena = site.signed_in("lena", "lead", language="de")
    draft = drafted()
    path = f"/regelwerk/entwurf/{draft}/regeln/alarm/"
    given = values(lena.get(path))
    assert given["alarm__rearm_margin"] == "5"
    saved = lena.post(path, given | {"alarm__threshold": "−2,5", "alarm__rearm_margin": "1.000"})
    assert saved.headers["location"] == f"/regelwerk/entwurf/{draft}/"
    policy = policy_of_text(document(draft), name="x")
    assert policy.parameters.threshold == -2.5
    assert policy.parameters.rearm_margin == 1000
    page = text(lena.get(f"/regelwerk/entwurf/{draft}/"))
    assert "−2,5\u00a0Punkte" in page.replace("&nbsp;", "\u00a0") or "−2,5 Punkte" in page


@pytest.mark.parametrize(
    ("section", "field", "typed", "said"),
    [
        ("silence", "silence__grace_days", "20", "mindestens so lang sein wie der Abstand"),
        ("silence", "silence__grace_days", "1,5", "ganze Zahl"),
        ("silence", "silence__evidence_share", "120", "Anteil von 0 bis 100"),
        ("memory", "half_life_days__able__deposits", "nie mehr", "„never“"),
        ("alarm", "alarm__threshold", "viel", "Nötig ist eine Zahl."),
        ("alarm", "alarm__threshold", "1e5", "Nötig ist eine Zahl."),
        ("alarm", "alarm__rearm_margin", "-1", "ab 0"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_what_was_typed_is_kept(
    site, in_force, section, field, typed, said
):
    lena = site.signed_in("lena", "lead", language="de")
    draft = drafted()
    before = document(draft)
    path = f"/regelwerk/entwurf/{draft}/regeln/{section}/"
    answer = lena.post(path, values(lena.get(path)) | {field: typed})
    assert answer.status_code == 200
    assert said in errors(answer)[field]
    assert f'value="{typed}"' in text(answer)
    assert document(draft) == before


def test_a_kind_is_changed_added_and_retired(lena, in_force):
    draft = drafted()
    base = f"/regelwerk/entwurf/{draft}/"
    path = f"{base}art/promise_kept/"
    given = values(lena.get(path)) | {"able": "6.25", "assessable": "", "willing": "+1"}
    assert lena.post(path, given).headers["location"] == f"{base}arten/#promise_kept"
    new = {
        "name": "garden_tidied",
        "label_de": "Garten",
        "label_en": "Garden tidied",
        "why_de": "W",
        "why_en": "W",
        "able": "4",
        "contact": "on",
        "revision": "2",
    }
    assert lena.post(f"{base}art/", new).status_code == 302
    # Sent twice it is there once.
    assert lena.post(f"{base}art/", new).status_code == 302
    taken = lena.post(f"{base}art/", new | {"able": "5"})
    assert "already" in errors(taken)["name"]
    retired = lena.post(f"{base}art/site_left_clean/entfernen/", {"revision": "3"})
    assert retired.headers["location"] == f"{base}arten/"
    policy = policy_of_text(document(draft), name="x")
    assert policy.kinds["promise_kept"].points == {"willing": 1.0, "able": 6.25}
    assert policy.kinds["first_contact_promise_kept"].points == {"willing": 1.0, "able": 6.25}
    assert policy.kinds["garden_tidied"].points == {"able": 4.0}
    assert "site_left_clean" not in policy.kinds
    assert lena.get(f"{base}arten/").status_code == 200


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("umsatz_stark", "goal is trust"),
        ("repurchase", "outcome of trust"),
        ("voucher_given", "voucher"),
        ("Schöner Tag", "lower-case"),
    ],
)
def test_the_goal_guard_refuses_a_kind_and_nothing_changes(lena, in_force, name, said):
    draft = drafted()
    before = document(draft)
    given = {
        "name": name,
        "label_de": "x",
        "label_en": "x",
        "why_de": "x",
        "why_en": "x",
        "able": "4",
        "revision": "1",
    }
    answer = lena.post(f"/regelwerk/entwurf/{draft}/art/", given)
    assert said in errors(answer)["name"]
    assert document(draft) == before
    assert models.DraftRevision.objects.count() == 1


def test_a_file_that_reads_revenue_is_refused_with_its_line(lena, in_force):
    file = SimpleUploadedFile(
        "own.toml",
        policy_to_toml(history().versions[-1])
        .replace("[kinds.conversation]", '[columns]\nrevenue = "segment"\n\n[kinds.conversation]')
        .encode(),
    )
    given = values(lena.get("/regelwerk/entwurf/")) | {"name": "Eigenes", "origin": "file"}
    answer = lena.post("/regelwerk/entwurf/", given | {"file": file})
    assert re.search(r"Line \d+: .*goal is trust", errors(answer)["file"])
    assert "Eigenes" in text(answer)
    assert not models.PolicyDraft.objects.exists()
    for content in (b"\xff\xfe\x00", b"not toml [", b""):
        bad = SimpleUploadedFile("x.toml", content or b" ")
        answer = lena.post("/regelwerk/entwurf/", given | {"file": bad})
        assert answer.status_code == 200
        assert errors(answer)["file"]


def test_two_editors_see_what_the_other_changed_and_lose_nothing(site, lena, in_force):
    draft = drafted()
    path = f"/regelwerk/entwurf/{draft}/regeln/silence/"
    hers = values(lena.get(path))
    ludwig = site.signed_in("ludwig", "lead")
    his = values(ludwig.get(path))
    done = ludwig.post(path, his | {"silence__grace_days": "300", "silence__points": "3"})
    assert done.status_code == 302
    answer = lena.post(path, hers | {"silence__grace_days": "280", "silence__period_days": "70"})
    assert answer.status_code == 200
    said = errors(answer)
    assert list(said) == ["silence__grace_days"]
    assert "from '240' to '300'" in said["silence__grace_days"]
    again = values(answer)
    # Hers as she typed it, his where she had touched nothing.
    assert again["silence__grace_days"] == "280"
    assert again["silence__points"] == "3"
    assert again["silence__period_days"] == "70"
    assert policy_of_text(document(draft), name="x").parameters.silence.grace_days == 300
    assert lena.post(path, again).status_code == 302
    silence = policy_of_text(document(draft), name="x").parameters.silence
    assert (silence.grace_days, silence.period_days, silence.points) == (280, 70, 3.0)


def test_two_editors_of_different_kinds_do_not_meet(site, lena, in_force):
    draft = drafted()
    base = f"/regelwerk/entwurf/{draft}/art/"
    hers = values(lena.get(f"{base}promise_kept/"))
    ludwig = site.signed_in("ludwig", "lead")
    his = values(ludwig.get(f"{base}conversation/"))
    ludwig.post(f"{base}conversation/", his | {"able": "1"})
    answer = lena.post(f"{base}promise_kept/", hers | {"able": "6"}, follow=True)
    assert "Also changed meanwhile" in text(answer)
    kinds = policy_of_text(document(draft), name="x").kinds
    assert (kinds["conversation"].points, kinds["promise_kept"].points["able"]) == (
        {"able": 1.0},
        6,
    )


def test_a_kind_retired_by_another_comes_back_only_if_that_is_wanted(site, lena, in_force):
    draft = drafted()
    path = f"/regelwerk/entwurf/{draft}/art/site_left_clean/"
    hers = values(lena.get(path))
    site.signed_in("ludwig", "lead").post(f"{path}entfernen/", {"revision": "1"})
    answer = lena.post(path, hers | {"able": "9"})
    assert answer.status_code == 200
    assert "site_left_clean" not in policy_of_text(document(draft), name="x").kinds
    assert lena.post(path, values(answer)).status_code == 302
    assert policy_of_text(document(draft), name="x").kinds["site_left_clean"].points["able"] == 9


def test_rules_of_segments_survive_editing_the_general_ones(lena, in_force):
    policy = history().versions[-1]
    own = policy_to_toml(policy) + '\n[segments.b2b]\nlabel_de = "B"\nlabel_en = "B"\n'
    own += "[segments.b2b.alarm]\nthreshold = 8\n[segments.b2b.kinds.promise_kept]\nable = 7\n"
    file = SimpleUploadedFile("own.toml", own.encode())
    given = values(lena.get("/regelwerk/entwurf/")) | {"name": "Eigenes", "origin": "file"}
    lena.post("/regelwerk/entwurf/", given | {"file": file})
    draft = models.PolicyDraft.objects.get().pk
    for threshold in ("8", "1"):
        path = f"/regelwerk/entwurf/{draft}/regeln/alarm/"
        lena.post(path, values(lena.get(path)) | {"alarm__threshold": threshold})
        path = f"/regelwerk/entwurf/{draft}/art/promise_kept/"
        lena.post(path, values(lena.get(path)) | {"able": "7" if threshold == "8" else "3"})
    [segment] = policy_of_text(document(draft), name="x").segments
    assert segment.parameters.threshold == 8
    assert segment.kinds["promise_kept"].points["able"] == 7


def test_nothing_comes_into_force_without_a_replay_of_exactly_this_state(lena, in_force):
    draft = drafted()
    base = f"/regelwerk/entwurf/{draft}/"
    rules = f"{base}regeln/alarm/"
    lena.post(rules, values(lena.get(rules)) | {"alarm__threshold": "4"})
    assert "First work out the replay" in text(lena.get(f"{base}in-kraft/"))
    given = {"revision": "2", "valid_from": timezone.localdate().isoformat()}
    lena.post(f"{base}in-kraft/", given)
    assert models.PolicyVersion.objects.count() == 1
    assert lena.post(f"{base}probelauf/", {"what": "start"}).status_code == 302
    assert models.PolicyReplay.objects.get().state == "done"
    lena.post(rules, values(lena.get(rules)) | {"alarm__threshold": "5"})
    assert "out of date" in text(lena.get(base))
    lena.post(f"{base}in-kraft/", given | {"revision": "3"})
    assert models.PolicyVersion.objects.count() == 1
    lena.post(f"{base}probelauf/", {"what": "start"})
    answer = lena.post(f"{base}in-kraft/", given | {"revision": "3"})
    assert answer.headers["location"] == "/regelwerk/"
    assert history().versions[-1].parameters.threshold == 5
    assert models.PolicyVersion.objects.count() == 2
    page = text(lena.get("/regelwerk/fassungen/"))
    assert "Herbst" in page
    assert "Threshold" in page


def test_one_version_a_day_is_told_at_the_day(lena, in_force):
    for name, threshold in (("eins", "4"), ("zwei", "6")):
        draft = drafted(name)
        base = f"/regelwerk/entwurf/{draft}/"
        rules = f"{base}regeln/alarm/"
        lena.post(rules, values(lena.get(rules)) | {"alarm__threshold": threshold})
        lena.post(f"{base}probelauf/", {"what": "start"})
        given = {"revision": "2", "valid_from": timezone.localdate().isoformat()}
        answer = lena.post(f"{base}in-kraft/", given)
    assert answer.status_code == 200
    assert "choose a later day" in errors(answer)["valid_from"]
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = lena.post(f"{base}in-kraft/", given | {"valid_from": tomorrow, "opens_old": "on"})
    assert answer.status_code == 302
    assert models.Job.objects.filter(name="open_old_states").count() == 1
    assert "version" in text(lena.get("/regelwerk/"))


@pytest.mark.parametrize("box", ["", "on"])
def test_accounts_below_by_the_new_rules_open_duties_only_if_that_is_asked(lena, in_force, box):
    in_force.booked(in_force.customer(), "promise_kept")
    balances.bring_up(timezone.localdate(), history())
    draft = drafted()
    base = f"/regelwerk/entwurf/{draft}/"
    rules = f"{base}regeln/alarm/"
    lena.post(rules, values(lena.get(rules)) | {"alarm__threshold": "50"})
    lena.post(f"{base}probelauf/", {"what": "start"})
    before = models.Obligation.objects.count()
    given = {"revision": "2", "valid_from": timezone.localdate().isoformat(), "opens_old": box}
    assert lena.post(f"{base}in-kraft/", given).status_code == 302
    assert models.Balance.objects.filter(below_threshold=True).count() == 3
    assert (models.Obligation.objects.count() > before) == bool(box)


def test_the_capacity_is_kept_and_compared_with(lena, in_force):
    draft = drafted()
    base = f"/regelwerk/entwurf/{draft}/"
    lena.post(f"{base}probelauf/", {"what": "start"})
    assert lena.post(f"{base}aufgaben/", {"capacity": "3"}).status_code == 302
    assert "More than 3" in text(lena.get(base))
    assert lena.post(f"{base}aufgaben/", {"capacity": "-1"}).status_code == 200
    assert "More than 3" in text(lena.get(base))
    lena.post(f"{base}aufgaben/", {"capacity": ""})
    assert "More than" not in text(lena.get(base))


def test_a_running_replay_is_shown_and_can_be_stopped(lena, in_force, monkeypatch):
    monkeypatch.setattr(policy_replays, "AT_ONCE", 0)
    draft = drafted()
    base = f"/regelwerk/entwurf/{draft}/"
    lena.post(f"{base}probelauf/", {"what": "start"})
    assert "waits for its turn" in text(lena.get(base))
    models.PolicyReplay.objects.update(state="running", share=0.4)
    piece = lena.get(f"{base}probelauf/", headers={"HX-Request": "true"})
    assert 'value="40"' in text(piece)
    assert "<html" not in text(piece)
    lena.post(f"{base}probelauf/", {"what": "cancel"})
    assert "was stopped" in text(lena.get(base))
    over = lena.get(f"{base}probelauf/", headers={"HX-Request": "true"})
    assert over.headers["HX-Refresh"] == "true"


def test_a_draft_is_renamed_downloaded_and_discarded(lena, in_force):
    draft = drafted()
    base = f"/regelwerk/entwurf/{draft}/"
    assert lena.post(base, {"name": "Winter"}).status_code == 302
    assert "Winter" in text(lena.get("/regelwerk/"))
    file = lena.get(f"{base}toml/")
    assert (
        file.headers["content-disposition"] == f'attachment; filename="craft-entwurf-{draft}.toml"'
    )
    assert policy_of_text(file.content.decode(), name="x").name == "craft"
    assert lena.post(f"{base}verwerfen/").headers["location"] == "/regelwerk/"
    assert lena.post(f"{base}verwerfen/").headers["location"] == "/regelwerk/"
    assert lena.get(base).status_code == 404
    assert not models.DraftRevision.objects.exists()


def test_questions_per_page_do_not_grow_with_rows(lena, in_force):
    draft = drafted()
    in_force.booked(in_force.customer(), "promise_kept")
    base = f"/regelwerk/entwurf/{draft}/"
    rules = f"{base}regeln/alarm/"
    lena.post(rules, values(lena.get(rules)) | {"alarm__threshold": "5"})

    def asked(path):
        lena.get(path)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert lena.get(path).status_code == 200
        return len(captured)

    paths = [
        *("/regelwerk/", "/regelwerk/fassungen/", base, f"{base}arten/", f"{base}in-kraft/"),
        *(f"{base}probelauf/jahr/", rules, f"{base}art/promise_kept/"),
    ]
    lena.post(f"{base}probelauf/", {"what": "start"})
    few = {path: asked(path) for path in paths}
    for number in range(20):
        in_force.booked(in_force.customer(), "promise_kept")
        if number % 5 == 0:
            drafted(f"noch {number}")
    lena.post(f"{base}probelauf/", {"what": "start"})
    assert {path: asked(path) for path in paths} == few
    assert max(few.values()) <= 11, few
