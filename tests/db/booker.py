"""A program to be killed: books in bulk and says what was acknowledged.

`python -m tests.db.booker CUSTOMER CALLS ROWS`: one line per call, written after it returned.
"""

# ruff: noqa: PLC0415, T201 - Django is loaded once the settings are known; printing is the job

import os
import sys
from datetime import UTC, datetime

CALLED_AT = datetime(2026, 3, 18, 12, tzinfo=UTC)


def main(customer: str, calls: int, rows: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
    import django

    django.setup()
    from tests.db.world import World

    world = World(today=CALLED_AT.date())
    for call in range(calls):
        drafts = [world.draft(customer, source_id=f"{call}-{row}") for row in range(rows)]
        statuses = {outcome.status for outcome in world.book(*drafts, key=f"call-{call}")}
        print(call, *sorted(statuses), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
