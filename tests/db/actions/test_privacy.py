"""Restriction, objection, erasure, retention, and the log of reads, on both databases."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from time import sleep
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, connections, transaction
from django.db import models as django_models
from django.test.utils import CaptureQueriesContext
from tests.db.world import POLICY, World

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound, Text
from vertrauenskonto.core.ledger.policy import policy_history
from vertrauenskonto.db import access, exporting, models, personal, portable
from vertrauenskonto.db.actions import (
    customers,
    facts,
    matching,
    merging,
    notes,
    policies,
    privacy,
)
from vertrauenskonto.db.actions.customers import ContactData, Description
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.actions.matching import Record
from vertrauenskonto.db.erasing import forget_texts, marks
from vertrauenskonto.db.queries import privacy as queries
from vertrauenskonto.db.queries import seal as sealed

SYSTEM = access.installation("cli")


@pytest.fixture(autouse=True)
def data_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA", tmp_path / "data")
    return tmp_path / "data"


def a_world() -> World:
    policy = replace(POLICY, title=Text("Klein", "Small"))
    world = World(policies=policy_history(policy))
    policies.put_in_force(policy, valid_from=world.today, door=world.door)
    return world


def pk_of(key: str) -> int:
    return models.Customer.objects.get(key=key).pk


def balances() -> list[str]:
    return sorted(models.Balance.objects.values_list("customer__key", flat=True))


def test_a_restriction_takes_the_balance_away_and_lifting_it_brings_it_back(database):
    world = a_world()
    ada, ben = world.customer(), world.customer()
    world.booked(ada)
    world.booked(ben)
    before = models.Balance.objects.get(customer__key=ada).balance
    privacy.restrict(SYSTEM, ada, reason="accuracy_contested", door=world.door)
    assert balances() == [ben]
    assert queries.state(pk_of(ada)) == "restricted"
    state = privacy.lift(
        SYSTEM, ada, what="restricted", reason="accuracy_verified", door=world.door
    )
    assert (state, balances()) == ("normal", sorted([ada, ben]))
    assert models.Balance.objects.get(customer__key=ada).balance == before
    world.seal()
    assert sealed.verify().problems == ()


def test_an_entry_on_a_restricted_account_is_stored_but_brings_no_balance(database):
    world = a_world()
    ada = world.customer()
    privacy.restrict(SYSTEM, ada, reason="precaution", door=world.door)
    world.booked(ada)
    assert models.Entry.objects.filter(customer__key=ada).count() == 1
    assert balances() == []


def test_an_objection_outlives_a_restriction_that_came_after_it(database):
    world = a_world()
    ada = world.customer()
    privacy.object_to(SYSTEM, ada, reason="personal_situation", door=world.door)
    privacy.restrict(SYSTEM, ada, reason="objection_pending", door=world.door)
    assert queries.processing(SYSTEM, ada).standing == ("objected", "restricted")
    left = privacy.lift(SYSTEM, ada, what="restricted", reason="objection_decided", door=world.door)
    assert left == "objected"
    assert balances() == []
    left = privacy.lift(SYSTEM, ada, what="objected", reason="objection_withdrawn", door=world.door)
    assert left == "normal"


@pytest.mark.parametrize("role", ["contact", "analyst", "auditor"])
def test_who_may_not_lead_restricts_and_lifts_nothing(database, role):
    world = a_world()
    ada = world.customer()
    viewer = access.Viewer(actor="p", role=role, channel="web", person_id=None)
    with pytest.raises(Denied):
        privacy.restrict(viewer, ada, reason="precaution", door=world.door)
    with pytest.raises(Denied):
        privacy.lift(viewer, ada, what="objected", reason="objection_withdrawn", door=world.door)
    with pytest.raises(Denied):
        privacy.erase(viewer, ada, reason="objected", door=world.door)
    assert not models.Processing.objects.exists()


def test_wrong_reasons_and_states_are_refused_and_nothing_is_written(database):
    world = a_world()
    ada = world.customer()
    with pytest.raises(Invalid, match="accuracy_contested"):
        privacy.restrict(SYSTEM, ada, reason="accuracy_contestd", door=world.door)
    with pytest.raises(Conflict, match="nothing to lift"):
        privacy.lift(SYSTEM, ada, what="restricted", reason="accuracy_verified", door=world.door)
    with pytest.raises(NotFound):
        privacy.restrict(SYSTEM, "c_nobody", reason="precaution", door=world.door)
    assert not models.Processing.objects.exists()
    privacy.restrict(SYSTEM, ada, reason="precaution", door=world.door)
    with pytest.raises(Conflict, match="stands"):
        privacy.restrict(SYSTEM, ada, reason="precaution", door=world.door)
    assert models.Processing.objects.count() == 1


# ------------------------------------------------------------------------------------- erasure

TEXTS = (
    django_models.CharField,
    django_models.TextField,
    django_models.JSONField,
    django_models.BinaryField,
    django_models.FileField,
    django_models.GenericIPAddressField,
    django_models.UUIDField,
)


def text_columns(model) -> set[str]:
    return {f.name for f in model._meta.concrete_fields if isinstance(f, TEXTS)}


def test_every_column_that_can_hold_a_text_has_a_decision():
    ours = {
        model._meta.db_table: text_columns(model)
        for model in apps.get_app_config("vertrauenskonto").get_models()
    }
    decided = {table: set(columns) for table, columns in personal.DECISIONS.items()}
    assert {
        table: columns - decided.get(table, set())
        for table, columns in ours.items()
        if columns - decided.get(table, set())
    } == {}
    assert {
        table: columns - ours.get(table, set())
        for table, columns in decided.items()
        if columns - ours.get(table, set())
    } == {}


def test_a_column_that_erasure_empties_is_in_no_table_of_facts():
    for model in apps.get_app_config("vertrauenskonto").get_models():
        if issubclass(model, (models.Entry.__mro__[1], models.Transaction)):
            decided = personal.DECISIONS.get(model._meta.db_table, {})
            assert not {"erased", "searched"} & set(decided.values())


MARKER = "Quittenbaum-7f3a9b"
OTHER = "Ben Bleibt"


def plant_recovery(customer: models.Customer, text: str, key: str, world: World) -> None:
    """Fill every personal column of a recovery case."""
    case = models.Case.objects.create(
        key=f"r{key}",
        customer=customer,
        path="case",
        origin="hand",
        incident_date=world.today,
        incident=text,
        opened_at=world.door.at,
        opened_date=world.today,
        opened_by="p_a",
        number=key,
        state="open",
    )
    models.CaseStep.objects.create(
        case=case,
        on_date=world.today,
        written_at=world.door.at,
        actor="p_a",
        person="p_a",
        what="facts",
        words={"findings": text},
        survey=[text],
        number=key,
    )
    plant_relation(customer, text, key, world)


def plant_relation(customer: models.Customer, text: str, key: str, world: World) -> None:
    """Fill every personal column of an ended relationship, its rhythm and a handover."""
    written = {"written_at": world.door.at, "actor": "p_a", "number": key}
    day = world.today
    models.Ending.objects.create(
        customer=customer, on_date=day, reason=text, taken_back_reason=text, **written
    )
    models.Rhythm.objects.create(
        customer=customer, unit="days", every=7, agreed_date=day, agreed_with=text, **written
    )
    person, _ = models.Person.objects.get_or_create(key="p_h", email="h@example.org")
    handover = models.Handover.objects.create(
        key=f"h{key}",
        customer=customer,
        giver=person,
        successor=person,
        begun_at=world.door.at,
        begun_date=day,
        begun_by="p_a",
        number=key,
    )
    models.HandoverStep.objects.create(
        handover=handover, what="trusted_for", on_date=day, words=text, **written
    )


def plant_promises(customer, text, key, world) -> None:
    incident = models.Incident.objects.create(
        name=text,
        opened_at=world.door.at,
        opened_by="p_a",
        subject=text,
        text=text,
        subject_en=text,
        text_en=text,
        number=key,
    )
    words = dict.fromkeys(
        ("wording", "evidence", "depends_on", "told_whom", "place", "source_id"), text
    )
    promise = models.Promise.objects.create(
        key=f"p_{text[:30]}",
        sort="promise",
        customer=customer,
        incident=incident,
        made_at=world.door.at,
        due_at=world.door.at,
        zone="Europe/Berlin",
        state="open",
        source="web",
        **words,
    )
    models.PromiseStep.objects.create(
        promise=promise,
        at=world.door.at,
        written_at=world.door.at,
        actor="p_a",
        what="told",
        note=text,
    )
    message = models.CustomerMessage.objects.create(
        customer=customer,
        incident=incident,
        address=text,
        subject=text,
        text=text,
        drafted_at=world.door.at,
        drafter="p_a",
        number=key,
    )
    models.MessagePromise.objects.create(message=message, promise=promise)
    models.Candour.objects.create(
        key=f"o_{key}",
        customer=customer,
        sort="refusal",
        choice="no",
        answers={"what": text},
        on_date=world.today,
        written_at=world.door.at,
        actor="p_a",
        state="counts",
        remark=text,
        number=key,
    ).promises.add(promise)
    models.Consent.objects.create(
        customer=customer,
        sort="given",
        channel="email",
        purpose="offer",
        since_date=world.today,
        proof=text,
        written_at=world.door.at,
        actor="p_a",
        number=key,
    )
    models.ConsentBasis.objects.create(
        customer=customer,
        notice=text,
        presumed_interest=text,
        written_at=world.door.at,
        actor="p_a",
    )


def plant(world: World) -> tuple[str, str]:
    """Fill every personal column of every table for Ada; Ben stands beside her and stays."""
    ada, ben = world.customer(), world.customer()
    first = world.booked(ada, note=f"{MARKER} rief an")
    world.booked(ben, note=OTHER)
    entry = models.Entry.objects.get(source_id=first.source_id)
    attachment, contested = b"a" * 32, b"c" * 32
    with transaction.atomic():
        facts.write(
            [models.Evidence(entry=entry, commitment=attachment)],
            [
                models.Contest(
                    entry=entry,
                    state="comment",
                    recorded_date=world.today,
                    note_commitment=contested,
                )
            ],
            door=world.door,
        )
    binary = MARKER.encode()
    models.Attachment.objects.create(
        commitment=attachment, name=MARKER, media_type=MARKER, contents=binary, nonce=binary
    )
    models.Note.objects.create(commitment=contested, text=MARKER, nonce=binary)
    for key, text in ((ada, MARKER), (ben, OTHER)):
        customer = models.Customer.objects.get(key=key)
        models.Profile.objects.create(
            customer=customer,
            sort=text,
            name=text,
            search_name=text.casefold(),
            language=text[:2],
            is_prospect=True,
        )
        models.Contact.objects.create(
            customer=customer, **dict.fromkeys(text_columns(models.Contact), text)
        )
        models.NameWord.objects.create(customer=customer, word=text.casefold())
        models.ExternalId.objects.create(customer=customer, system="shop", value=text)
        shared = models.SharedDuty.objects.create(
            name=text, outcome=text, opened_date=world.today, due_date=world.today
        )
        duty = models.Obligation.objects.create(
            customer=customer, opened_date=world.today, due_date=world.today, shared=shared
        )
        models.Step.objects.create(
            obligation=duty, at=world.door.at, actor="p_a", what="left", reason=text
        )
        plant_promises(customer, text, key, world)
        plant_recovery(customer, text, key, world)
        models.Series.objects.create(
            customer=customer,
            wording=text,
            rhythm="weekly",
            first_date=world.today,
            made_at=world.door.at,
            number=key,
        )
        models.Proposal.objects.create(
            proposed_at=world.door.at,
            proposer="p_a",
            channel="web",
            customer=customer,
            source="web",
            source_id=text,
            draft={"note": text},
            state="declined",
            reason=text,
        )
        models.Unmatched.objects.create(
            source="mail",
            source_id=text,
            received_at=world.door.at,
            record={"name": text},
            draft={"note": text},
            candidates={key: ["email"]},
            sameness=text,
        )
        told = {"de": text, "en": text}
        models.ImportRun.objects.create(
            key=f"run-{key}",
            files=[text],
            file_hash="",
            size=1,
            error=told,
            created_at=world.door.at,
        )
        models.Source.objects.create(
            title="q", kind="sql", error=told, created_at=world.door.at, due_at=world.door.at
        )
        models.MailDraft.objects.create(
            fingerprint=key,
            received_at=world.door.at,
            sent_date=world.today,
            contents={"subject": text},
            candidates=[{"key": key, "by": [text]}],
        )
        models.Job.objects.create(
            name="mail", key=text, arguments={"to": [text]}, due_at=world.door.at
        )
        endpoint = models.Endpoint.objects.create(
            url="https://x.example", secret="s", events=[], created_at=world.door.at
        )
        models.Delivery.objects.create(
            endpoint=endpoint,
            key=f"m{key}",
            type="entry.booked",
            created_at=world.door.at,
            body={"data": {"entries": [{"customer": key, "customer_name": text}]}},
            attempts=[{"error": text}],
        )
        models.Delivery.objects.create(
            endpoint=endpoint,
            key=f"b{key}",
            type="entry.booked",
            created_at=world.door.at,
            body={
                "data": {"entries": [{"customer": ada}, {"customer": ben, "customer_name": OTHER}]}
            },
        )
    person = models.Person.objects.create(key="p_bob", email="bob@example.org", role="lead")
    models.ReadingsRequest.objects.create(
        asked_at=world.door.at, asker=person, purpose=MARKER, customer=entry.customer
    )
    token = models.Token.objects.create(
        name="t",
        prefix="p",
        secret_hash=b"s",
        scopes=[],
        person=person,
        created_at=world.door.at,
        expires_at=world.door.at,
    )
    models.Answer.objects.create(
        token=token,
        key=MARKER,
        request_hash=b"r",
        status=200,
        content=json.dumps({"name": MARKER}).encode(),
        content_type="x",
        answered_at=world.door.at,
        about=marks(ada.encode()),
    )
    models.Answer.objects.create(
        token=token,
        key="2",
        request_hash=b"r",
        status=200,
        content=b"\xff" + binary,
        content_type="x",
        answered_at=world.door.at,
        about=marks(f"{ben} {ada}".encode()),
    )
    return ada, ben


def everything_stored() -> str:
    """Return all rows of all tables of the database as one text, bytes as they are."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                for value in row:
                    told = (
                        bytes(value).decode("latin-1")
                        if isinstance(value, (bytes, memoryview))
                        else str(value)
                    )
                    found.append(f"{table}: {told}")
    return "\n".join(found).casefold()


def test_the_marker_stands_in_every_column_that_erasure_must_empty(database):
    world = a_world()
    plant(world)
    stored = {}
    for model in apps.get_app_config("vertrauenskonto").get_models():
        for name, decision in personal.DECISIONS.get(model._meta.db_table, {}).items():
            if decision in ("erased", "searched"):
                values = [
                    bytes(v).decode("latin-1")
                    if isinstance(v, (bytes, memoryview))
                    else json.dumps(v)
                    for v in model._default_manager.values_list(name, flat=True)
                ]
                stored[f"{model._meta.db_table}.{name}"] = any(
                    MARKER[:2].casefold() in v.casefold() for v in values
                )
    empty = [column for column, planted in stored.items() if not planted]
    # Candidates are keys of customers.
    assert empty == ["unmatched.candidates"]


def test_after_erasure_no_byte_of_the_person_is_left_and_the_seal_holds(database, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    world = a_world()
    ada, ben = plant(world)
    world.seal()
    assert MARKER.casefold() in everything_stored()
    caplog.clear()

    done = privacy.erase(SYSTEM, ada, reason="no_longer_needed", door=world.door)

    assert done.is_scrubbed
    left = [line for line in everything_stored().splitlines() if MARKER.casefold() in line]
    assert left == []
    assert queries.state(pk_of(ada)) == "erased"
    assert balances() == [ben]
    assert models.Entry.objects.filter(customer__key=ada).count() == 1
    world.seal()
    assert sealed.verify().problems == ()
    assert MARKER not in caplog.text.replace(str(tmp_path), "")
    if database == "sqlite":
        marks = (MARKER.encode(), MARKER.casefold().encode())
        for file in tmp_path.glob("ledger.sqlite3*"):
            assert not any(mark in file.read_bytes() for mark in marks), file.name


def test_erasing_one_customer_leaves_the_other_whole(database):
    world = a_world()
    ada, ben = plant(world)
    privacy.erase(SYSTEM, ada, reason="objected", door=world.door)
    assert models.Profile.objects.get().name == OTHER
    assert models.Contact.objects.get().email == OTHER
    assert models.ExternalId.objects.get().value == OTHER
    assert models.Note.objects.get().text == OTHER
    assert models.Proposal.objects.get().source_id == OTHER
    assert models.Unmatched.objects.get().candidates == {ben: ["email"]}
    assert models.Job.objects.filter(name="mail").get().key == OTHER
    told = [
        entry
        for body in models.Delivery.objects.values_list("body", flat=True)
        for entry in body["data"]["entries"]
    ]
    assert told == [{"customer": ben, "customer_name": OTHER}] * 3


def test_an_erased_customer_cannot_be_erased_restricted_or_brought_back(database):
    world = a_world()
    ada = world.customer()
    privacy.erase(SYSTEM, ada, reason="unlawful", door=world.door)
    for again in (
        lambda: privacy.erase(SYSTEM, ada, reason="unlawful", door=world.door),
        lambda: privacy.restrict(SYSTEM, ada, reason="precaution", door=world.door),
        lambda: privacy.object_to(SYSTEM, ada, reason="no_reason_given", door=world.door),
        lambda: privacy.lift(
            SYSTEM, ada, what="objected", reason="objection_withdrawn", door=world.door
        ),
    ):
        with pytest.raises(Conflict):
            again()
    assert models.Processing.objects.count() == 1


def test_who_was_erased_is_erased_again_after_an_older_backup_came_back(
    database, data_folder, tmp_path
):
    world = a_world()
    ada, _ = plant(world)
    # The data folder remembers Ada from before; the database is the older one, where she is whole.
    privacy.remember_erased(also=[ada, "c_of_another_time"])
    assert privacy.remembered_erased() == tuple(sorted([ada, "c_of_another_time"]))
    assert privacy.erase_again(privacy.remembered_erased(), door=world.door) == 1
    assert MARKER.casefold() not in everything_stored()
    assert queries.erased_keys() == (ada,)
    assert privacy.erase_again(privacy.remembered_erased(), door=world.door) == 0
    world.seal()
    assert sealed.verify().problems == ()


# ------------------------------------------------------------------------------------ retention


def at_work(world: World) -> Door:
    return Door(actor="system", channel="work", at=world.door.at, today=world.today)


def written_before(world: World, days: int = 10) -> None:
    """Let something have been written some days ago, so that the clock can be believed."""
    earlier = replace(world.door, at=world.door.at - timedelta(days=days))
    customers.open_accounts(1, door=earlier)


def test_a_clock_set_far_forward_deletes_nothing(database):
    world = a_world()
    world.booked(world.customer(), note="alt")
    kept = models.Note.objects.count()
    world.later(4000)
    assert queries.is_clock_doubtful(world.door.at)
    assert privacy.retain(world.today, world.door.at) == {}
    world.booked(world.customer())
    assert privacy.retain(world.today, world.door.at) == {}, "one booking by the same clock"
    assert models.Note.objects.count() == kept
    world.later(8)
    assert privacy.retain(world.today, world.door.at)["notes"] == kept


def test_a_new_installation_and_one_in_use_have_a_clock_to_believe(database):
    world = a_world()
    assert not queries.is_clock_doubtful(world.door.at)
    world.customer()
    assert not queries.is_clock_doubtful(world.door.at + timedelta(days=44))
    assert queries.is_clock_doubtful(world.door.at + timedelta(days=46))


def test_what_was_kept_long_enough_is_forgotten_by_the_clock(database):
    world = a_world()
    ada = world.customer()
    world.booked(ada, note="alt")
    customer = models.Customer.objects.get(key=ada)
    old = world.door.at - timedelta(days=184)
    for at in (old, world.door.at):
        models.Reading.objects.create(
            read_at=at, actor="p", channel="web", customer=customer, what="list"
        )
        models.Unmatched.objects.create(
            source="s", source_id=str(at), received_at=at, record={}, candidates={}
        )
        models.Proposal.objects.create(
            proposed_at=at,
            proposer="p",
            channel="web",
            customer=customer,
            source="w",
            source_id=str(at),
            draft={},
            state="declined",
            decided_at=at,
        )
    done = privacy.retain(world.today, world.door.at)
    assert done == {
        "readings": 1,
        "deliveries": 0,
        "jobs": 0,
        "proposals": 1,
        "unmatched": 1,
        "import_files": 0,
        "mail_drafts": 0,
        "notes": 0,
        "obligations": 0,
        "recovery": 0,
    }
    assert (
        models.Reading.objects.count(),
        models.Unmatched.objects.count(),
        models.Proposal.objects.count(),
        models.Note.objects.count(),
    ) == (1, 1, 1, 1)
    world.later(1097)
    written_before(world)
    assert privacy.retain(world.today, world.door.at)["notes"] == 1
    world.seal()
    assert sealed.verify().problems == ()


def test_prospects_and_closed_accounts_are_erased_only_where_the_company_chose_a_time(database):
    world = a_world()
    ada, ben, closed = world.customer(), world.customer(), world.customer()
    for key, is_prospect in ((ada, True), (ben, False), (closed, False)):
        models.Profile.objects.create(
            customer_id=pk_of(key), sort="person", name="x", is_prospect=is_prospect
        )
    world.booked(ada)
    row = models.Suspension(
        customer_id=pk_of(closed),
        key="end",
        starts_date=world.today,
        recorded_date=world.today,
        reason="closed",
    )
    row.customer = models.Customer.objects.get(key=closed)
    with transaction.atomic():
        facts.write([row], door=world.door)
    world.later(400)
    written_before(world)
    assert "prospects" not in privacy.retain(world.today, world.door.at)
    assert queries.erased_keys() == ()
    privacy.keep(SYSTEM, "prospects", days=365)
    privacy.keep(SYSTEM, "closed_accounts", days=399)
    done = privacy.retain(world.today, world.door.at)
    assert (done["prospects"], done["closed_accounts"]) == (1, 1)
    assert queries.erased_keys() == tuple(sorted([ada, closed]))
    assert privacy.retain(world.today, world.door.at)["prospects"] == 0


def test_a_restricted_account_is_not_erased_by_the_clock(database):
    world = a_world()
    ada = world.customer()
    models.Profile.objects.create(customer_id=pk_of(ada), sort="person", name="x", is_prospect=True)
    privacy.restrict(SYSTEM, ada, reason="needed_for_claims", door=world.door)
    privacy.keep(SYSTEM, "prospects", days=30)
    world.later(40)
    assert privacy.retain(world.today, world.door.at)["prospects"] == 0
    assert models.Profile.objects.count() == 1


def test_retention_rules_are_chosen_by_administrators_and_say_what_is_wrong(database):
    lead = access.Viewer(actor="p", role="lead", channel="web")
    with pytest.raises(Denied):
        privacy.keep(lead, "readings", days=30)
    with pytest.raises(Invalid, match="readings"):
        privacy.keep(SYSTEM, "reading", days=30)
    with pytest.raises(Invalid, match="at least 1"):
        privacy.keep(SYSTEM, "readings", days=0)
    privacy.keep(SYSTEM, "readings", days=90)
    privacy.keep(SYSTEM, "notes", days=None)
    days = {rule.name: rule.days for rule in queries.retention()}
    assert (days["readings"], days["notes"], days["jobs"]) == (90, None, 30)


def test_a_backup_and_an_export_made_after_the_erasure_hold_nothing_of_the_person(
    database, tmp_path
):
    world = a_world()
    ada, _ = plant(world)
    made: Any = {"made_at": world.door.at}
    before = tmp_path / "before.zip"
    portable.backup(before, version="1", **made)
    privacy.erase(SYSTEM, ada, reason="no_longer_needed", door=world.door)
    world.seal()
    after = tmp_path / "after.zip"
    portable.backup(after, version="1", **made)
    for form in ("csv", "ndjson"):
        exporting.export(tmp_path / form, form=form, language="de", **made)
    told = [
        path.read_bytes()
        for form in ("csv", "ndjson")
        for path in (tmp_path / form).rglob("*")
        if path.is_file()
    ]
    assert marked(unzipped(before))
    assert not marked(unzipped(after))
    assert not marked(told)


def unzipped(path) -> list[bytes]:
    with ZipFile(path) as archive:
        return [archive.read(name) for name in archive.namelist()]


def marked(contents) -> bool:
    """Tell whether the marker stands anywhere, as text or as the hex of its bytes."""
    marks = (MARKER.casefold().encode(), MARKER.encode().hex().encode())
    return any(mark in content.lower() for content in contents for mark in marks)


# ------------------------------------------------------------------- whose a text is, and whose not


def named(key: str, name: str, *, email: str = "", ids: tuple[tuple[str, str], ...] = ()) -> None:
    customers.describe(
        SYSTEM,
        key,
        Description(
            name=name,
            contacts=(ContactData(email=email, phone="040 123456"),) if email else (),
            ids={system: [value] for system, value in ids},
        ),
    )


def waits(world: World, number: int, candidates, draft=None, **record) -> None:
    models.Unmatched.objects.create(
        source="desk",
        source_id=f"d{number}",
        received_at=world.door.at,
        record={"source": "desk", "source_id": f"d{number}", **record},
        draft=draft,
        candidates=[{"key": key, "by": ["email"]} for key in candidates],
        sameness=str(number),
    )


def test_erasing_somebody_leaves_what_waits_for_others_of_her_name_or_number(database):
    world = a_world()
    anna, other, third = world.customer(), world.customer(), world.customer()
    named(anna, "Anna Schmidt", email="buero@example.org", ids=(("shop", "123456"),))
    named(other, "Anna Schmidt")
    named(third, "Ben Holm", email="BUERO@example.org")
    waits(world, 1, [other], name="Anna Schmidt")
    waits(world, 2, [other], name="x", ids={"crm": "123456"})
    waits(world, 3, [other], name="x", ids={"shop": "91234567"})
    waits(world, 4, [anna, third], name="Ben Holm", email="buero@example.org")
    note = "Kunde 1234567 rief an, Anna Schmidt auch"
    waits(world, 5, [other], {"kind": "conversation", "note": note}, name="x")
    waits(world, 6, [other], {"kind": "conversation", "note": "an Buero@example.org"}, name="x")
    before = {row.source_id: row for row in models.Unmatched.objects.all()}
    privacy.erase(SYSTEM, anna, reason="objected", door=world.door)
    after = {row.source_id: row for row in models.Unmatched.objects.all()}
    assert set(after) == set(before)
    for name in ("d1", "d2", "d3", "d5"):
        assert after[name].record == before[name].record, name
        assert after[name].candidates == before[name].candidates, name
        assert after[name].draft == before[name].draft, name
    assert after["d4"].candidates == [{"key": third, "by": ["email"]}]
    assert after["d4"].record == before["d4"].record, "the address is Ben's as well"
    assert after["d6"].draft == {"kind": "conversation"}, "only the note told of her"


def test_erasing_somebody_deletes_what_waits_and_is_certainly_hers(database):
    world = a_world()
    anna, other = world.customer(), world.customer()
    named(anna, "Anna Schmidt", email="anna@example.org", ids=(("shop", "123456"),))
    named(other, "Ben Holm")
    waits(world, 1, [anna, other], name="x", ids={"shop": " 123456 "})
    waits(world, 2, [anna, other], name="Schmidt", email="x@example.org")
    waits(world, 3, [anna, other], name="ANNA  Schmidt")
    waits(world, 4, [anna], name="Anni")
    waits(world, 5, [], email="Anna@Example.org")
    waits(world, 6, [], phone="+49 (0)40 123-456")
    privacy.erase(SYSTEM, anna, reason="objected", door=world.door)
    assert list(models.Unmatched.objects.values_list("source_id", flat=True)) == ["d2"]
    assert models.Unmatched.objects.get().candidates == [{"key": other, "by": ["email"]}]


def test_erasing_somebody_leaves_jobs_and_messages_of_others_of_her_name_or_number(database):
    world = a_world()
    anna, ben = world.customer(), world.customer()
    named(anna, "Anna Schmidt", email="anna@example.org", ids=(("shop", "123456"),))
    endpoint = models.Endpoint.objects.create(
        url="https://x.example", secret="s", events=[], created_at=world.door.at
    )
    for number, told in enumerate(("Anna Schmidt", "123456", "joanna@example.org", anna[:-1])):
        models.Job.objects.create(
            name="mail", key=f"{number}", arguments={"to": told}, due_at=world.door.at
        )
        models.Delivery.objects.create(
            endpoint=endpoint,
            key=f"m{number}",
            type="entry.booked",
            created_at=world.door.at,
            body={"data": {"entries": [{"customer": ben, "customer_name": told}]}},
        )
    for number, told in enumerate((anna, "an <Anna@Example.org>.", "0049 40 123456")):
        models.Job.objects.create(
            name="mail", key=f"hers{number}", arguments={"to": [told]}, due_at=world.door.at
        )
    privacy.erase(SYSTEM, anna, reason="objected", door=world.door)
    kept = models.Job.objects.filter(name="mail").order_by("pk")
    assert list(kept.values_list("key", flat=True)) == ["0", "1", "2", "3"]
    assert models.Delivery.objects.count() == 4


def test_several_are_erased_in_one_look_through_messages_and_jobs(database):
    world = a_world()
    for _ in range(4):
        models.Profile.objects.create(
            customer_id=pk_of(world.customer()), sort="person", name="x", is_prospect=True
        )
    privacy.keep(SYSTEM, "prospects", days=30)
    world.later(40)
    with CaptureQueriesContext(connection) as caught:
        assert privacy.retain(world.today, world.door.at)["prospects"] == 4
    looks = [q["sql"] for q in caught if q["sql"].startswith("SELECT") and 'FROM "job"' in q["sql"]]
    # PostgreSQL reads them with a cursor that is not among the statements.
    assert len(looks) == (database == "sqlite")
    assert len(queries.erased_keys()) == 4


def test_old_entries_whose_notes_are_gone_are_not_read_again(database):
    world = a_world()
    ada = world.customer()
    for note in ("eins", "zwei", ""):
        world.booked(ada, note=note)
    old = models.Entry.objects.values("pk")
    assert forget_texts(old) == 2
    with CaptureQueriesContext(connection) as caught:
        assert forget_texts(old) == 0
    assert not [q["sql"] for q in caught if q["sql"].startswith("DELETE")]
    assert all("EXISTS" in q["sql"] for q in caught if q["sql"].startswith("SELECT"))


# ---------------------------------------------------------------------- erased while others write


def while_erased(world: World, key: str, write):
    """Return what a writer says who comes while a customer is being erased."""

    def late():
        try:
            return write()
        except Conflict as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            privacy.erase(SYSTEM, key, reason="objected", door=world.door)
            done = pool.submit(late)
            # So long that the writer has read what it reads before it waits.
            sleep(0.5)
        return done.result(timeout=60)


def names_left() -> list[int]:
    tables = (models.Profile, models.Contact, models.ExternalId, models.Attachment, models.Note)
    return [table.objects.count() for table in tables]


def test_nobody_is_described_while_being_erased(database):
    world = a_world()
    ada = world.customer()
    named(ada, "Ada")
    said = while_erased(world, ada, lambda: named(ada, "Ada", ids=(("shop", "1"),)))
    assert isinstance(said, Conflict)
    assert names_left() == [0, 0, 0, 0, 0]


def test_a_record_that_named_who_is_being_erased_names_somebody_new(database):
    world = a_world()
    ada = world.customer()
    named(ada, "Ada", ids=(("shop", "1"),))
    record = Record(source="shop", source_id="r", ids={"shop": "1", "crm": "2"})
    [said] = while_erased(world, ada, lambda: matching.resolve([record], door=world.door))
    assert said.status == "opened"
    assert said.key != ada
    assert not models.ExternalId.objects.filter(customer__key=ada).exists()


def test_nothing_is_attached_to_who_is_being_erased_under_another_name(database):
    world = a_world()
    ada, ben = world.customer(), world.customer()
    draft = world.booked(ada)
    merging.merge(SYSTEM, ada, ben, door=world.door, policies=world.policies)

    def attach():
        return notes.attach(
            SYSTEM,
            (draft.source, draft.source_id),
            name="brief.pdf",
            media_type="application/pdf",
            contents=b"%PDF",
            door=world.door,
        )

    assert isinstance(while_erased(world, ben, attach), Conflict)
    assert names_left() == [0, 0, 0, 0, 0]
    assert models.Evidence.objects.count() == 0


def test_sqlite_is_told_to_overwrite_what_is_deleted_whatever_it_was_built_with(database):
    if database == "postgresql":
        pytest.skip("a setting of SQLite")
    # Some builds do it of themselves, so that the files alone would not show a missing setting.
    assert "PRAGMA secure_delete=ON" in connection.settings_dict["OPTIONS"]["init_command"]
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        assert cursor.fetchone() == (1,)
