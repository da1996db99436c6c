"""The cache: written with one statement, read as Django's own, tidied now and then."""

from itertools import count

from django.core.cache import cache, caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from vertrauenskonto.db import models, remembering


def test_a_value_is_written_with_one_statement_and_overwritten_with_one(database):
    for value in ({"a": (1, "ä")}, ["other"]):
        with CaptureQueriesContext(connection) as captured:
            cache.set("name", value, 60)
        written = [q["sql"] for q in captured.captured_queries if "remembered" in q["sql"]]
        assert len(written) == 1
        assert cache.get("name") == value
    assert models.Remembered.objects.count() == 1


def test_what_is_over_is_forgotten(database):
    cache.set("over", 1, -1)
    cache.set("ever", 1, None)
    assert (cache.get("over"), cache.get("ever")) == (None, 1)


def test_now_and_then_what_is_over_is_thrown_away(database, monkeypatch):
    monkeypatch.setattr(caches["default"], "_max_entries", 2)
    for number in range(5):
        cache.set(f"over{number}", 1, -1)
    assert models.Remembered.objects.count() == 5
    monkeypatch.setattr(remembering, "_WRITES", count(remembering._TIDIED_EVERY))
    cache.set("new", 1, 60)
    assert [row.cache_key for row in models.Remembered.objects.all()] == [":1:new"]
