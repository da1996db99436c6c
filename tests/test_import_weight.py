"""Importing the library or asking for help must not make anybody wait."""

import subprocess
import sys

import pytest

HEAVY = ("duckdb", "numpy", "pandas", "polars", "pyarrow", "sqlglot", "typer", "vl_convert", "rich")


def loaded_after(code: str) -> set[str]:
    """Return which heavy packages a fresh interpreter has loaded after running `code`."""
    code += "\nimport sys\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split()) & set(HEAVY)


def test_the_library_loads_nothing_heavy():
    assert loaded_after("import vertrauenskonto") == set()


def test_valuing_one_account_loads_nothing_heavy():
    code = (
        "import vertrauenskonto as vk\nfrom datetime import date\n"
        "policy = vk.read_policy('craft').versions[0]\n"
        "vk.valuation(vk.Account(id='a'), policy, as_of=date(2026, 1, 1))"
    )
    assert loaded_after(code) == set()


@pytest.mark.parametrize("words", [["--help"], ["policy", "--help"], ["score", "--help"]])
def test_help_loads_nothing_but_the_parser(words):
    code = (
        "import sys, io\nout, sys.stdout = sys.stdout, io.StringIO()\n"
        f"from vertrauenskonto.cli.main import main\nassert main({words}) == 0\nsys.stdout = out"
    )
    assert loaded_after(code) <= {"typer"}


def test_the_version_needs_no_parser():
    code = (
        "import sys, io\nout, sys.stdout = sys.stdout, io.StringIO()\n"
        "from vertrauenskonto.cli.main import main\nassert main(['--version']) == 0\n"
        "sys.stdout = out"
    )
    assert loaded_after(code) == set()
