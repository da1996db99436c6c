"""Every shipped mapping has a sample, a snapshot of what it gives, and its documentation."""

from datetime import date
from pathlib import Path

import pytest
from tests.conftest import ROOT

from vertrauenskonto.core.errors import NotFound
from vertrauenskonto.engine.importing import (
    EVENT_OUTPUT,
    OUTCOME_OUTPUT,
    ImportReport,
    ImportRequest,
    import_files,
)
from vertrauenskonto.importers.policy import read_policy
from vertrauenskonto.importers.shipped import (
    SHIPPED,
    chosen_mapping,
    shipped_mapping,
    shipped_text,
)

TODAY = date(2026, 11, 22)
HERE = ROOT / "tests" / "importers"


def said(report: ImportReport, events: str, outcomes: str) -> str:
    """Return events, outcomes and the report as a text people can compare."""
    parts = [f"# events: {', '.join(EVENT_OUTPUT)}", events]
    parts += [f"# outcomes: {', '.join(OUTCOME_OUTPUT)}", outcomes]
    parts += [
        f"# rows: {report.rows_read} = {report.rows_used} used + {report.rows_skipped} skipped "
        f"+ {report.rows_with_problems} with problems",
        f"# read as: {dict(report.encodings)}",
    ]
    for problem in report.problems:
        parts += [f"{problem.severity} {problem.code}", f"  {problem.in_language('de')}"]
        parts += [f"  {problem.in_language('en')}"]
    return "\n".join(parts) + "\n"


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_mapping_reads_its_sample_as_the_snapshot_says(name, tmp_path, snapshot):
    sample = HERE / name / "export.csv"
    assert sample.exists(), f"write a sample export into {sample.relative_to(ROOT)}"
    events, outcomes = tmp_path / "events.csv", tmp_path / "outcomes.csv"
    report = import_files(
        ImportRequest(
            path=sample,
            mapping=shipped_mapping(name),
            policy=read_policy("default"),
            today=TODAY,
            events=events,
            outcomes=outcomes,
        )
    )
    snapshot(name, said(report, body(events), body(outcomes)))


def body(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[2].rstrip("\n")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_mapping_says_what_it_reads_and_where_that_is_documented(name):
    mapping = shipped_mapping(name)
    assert mapping.name == name
    assert mapping.link.startswith("https://")
    assert mapping.seen == "2026-11"
    for language in ("de", "en"):
        assert mapping.title.in_language(language)
        assert mapping.export.in_language(language)
    assert shipped_text(name).startswith("# "), "its comment describes the layout"
    reference = (ROOT / "docs" / "reference" / "mapping.md").read_text(encoding="utf-8")
    assert f"`{name}`" in reference, "run `make docs`"


def test_the_registry_and_the_folder_agree():
    folder = ROOT / "src" / "vertrauenskonto" / "importers" / "mappings"
    assert sorted(path.stem for path in folder.glob("*.toml")) == list(SHIPPED)


def test_an_unknown_name_is_answered_with_the_nearest_one():
    with pytest.raises(NotFound) as refused:
        shipped_mapping("shopwear")
    assert "Meinten Sie „shopware“?" in refused.value.in_language("de")
    assert "Did you mean 'shopware'?" in refused.value.in_language("en")


def test_from_takes_a_name_or_a_path(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(shipped_text("otrs"), encoding="utf-8")
    assert chosen_mapping("otrs") == chosen_mapping(str(own))


def test_no_shipped_mapping_books_an_outcome():
    for name in SHIPPED:
        assert not {"repurchase", "review_star", "recommendation"} & set(
            shipped_mapping(name).kinds
        )
