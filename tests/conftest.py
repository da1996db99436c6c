"""What all tests share: snapshots, where the shared material lies, and how long hypothesis runs."""

import os
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"

# Machines are shared and slow at times: a deadline would fail a good test for somebody else's load.
for _name, _examples in (("short", 60), ("long", 500)):
    settings.register_profile(
        _name,
        max_examples=_examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


class Snapshot(Protocol):
    """Compares a text with the file `<name>.snapshot` beside the test."""

    def __call__(self, name: str, text: str) -> None: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--snapshot-update", action="store_true", help="accept what the tests produced as right"
    )


# What these ask a database is tried on both in tests/db; here PostgreSQL is the long run's.
SHELLS = {"api", "browser", "cli", "service", "web"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the second run of what stands above the ledger, before PostgreSQL, to the long tests."""
    here = Path(__file__).parent
    for item in items:
        params = getattr(getattr(item, "callspec", None), "params", {})
        room = item.path.relative_to(here).parts[0]
        if room in SHELLS and params.get("database") == "postgresql":
            item.add_marker(pytest.mark.long)


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Snapshot:
    """Return a function that demands the text of a snapshot, and writes it when asked to."""

    def compare(name: str, text: str) -> None:
        path = request.path.parent / f"{name}.snapshot"
        if request.config.getoption("--snapshot-update"):
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"{path.name} is missing: run `make snap` and read the new file"
        assert text == path.read_text(encoding="utf-8"), (
            f"{path.name} differs: if the change is meant, run `make snap` and read the diff"
        )

    return compare


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with oracle numbers and real data, or skip where it is absent."""
    if not SHARED.is_dir():
        pytest.skip(
            "no folder ../shared beside the project: oracle numbers and real data live there"
        )
    return SHARED
