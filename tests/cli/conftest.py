"""The command line as a function: words in, exit code and what was said out."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from vertrauenskonto.cli.main import main

EVENTS = """\
account,id,kind,day,recorded,target,source,reverses
holm,1,order_received,2025-01-10,2025-01-10,organisation,Shop,
holm,2,promise_kept,2025-01-20,2025-01-20,organisation,Lager,
holm,3,promise_broken_unannounced,2025-03-01,2025-03-05,person:brandt,Lager,
holm,4,complaint_resolved,2025-03-10,2025-03-10,person:brandt,Telefon,
holm,5,explained_plainly,2025-04-01,2025-04-01,organisation,Telefon,
holm,6,,2025-04-02,2025-04-02,organisation,Telefon,5
nowak,7,promise_kept,2025-02-01,2025-02-01,organisation,Lager,
"""


class Done(NamedTuple):
    """What a command gave: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs the command line in one language."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("COLUMNS", "100")

    def call(*words: object, language: str = "en") -> Done:
        code = main([*map(str, words), "--language", language])
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return call


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Return a small file of events of two accounts."""
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    return path
