"""The guide for notebooks shows what really comes out."""

import doctest

import pytest
from tests.conftest import ROOT

GUIDE = ROOT / "docs" / "guides" / "notebook.md"


def test_the_guide_shows_what_comes_out():
    pytest.importorskip("pyarrow", reason="the guide hands an Arrow table over")
    found = doctest.testfile(str(GUIDE), module_relative=False, encoding="utf-8")
    assert found.attempted > 20
    assert found.failed == 0
