"""The access report: everything held, what it counts and why, in three forms and two languages."""

import io
import json
from datetime import timedelta

import pytest
from pypdf import PdfReader
from tests.db.actions.test_privacy import SYSTEM, a_world, data_folder, pk_of  # noqa: F401
from tests.db.conftest import database, postgres_template, sqlite_template  # noqa: F401

from vertrauenskonto.core.errors import Denied, NotFound
from vertrauenskonto.db import access, models
from vertrauenskonto.db.actions import privacy, suspensions
from vertrauenskonto.db.queries.access_reports import access_report, gathered


def holm(world):
    key = world.customer()
    customer = models.Customer.objects.get(key=key)
    models.Profile.objects.create(customer=customer, sort="organisation", name="Gärtnerei <Holm>")
    models.Contact.objects.create(
        customer=customer, name="Maren Holm", email="maren@holm.example", address="Deich 4\nHamburg"
    )
    models.ExternalId.objects.create(customer=customer, system="shop", value="4711")
    world.booked(key, note="Frau Holm rief an")
    wrong = world.booked(key, "promise_broken_unannounced")
    world.booked(key, "", reverses=(wrong.source, wrong.source_id), reason="mistake")
    world.booked(key, "conversation")
    suspensions.suspend(
        key,
        key="s",
        starts=world.today,
        ends=None,
        reason="holiday",
        door=world.door,
        policies=world.policies,
    )
    endpoint = models.Endpoint.objects.create(
        url="https://crm.example/hook",
        secret="s",
        events=["entry.booked"],
        created_at=world.door.at,
    )
    models.Delivery.objects.create(
        endpoint=endpoint,
        key="m1",
        type="entry.booked",
        state="delivered",
        created_at=world.door.at,
        body={"data": {"entries": [{"customer": key}]}},
    )
    models.Reading.objects.create(
        read_at=world.door.at, actor="p", channel="web", customer=customer, what="statement"
    )
    return key


def report(key, form, language="de", *, world):
    return access_report(SYSTEM, key, form=form, language=language, as_of=world.today)


def test_it_says_of_every_entry_what_it_counts_today_and_why(database):  # noqa: F811
    world = a_world()
    key = holm(world)
    world.later(180)
    told = json.loads(report(key, "json", world=world))
    kept, broken, reversal, talk = told["entries"]
    assert kept["label"]["de"] == "promise_kept"
    assert kept["policy"] == "small/1"
    assert kept["note"] == "Frau Holm rief an"
    assert [(p["dimension"], p["points"], p["weight"]) for p in kept["parts"]] == [
        ("able", 5.0, 0.5),
        ("assessable", 2.0, 0.5),
    ]
    assert broken["status"]["en"] == "reversed: does not count"
    assert [p["weight"] for p in broken["parts"]] == [None, None]
    assert reversal["status"]["en"] == "reversal: voids an entry"
    assert talk["status"]["en"] == "without points; ends a silence"
    counted = sum(p["counts"] for e in told["entries"] for p in e["parts"] if p["counts"])
    charged = sum(c["counts"] for c in told["silence_charges"])
    assert told["evaluation"]["balance"] == pytest.approx(counted + charged)
    held = [datum["value"] for datum in told["identity"]]
    assert held == [
        "Gärtnerei <Holm>",
        {"de": "Organisation", "en": "organisation"},
        {"de": "Deutsch", "en": "German"},
        "Maren Holm",
        "maren@holm.example",
        "Deich 4, Hamburg",
        "4711",
        key,
    ]
    assert [(r["name"], r["times"]) for r in told["recipients"]] == [("crm.example", 1)]
    assert told["looked_at"] == {"statement": 1}


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_page_escapes_what_people_wrote_and_loads_nothing(database, language):  # noqa: F811
    world = a_world()
    key = holm(world)
    page = report(key, "html", language, world=world).decode()
    assert "Gärtnerei &lt;Holm&gt;" in page
    assert "<Holm>" not in page
    assert "http" not in page.replace("https://crm.example", "")
    assert "<script" not in page
    assert ("Ihre Rechte" if language == "de" else "Your rights") in page


def test_the_pdf_is_the_same_bytes_twice_and_says_what_the_page_says(database):  # noqa: F811
    world = a_world()
    key = holm(world)
    pdf = report(key, "pdf", world=world)
    assert pdf == report(key, "pdf", world=world)
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    for words in ("Auskunft zum Vertrauenskonto", "Gärtnerei <Holm>", "Frau Holm rief an", "4711"):
        assert words in text


@pytest.mark.parametrize("state", ["restricted", "objected"])
def test_without_an_evaluation_it_shows_what_is_stored_and_no_number(database, state):  # noqa: F811
    world = a_world()
    key = holm(world)
    if state == "restricted":
        privacy.restrict(SYSTEM, key, reason="accuracy_contested", door=world.door)
    else:
        privacy.object_to(SYSTEM, key, reason="personal_situation", door=world.door)
    told = json.loads(report(key, "json", world=world))
    assert (told["evaluation"], told["rules"], told["silence_charges"]) == (None, None, [])
    assert {p["counts"] for e in told["entries"] for p in e["parts"]} == {None}
    assert told["entries"][0]["status"]["en"] == "stored only, not evaluated"
    page = report(key, "html", world=world).decode()
    assert "wird nicht bewertet" in page
    assert "zählt heute" in page


def test_a_later_entry_counts_later(database):  # noqa: F811
    world = a_world()
    key = world.customer()
    world.booked(key, value_date=world.today + timedelta(days=3))
    [line] = gathered(SYSTEM, key, as_of=world.today).lines
    assert line.status.en == "lies ahead: does not count yet"


def test_without_a_policy_or_any_data_there_is_still_a_report(database):  # noqa: F811
    world = a_world()
    key = world.customer()
    page = report(key, "html", "en", world=world).decode()
    assert "Nothing is booked on this account." in page
    assert "no recipients are set up" in page


def test_who_may_not_lead_and_who_asks_for_an_erased_one_gets_none(database):  # noqa: F811
    world = a_world()
    key = holm(world)
    analyst = access.Viewer(actor="p", role="analyst", channel="web")
    with pytest.raises(Denied):
        gathered(analyst, access.pseudonym(key), as_of=world.today)
    for role in ("contact", "auditor"):
        with pytest.raises(Denied):
            gathered(access.Viewer(actor="c", role=role, channel="web"), key, as_of=world.today)
    privacy.erase(SYSTEM, key, reason="no_longer_needed", door=world.door)
    with pytest.raises(NotFound, match="erased"):
        gathered(SYSTEM, key, as_of=world.today)
