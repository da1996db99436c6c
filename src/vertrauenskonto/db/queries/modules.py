"""Which parts of the program are switched on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Subquery

from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require, shown_actor

# name → on as long as nobody said otherwise
MODULES: Mapping[str, bool] = {
    "promises": True,
    "recovery": True,
    "reasons": True,
    "policy": True,
    "sources": True,
    "card": False,
}


_SAID = "said_of_{}"


def said() -> dict[str, Subquery]:
    """Return what to annotate a row with so that `switched_on` needs no question of its own."""
    rows = models.Module.objects.values("is_on")
    return {_SAID.format(name): Subquery(rows.filter(name=name)) for name in MODULES}


# object: a row annotated with `said`, or anything else.
def switched_on(row: object = None) -> frozenset[str]:
    """Return the names of the modules in use, as a row knows them or else as they are stored."""
    if hasattr(row, _SAID.format("promises")):
        known = {name: getattr(row, _SAID.format(name)) for name in MODULES}
    else:
        known = dict(models.Module.objects.values_list("name", "is_on"))
    chosen = {name: on for name, on in known.items() if on is not None}
    return frozenset(name for name, default in MODULES.items() if chosen.get(name, default))


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleRow:
    """One module: whether it is on, and who said so when ("" and None: nobody, it is the default)."""

    name: str
    is_on: bool
    actor: str
    switched_at: datetime | None


def listed(viewer: Viewer) -> tuple[ModuleRow, ...]:
    """Return every module.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    said = models.Module.objects.in_bulk()
    return tuple(
        ModuleRow(
            name=name,
            is_on=said[name].is_on if name in said else default,
            actor=shown_actor(viewer, said[name].actor) if name in said else "",
            switched_at=said[name].switched_at if name in said else None,
        )
        for name, default in MODULES.items()
    )
