"""Keeping a company's own mappings."""

from datetime import datetime

from vertrauenskonto.core.errors import Conflict, Invalid, Text
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.engine.expressions import checked_expressions
from vertrauenskonto.importers.mapping import mapping_from_text
from vertrauenskonto.importers.shipped import SHIPPED

TEXT_LENGTH_MAX = 200_000


def save_mapping(viewer: Viewer, text: str, *, now: datetime, replaces: bool) -> str:
    """Keep a mapping under the name it gives itself, and return that name.

    `replaces`: whether it may take the place of an earlier one of that name.

    Raises:
        Denied: the viewer may not lead.
        Invalid: it is no mapping; every mistake is a problem.
        Conflict: the name is that of a shipped mapping, or taken.
    """
    require(viewer, "lead")
    if len(text) > TEXT_LENGTH_MAX:
        raise Invalid(Text(de="Die Zuordnung ist zu lang.", en="The mapping is too long."))
    mapping = mapping_from_text(text, file="mapping.toml")
    checked_expressions(mapping, file="mapping.toml")
    if mapping.name in SHIPPED:
        raise Conflict(
            Text(
                de=f"„{mapping.name}“ heißt schon eine mitgelieferte Zuordnung; geben Sie Ihrer "
                "unter „name“ einen anderen Namen.",
                en=f"'{mapping.name}' is the name of a shipped mapping; give yours another one "
                "under 'name'.",
            )
        )
    row, is_new = models.Mapping.objects.get_or_create(
        name=mapping.name, defaults={"text": text, "changed_at": now}
    )
    if not is_new and row.text != text:
        if not replaces:
            raise Conflict(
                Text(
                    de=f"Eine Zuordnung „{mapping.name}“ gibt es schon; nehmen Sie einen anderen "
                    "Namen.",
                    en=f"There is a mapping '{mapping.name}' already; take another name.",
                )
            )
        models.Mapping.objects.filter(pk=row.pk).update(text=text, changed_at=now)
    return mapping.name
