"""The table of roles in the guide on people, written from what `db.access` decides."""

import os
from pathlib import Path
from typing import get_args

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")
django.setup()

from vertrauenskonto.db.access import RIGHTS, ROLES, Right  # noqa: E402  needs the settings

PATH = "guides/people-and-rights.md"
BEGIN, END = "<!-- roles: written by `make docs` -->\n", "<!-- end of roles -->\n"

WORDS: dict[Right, str] = {
    "book": "entries, suspensions, customers' data",
    "see_accounts": "statements and balances",
    "see_names": "names, addresses, free text",
    "match": "unmatched records, merging and splitting",
    "lead": "policies, segments, restrictions, confirming what needs two",
    "see_drafts": "drafts of the policy and their replays",
    "administer": "people, tokens, webhooks, agreements, erasure",
    "audit": "verification, log of reads (two together), jobs, deliveries",
}


def pages() -> dict[str, str]:
    """Return the guide with its table renewed: path under docs/ → text."""
    guide = (Path(__file__).resolve().parents[1] / "docs" / PATH).read_text(encoding="utf-8")
    before, _, rest = guide.partition(BEGIN)
    _, _, after = rest.partition(END)
    return {PATH: f"{before}{BEGIN}{_table()}{END}{after}"}


def _table() -> str:
    lines = [
        f"| right | {' | '.join(ROLES)} |",
        f"| --- |{' --- |' * len(ROLES)}",
        *(
            f"| `{right}`: {WORDS[right]} | {' | '.join(_cell(right, role) for role in ROLES)} |"
            for right in get_args(Right)
        ),
    ]
    return "\n" + "\n".join(lines) + "\n\n"


def _cell(right: Right, role: str) -> str:
    if right not in RIGHTS[role]:
        return "–"
    return "own" if role == "contact" and right in ("book", "see_accounts", "see_names") else "yes"
