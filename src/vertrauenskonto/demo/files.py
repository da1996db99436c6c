"""The made-up company as texts of files: the tables `score` reads, and the truth apart from them."""

import csv
import io
import json
from collections.abc import Iterable, Sequence

from vertrauenskonto.demo.company import Company
from vertrauenskonto.demo.truth import (
    HALF_LIFE_DAYS_GOOD,
    HALF_LIFE_DAYS_HARM,
    TRUE_POINTS,
)


def files(made: Company) -> dict[str, str]:
    """Return file name → text: events, accounts, suspensions, outcomes, truth."""
    events = (
        (e.account, e.id, e.kind, e.day, e.recorded, e.target, e.source, e.reverses, e.promise)
        for e in made.events
    )
    accounts = ((c.account, c.name, c.customer_type, c.team) for c in made.customers)
    pauses = ((p.account, p.id, p.starts, p.ends or "", p.starts) for p in made.pauses)
    outcomes = ((o.account, o.outcome, o.day, o.day, o.value) for o in made.outcomes)
    event_names = [
        "account",
        "id",
        "kind",
        "day",
        "recorded",
        "target",
        "source",
        "reverses",
        "promise",
    ]
    return {
        "events.csv": _csv(event_names, events),
        "accounts.csv": _csv(["account", "name", "customer_type", "team"], accounts),
        "suspensions.csv": _csv(["account", "id", "from", "to", "recorded"], pauses),
        "outcomes.csv": _csv(["account", "outcome", "day", "recorded", "value"], outcomes),
        "truth.json": _truth(made),
    }


def _truth(made: Company) -> str:
    raw = {
        "company": made.name,
        "since": made.since.isoformat(),
        "until": made.until.isoformat(),
        "points": TRUE_POINTS,
        "half_life_days": {"good": HALF_LIFE_DAYS_GOOD, "harm": HALF_LIFE_DAYS_HARM},
        "customers": [
            {
                "account": c.account,
                "reliability": round(c.reliability, 6),
                "candour": round(c.candour, 6),
                "clarity": round(c.clarity, 6),
                "trust": round(c.trust, 6),
                "silent_from": c.silent_from.isoformat() if c.silent_from else None,
            }
            for c in made.customers
        ],
    }
    return json.dumps(raw, ensure_ascii=False, indent=1) + "\n"


def _csv(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()
