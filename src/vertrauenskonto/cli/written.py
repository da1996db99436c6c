"""Texts written to files that appear complete or not at all."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from vertrauenskonto.core.errors import NotFound, Text


def write_text(path: Path, text: str) -> None:
    """Write a text to `path`: beside it first, flushed, then renamed.

    Raises:
        NotFound: the folder does not exist.
        OSError: the disk is full or may not be written; `path` is as it was.
    """
    if not path.parent.is_dir():
        raise NotFound(
            Text(
                de=f"Den Ordner {path.parent} gibt es nicht; bitte anlegen oder anders wählen.",
                en=f"There is no folder {path.parent}; make it or choose another.",
            )
        )
    with NamedTemporaryFile(
        "w", encoding="utf-8", newline="\n", dir=path.parent, prefix=f".{path.name}-", delete=False
    ) as file:
        part = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            # A temporary file is the owner's alone; a result follows the user's own rules.
            mask = os.umask(0)
            os.umask(mask)
            part.chmod(0o666 & ~mask)
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
