"""Modules: switching parts of the program on and off, for everybody."""

from datetime import datetime

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.db.queries.modules import MODULES


def switch(viewer: Viewer, name: str, *, is_on: bool, now: datetime) -> None:
    """Switch a module on or off; who did it and when is kept.

    Raises:
        Denied: the viewer may not administer.
        NotFound: there is no such module.
    """
    require(viewer, "administer")
    if name not in MODULES:
        raise NotFound(Text(de=f"Es gibt kein Modul „{name}“.", en=f"There is no module '{name}'."))
    models.Module.objects.update_or_create(
        name=name, defaults={"is_on": is_on, "actor": viewer.actor, "switched_at": now}
    )
