"""The mappings we ship, chosen by name: one line each.

To add one: write `mappings/<name>.toml` (its comment says what export it reads, how to make it, where
the layout is documented and when that was looked at), add the name here, put a sample that you wrote
yourself into `tests/importers/<name>/`, run `make snap` and `make docs`, and read what changed.
"""

from importlib.resources import files
from pathlib import Path

from vertrauenskonto.core.errors import NotFound, Text, did_you_mean
from vertrauenskonto.importers.mapping import FileMapping, mapping_from_text, read_mapping

SHIPPED = (
    "carrier_tracking",
    "otrs",
    "review_portal",
    "shopify",
    "shopware",
    "woocommerce",
    "zammad",
    "zendesk",
)


def shipped_mapping(name: str) -> FileMapping:
    """Return the shipped mapping of that name.

    Raises:
        NotFound: there is none.
    """
    return mapping_from_text(shipped_text(name), file=f"{name}.toml")


def shipped_text(name: str) -> str:
    """Return the TOML text of a shipped mapping, with its comments, as a model for one's own.

    Raises:
        NotFound: there is none of that name.
    """
    if name not in SHIPPED:
        near = did_you_mean(name, SHIPPED)
        listed = ", ".join(SHIPPED)
        raise NotFound(
            Text(
                de=f"Die Zuordnung „{name}“ gibt es nicht; mitgeliefert sind {listed}.{near.de} "
                "Eine eigene geben Sie als Pfad zu einer TOML-Datei an.",
                en=f"There is no mapping '{name}'; shipped are {listed}.{near.en} Give one of your "
                "own as the path of a TOML file.",
            )
        )
    folder = files("vertrauenskonto.importers") / "mappings"
    return (folder / f"{name}.toml").read_text(encoding="utf-8")


def chosen_mapping(name_or_path: str) -> FileMapping:
    """Return the mapping that `--from` names: a shipped one, or the path of a TOML file.

    Raises:
        NotFound: there is neither.
        Invalid: the file is no mapping.
    """
    if name_or_path in SHIPPED or not name_or_path.endswith(".toml"):
        return shipped_mapping(name_or_path)
    return read_mapping(Path(name_or_path))
