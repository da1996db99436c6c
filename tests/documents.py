"""The documents that a program writes: `--write` makes them, `--check` compares.

Run by `make docs` and `make check`; a test compares too.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


def pages() -> dict[str, str]:
    """Return every generated page: path under docs/ → text."""
    from tests import (  # noqa: PLC0415
        documents_api,
        documents_cli,
        documents_mapping,
        documents_policy,
        documents_rights,
        documents_settings,
    )

    return (
        documents_policy.pages()
        | documents_mapping.pages()
        | documents_cli.pages()
        | documents_api.pages()
        | documents_rights.pages()
        | documents_settings.pages()
    )


def stale() -> list[str]:
    """Return the paths of the generated pages that differ from what is checked in."""
    return [
        path
        for path, text in pages().items()
        if not (ROOT / "docs" / path).exists()
        or (ROOT / "docs" / path).read_text(encoding="utf-8") != text
    ]


def main(mode: str) -> int:
    """Write the pages, or say which are stale."""
    if mode == "--write":
        for path, text in pages().items():
            target = ROOT / "docs" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
        return 0
    for path in stale():
        print(f"docs/{path} is stale: run `make docs` and commit what changed", file=sys.stderr)
    return 1 if stale() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "--check"))
