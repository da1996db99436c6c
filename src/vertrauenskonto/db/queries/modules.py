"""Which parts of the program are switched on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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


def switched_on() -> frozenset[str]:
    """Return the names of the modules in use."""
    said = dict(models.Module.objects.values_list("name", "is_on"))
    return frozenset(name for name, default in MODULES.items() if said.get(name, default))


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
