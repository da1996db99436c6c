"""Texts written to files that appear complete or not at all, and never over what was read."""

from collections.abc import Mapping
from pathlib import Path

from vertrauenskonto.engine.outputs import check_place, complete_or_absent, refuse_collision


def write_text(path: Path, text: str) -> None:
    """Write a text to `path`: beside it first, flushed, then renamed.

    Raises:
        NotFound: the folder does not exist.
        Invalid: something else than a file is there.
        OutOfSpace, OSError: it cannot be written; `path` is as it was.
    """
    check_place(path)
    with complete_or_absent(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def keep_inputs(
    outputs: Mapping[str, Path | None], inputs: Mapping[str, Path | None], *, policy: str
) -> None:
    """Refuse outputs that would replace an input, another output or a file of the policy.

    The keys are the options as the user wrote them; `policy` is what stands behind `--policy`.

    Raises:
        Conflict: two of them are one file.
    """
    rules = Path(policy)
    files = rules.glob("*.toml") if rules.is_dir() else (rules,)
    # One after the other: the files of a folder share one option.
    for file in files:
        refuse_collision(outputs, {"--policy": file})
    refuse_collision(outputs, inputs)
