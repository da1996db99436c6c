"""Opening one account by hand, for somebody who is described at once."""

from django.db import transaction

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.customers import Description, describe, open_accounts
from vertrauenskonto.db.actions.facts import Door


@transaction.atomic
def open_one(viewer: Viewer, description: Description, *, door: Door) -> str:
    """Open an account and say whose it is; return its key. What a contact opens is hers.

    Raises:
        Denied: the viewer may not book.
        Invalid: something is too long or not available.
        Conflict: an id names another customer.
        ClockDoubtful: the clock is far ahead.
    """
    require(viewer, "book")
    [key] = open_accounts(1, door=steadied(door))
    customer = models.Customer.objects.get(key=key)
    owner = viewer.person_id if viewer.role == "contact" else None
    models.Profile.objects.create(customer=customer, sort="person", owner_id=owner)
    describe(viewer, key, description)
    return key
