"""Saved views: one's own, shared by leads, never with a text that was searched for."""

import pytest
from tests.db.staff import Staff

from vertrauenskonto.core.errors import Conflict, Denied, Invalid, NotFound
from vertrauenskonto.db import models
from vertrauenskonto.db.actions import views as actions
from vertrauenskonto.db.queries import views as queries


def test_a_view_keeps_filters_and_order_but_no_text(database):
    alice = Staff().person("alice")
    actions.save(
        alice, "  Mein   Montag ", {"unter": "on", "text": "Holm", "team": "", "sort": "name"}
    )
    [view] = queries.views(alice)
    assert (view.name, dict(view.filters)) == ("Mein Montag", {"sort": "name", "unter": "on"})
    assert (view.is_own, view.is_shared) == (True, False)


def test_a_second_click_replaces_the_view_of_that_name(database):
    alice = Staff().person("alice")
    first = actions.save(alice, "Montag", {"unter": "on"})
    assert actions.save(alice, "Montag", {"still": "on"}) == first
    [view] = queries.views(alice)
    assert dict(view.filters) == {"still": "on"}


def test_only_a_lead_shares_and_everybody_sees_it_but_only_its_owner_changes_it(database):
    world = Staff()
    alice, lena = world.person("alice"), world.person("lena", "lead")
    with pytest.raises(Denied):
        actions.save(alice, "Meins", {}, is_shared=True)
    own = actions.save(alice, "Meins", {})
    with pytest.raises(Denied):
        actions.share(alice, own, is_shared=True)
    shared = actions.save(lena, "Für alle", {"unter": "on"}, is_shared=True)
    assert [(v.name, v.is_own) for v in queries.views(alice)] == [
        ("Für alle", False),
        ("Meins", True),
    ]
    assert [v.name for v in queries.views(lena)] == ["Für alle"]
    for change in (
        lambda: actions.rename(alice, shared, "Anders"),
        lambda: actions.share(lena, own, is_shared=True),
    ):
        with pytest.raises(NotFound):
            change()
    actions.drop(alice, shared)
    assert models.SavedView.objects.count() == 2
    actions.share(lena, shared, is_shared=False)
    assert [v.name for v in queries.views(alice)] == ["Meins"]


def test_a_name_is_needed_short_and_ones_own_once(database):
    alice = Staff().person("alice")
    first, _ = (actions.save(alice, name, {}) for name in ("Eins", "Zwei"))
    for name in ("", "   ", "x" * 81):
        with pytest.raises(Invalid):
            actions.save(alice, name, {})
        with pytest.raises(Invalid):
            actions.rename(alice, first, name)
    with pytest.raises(Conflict):
        actions.rename(alice, first, "Zwei")
    assert sorted(v.name for v in queries.views(alice)) == ["Eins", "Zwei"]
    actions.drop(alice, first)
    actions.drop(alice, first)
    assert [v.name for v in queries.views(alice)] == ["Zwei"]


def test_nobody_keeps_more_views_than_anybody_finds_again(database, monkeypatch):
    monkeypatch.setattr(actions, "VIEWS_MAX", 1)
    alice = Staff().person("alice")
    actions.save(alice, "Eins", {})
    with pytest.raises(Invalid):
        actions.save(alice, "Zwei", {})
    actions.save(alice, "Eins", {"unter": "on"})
    assert models.SavedView.objects.count() == 1
