"""The installation's secret: a file in the data folder that only its owner may read."""

import os
from pathlib import Path
from secrets import token_urlsafe

NAME = "secret-key"


def secret_key(data: Path) -> str:
    """Return the secret kept in the data folder; the first call there makes it.

    Without a data folder (tests, tools) the secret lasts as long as the process. Sessions, links
    and the pseudonyms of analysts hang on it: whoever moves an installation takes the file along.
    """
    path = data / NAME
    if not data.is_dir():
        return token_urlsafe(48)
    if not path.exists():
        made = data / f".{NAME}-{os.getpid()}"
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(token_urlsafe(48))
        try:
            # A link fails if another process was faster; then its secret is the one that counts.
            os.link(made, path)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return path.read_text(encoding="ascii").strip()
