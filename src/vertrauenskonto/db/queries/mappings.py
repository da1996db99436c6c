"""Mappings to choose from: names, titles, texts."""

from dataclasses import dataclass

from vertrauenskonto.core.errors import Invalid, Text
from vertrauenskonto.db import mappings, models
from vertrauenskonto.db.access import Viewer, require
from vertrauenskonto.importers.mapping import mapping_from_text
from vertrauenskonto.importers.shipped import SHIPPED, shipped_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingRow:
    """A mapping: by which name it is chosen, what it reads; `is_own`: this company made it."""

    name: str
    title: Text
    is_own: bool


def all_mappings(viewer: Viewer) -> tuple[MappingRow, ...]:
    """Return all mappings, the company's own first.

    Raises:
        Denied: the viewer may not lead.
    """
    require(viewer, "lead")
    own = []
    for name, text in models.Mapping.objects.order_by("name").values_list("name", "text"):
        try:
            title = mapping_from_text(text, file=f"{name}.toml").title
        except Invalid:
            # Made by another version: it can still be downloaded and corrected.
            title = Text(name, name)
        own.append(MappingRow(name=name, title=title, is_own=True))
    shipped = [MappingRow(name=n, title=shipped_mapping(n).title, is_own=False) for n in SHIPPED]
    return (*own, *shipped)


def toml(viewer: Viewer, name: str) -> str:
    """Return the TOML of a mapping, as the command line reads it.

    Raises:
        Denied: the viewer may not lead.
        NotFound: there is none of that name.
    """
    require(viewer, "lead")
    return mappings.text_of(name)
