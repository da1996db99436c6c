"""The policy's versions, asked for once where a page shows them in many places."""

from dataclasses import replace

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.db.staff import Staff

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.actions import policies as actions
from vertrauenskonto.db.queries import policies


def asked(work) -> int:
    """Return how many statements some work sends."""
    with CaptureQueriesContext(connection) as captured:
        work()
    plain = [q for q in captured.captured_queries if "policy_version" in q["sql"]]
    return len(plain)


def test_within_a_page_the_versions_are_asked_for_once(database):
    staff = Staff()
    staff.policy()
    assert asked(lambda: [policies.history() for _ in range(3)]) == 3
    with policies.asked_once():
        assert asked(lambda: [policies.history() for _ in range(3)]) == 1
        with transaction.atomic():
            assert asked(policies.history) == 1, "who writes decides by what stands there now"
    assert asked(policies.history) == 1


def test_a_new_version_is_seen_at_once(database):
    staff = Staff()
    staff.policy()
    with policies.asked_once():
        [first] = policies.history().versions
        other = replace(first, title=Text("Anders", "Another"))
        actions.put_in_force(other, valid_from=staff.today, door=staff.door)
        assert [v.title.en for v in policies.history().versions] == ["Small", "Another"]
