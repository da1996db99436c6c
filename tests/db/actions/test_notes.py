"""Attachments are bound to the log, and erasing one leaves the log whole."""

import pytest
from tests.db.world import World

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound
from vertrauenskonto.core.ledger.seal import file_commitment
from vertrauenskonto.db import models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import privacy
from vertrauenskonto.db.actions.notes import BYTES_MAX, attach
from vertrauenskonto.db.queries.seal import verify


def attached(world, draft, name="brief.pdf", contents=b"%PDF", media_type="application/pdf"):
    return attach(
        installation("test"),
        (draft.source, draft.source_id),
        name=name,
        media_type=media_type,
        contents=contents,
        door=world.door,
    )


def test_a_file_is_bound_by_a_commitment_and_stays_erasable(database):
    world = World()
    draft = world.booked(world.customer())
    bound = attached(world, draft)
    row = models.Attachment.objects.get()
    assert bytes(models.Evidence.objects.get().commitment) == bound
    assert bound == file_commitment(bytes(row.nonce), "brief.pdf", "application/pdf", b"%PDF")
    row.delete()
    world.seal()
    assert verify().problems == ()


def test_the_same_file_again_is_kept_once(database):
    world = World()
    draft = world.booked(world.customer())
    assert attached(world, draft) == attached(world, draft)
    assert attached(world, draft, contents=b"%PDF other") != attached(world, draft)
    assert (models.Evidence.objects.count(), models.Attachment.objects.count()) == (2, 2)


def test_what_is_no_file_or_belongs_to_no_entry_is_refused(database):
    world = World()
    draft = world.booked(world.customer())
    with pytest.raises(NotFound, match="no entry 'ghost'"):
        attached(world, world.draft(draft.customer, source_id="ghost"))
    for name, contents, media_type in (
        ("", b"%PDF", "application/pdf"),
        ("a" * 201, b"%PDF", "application/pdf"),
        ("a\n", b"%PDF", "application/pdf"),
        ("a", b"", "text/plain"),
        ("a", b"%PDF" + b"a" * BYTES_MAX, "application/pdf"),
        ("a", b"<html>", "text/html"),
        ("a", b"<html>", "application/pdf"),
    ):
        with pytest.raises(Invalid):
            attached(world, draft, name=name, contents=contents, media_type=media_type)
    assert models.Evidence.objects.count() == 0


def test_nothing_is_added_to_an_erased_customer(database):
    world = World()
    ada = world.customer()
    draft = world.booked(ada)
    privacy.erase(installation("test"), ada, reason="consent_withdrawn", door=world.door)
    with pytest.raises(Conflict, match="erased"):
        attached(world, draft)
    assert models.Attachment.objects.count() == 0
    [outcome] = world.book(world.draft(ada))
    assert (outcome.status, outcome.code, outcome.field) == ("refused", "erased", "customer")
    assert models.Balance.objects.count() == 0
