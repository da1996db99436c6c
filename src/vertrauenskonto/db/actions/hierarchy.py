"""Parent organisations and their subsidiaries."""

from django.db import transaction

from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions.clock import steadied
from vertrauenskonto.db.actions.facts import Door, write
from vertrauenskonto.db.actions.merging import lock_relations
from vertrauenskonto.db.queries.hierarchy import ancestors, parents


def set_parent(viewer: Viewer, key: str, parent: str | None, *, door: Door) -> bool:
    """Say which organisation a customer belongs to; None: to none. False if it was so already.

    Raises:
        Denied: the viewer may not match.
        NotFound: one of them does not exist for the viewer.
        Conflict: the customer would be its own subsidiary.
    """
    require(viewer, "match")
    with transaction.atomic():
        lock_relations()
        door = steadied(door)
        child = customer_id(viewer, key)
        above = None if parent is None else customer_id(viewer, parent)
        if above is not None and (above == child or child in ancestors(above)):
            raise Conflict(
                Text(
                    de=f"„{key}“ steht über „{parent}“ und kann nicht zugleich darunter stehen.",
                    en=f"'{key}' stands above '{parent}' and cannot stand below it as well.",
                )
            )
        if parents([child]).get(child) == above:
            return False
        row = models.Parent(customer_id=child, parent_id=above, recorded_date=door.today)
        # The seal reads their keys.
        row.customer = models.Customer.objects.get(pk=child)
        row.parent = models.Customer.objects.get(pk=above) if above is not None else None
        write([row], door=door)
    return True
