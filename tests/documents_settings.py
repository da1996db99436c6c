"""The table of settings in the guide on operation, written from `site.settings.SETTINGS`."""

import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vertrauenskonto.site.settings")

from vertrauenskonto.site.settings import SETTINGS

PATH = "guides/operation.md"
BEGIN, END = "<!-- settings: written by `make docs` -->\n", "<!-- end of settings -->\n"


def pages() -> dict[str, str]:
    """Return the guide with its table renewed: path under docs/ → text."""
    guide = (Path(__file__).resolve().parents[1] / "docs" / PATH).read_text(encoding="utf-8")
    before, _, rest = guide.partition(BEGIN)
    _, _, after = rest.partition(END)
    return {PATH: f"{before}{BEGIN}{_table()}{END}{after}"}


def _table() -> str:
    lines = [
        "| setting | default | what for |",
        "| --- | --- | --- |",
        *(
            f"| `{one.name}` | {f'`{one.default}`' if one.default else ''} | {one.help_en} |"
            for one in SETTINGS
        ),
    ]
    return "\n" + "\n".join(lines) + "\n\n"
