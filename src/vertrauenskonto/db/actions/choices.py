"""Answering what the program asks about the company."""

from vertrauenskonto.db import models
from vertrauenskonto.db.queries.choices import Name


def choose(name: Name, value: str) -> None:
    """Keep an answer in place of the earlier one; "" forgets it. Who may, the caller decides."""
    models.Choice.objects.update_or_create(name=name, defaults={"value": value})
