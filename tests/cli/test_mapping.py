"""`mapping show` through the entry point: what is shipped can be found, seen and copied."""

import pytest

from vertrauenskonto.importers.shipped import SHIPPED, shipped_text


@pytest.mark.parametrize("language", ["de", "en"])
def test_without_a_name_the_shipped_mappings_are_listed(run, language):
    done = run("mapping", "show", language=language)
    assert (done.code, done.err) == (0, "")
    assert all(name in done.out for name in SHIPPED)
    assert ("Sendungsverfolgung" if language == "de" else "Tracking file") in done.out
    assert max(map(len, done.out.splitlines())) <= 100


def test_what_is_shown_is_the_file_itself_and_works_when_copied(run, tmp_path):
    done = run("mapping", "show", "shopware")
    assert (done.code, done.out) == (0, shipped_text("shopware"))
    own = tmp_path / "own.toml"
    own.write_text(done.out, encoding="utf-8")
    orders = tmp_path / "orders.csv"
    orders.write_text("order_number;customer_email;order_date_time\n1;a@b.de;2026-03-01\n")
    assert run("import", orders, "--from", own, "--dry-run").code == 0


def test_an_unknown_name_is_answered_with_the_nearest_one(run):
    done = run("mapping", "show", "shopwear", language="de")
    assert (done.code, done.out) == (2, "")
    assert "Meinten Sie „shopware“?" in done.err
