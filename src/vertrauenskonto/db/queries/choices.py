"""What people answered about their company, by name; "" where nobody did."""

from typing import Literal

from vertrauenskonto.db import models

Name = Literal[
    "go_live_date",  # ISO day: from then on accounts below their threshold open obligations
    "capacity_per_day",  # whole number: obligations the company can meet on a working day
    "industry",  # name of the starter policy that was chosen
    "usual_contact_days",  # whole number
    "setup_step",  # how far the set-up has come
    "watched_policy",  # label of the version under which every account was last looked at
    "recovery_looked_entry",  # number of the newest entry that was looked at for recovery cases
    "revenue_column",  # attribute that holds revenue; read by the fairness report only
    "card_ancestors",  # origins, blank-separated, that may frame the account card
]


def choice(name: Name) -> str:
    """Return the answer, "" if there is none."""
    return models.Choice.objects.filter(name=name).values_list("value", flat=True).first() or ""
