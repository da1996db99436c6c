"""`conformance` through the entry point."""

import json

import pytest


@pytest.fixture
def suite(tmp_path, shared):
    """Return the oracle file's first three cases as a file of its own."""
    raw = json.loads((shared / "oracles" / "accounts.json").read_text(encoding="utf-8"))
    raw["cases"] = raw["cases"][:3]
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(raw), encoding="utf-8")
    return path, raw


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("engine", ["core", "duckdb"])
def test_the_oracles_come_out(run, shared, engine, language):
    file = shared / "oracles" / "accounts.json"
    done = run("conformance", file, "--engine", engine, language=language)
    assert done.code == 0
    said = "48 Bewertungen" if language == "de" else "48 valuations"
    assert f"{engine}: 17 " in done.out
    assert said in done.out
    assert ("keine Abweichungen" if language == "de" else "no deviations") in done.out


@pytest.mark.parametrize("engine", ["core", "duckdb"])
def test_a_number_that_does_not_come_out_is_told(run, suite, engine):
    path, raw = suite
    raw["cases"][1]["expected"][0]["balance"] += 0.5
    path.write_text(json.dumps(raw), encoding="utf-8")
    done = run("conformance", path, "--engine", engine)
    assert done.code == 1
    name = raw["cases"][1]["name"]
    assert done.out.startswith(f"{engine}: {name}: ")
    assert "1 deviation above" in done.out


@pytest.mark.parametrize(
    ("text", "said"), [("{", "is not JSON"), ("[]", "no conformance file"), ("{}", "defaults")]
)
def test_a_file_of_another_sort_is_refused(run, tmp_path, text, said):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    done = run("conformance", path, "--engine", "core")
    assert done.code == 2
    assert said in done.err
    assert done.out == ""


def test_a_file_or_engine_that_is_not_there_is_refused(run, tmp_path, suite):
    assert run("conformance", tmp_path / "none.json", "--engine", "core").code == 2
    assert run("conformance", suite[0], "--engine", "oracle").code == 2
