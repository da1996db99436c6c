"""`bench --write` replaces what it measured and nothing else."""

from bench.__main__ import _LEDGER, replaced


def test_the_sections_above_and_below_stay():
    page = f"# Benchmarks\n\ntable\n\n## By hand\n\na\n\n{_LEDGER}\n\nold\n\n## Also by hand\n\nb\n"
    found = replaced(page, f"{_LEDGER}\n\nnew\n")
    assert found == page.replace("old", "new")


def test_a_page_without_the_section_gets_it_at_its_end():
    assert replaced("# Benchmarks\n", f"{_LEDGER}\n\nnew\n") == f"# Benchmarks\n{_LEDGER}\n\nnew\n"
