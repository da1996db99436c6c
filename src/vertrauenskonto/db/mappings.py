"""Mappings by name: those of this company first, then the shipped ones."""

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.db import models
from vertrauenskonto.importers.mapping import FileMapping, mapping_from_text
from vertrauenskonto.importers.shipped import SHIPPED, shipped_text


def text_of(name: str) -> str:
    """Return the TOML of a mapping.

    Raises:
        NotFound: there is none of that name.
    """
    own = models.Mapping.objects.filter(name=name).values_list("text", flat=True).first()
    return shipped_text(name) if own is None else own


def names() -> tuple[str, ...]:
    """Return all names, the company's own first."""
    own = models.Mapping.objects.order_by("name").values_list("name", flat=True)
    return tuple(dict.fromkeys((*own, *SHIPPED)))


def own_mappings() -> list[FileMapping]:
    """Return the company's own mappings that can still be read."""
    found = []
    for name, text in models.Mapping.objects.order_by("name").values_list("name", "text"):
        try:
            found.append(mapping_from_text(text, file=f"{name}.toml"))
        except Invalid:
            continue
    return found
