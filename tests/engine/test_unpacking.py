"""Unpacking: nothing that was sent is lost on the way."""

import gzip
from zipfile import ZipFile

import pytest

from vertrauenskonto.core.errors import Invalid
from vertrauenskonto.engine.unpacking import unpack

PLAIN, PACKED = b"a;b\n1;2\n", b"a;b\n3;4\n"


def test_an_archive_never_takes_the_place_of_a_file(tmp_path):
    (tmp_path / "a.csv").write_bytes(PLAIN)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(PACKED))
    with pytest.raises(Invalid, match="two files have the same name") as refusal:
        unpack(tmp_path)
    assert "zwei Dateien heißen gleich" in refusal.value.text.de
    assert (tmp_path / "a.csv").read_bytes() == PLAIN


def test_two_archives_with_the_same_file_are_refused(tmp_path):
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(PACKED))
    with ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("a.csv", PLAIN)
    with pytest.raises(Invalid, match="two files have the same name"):
        unpack(tmp_path)
    assert (tmp_path / "a.csv").read_bytes() == PACKED


def test_archives_of_other_names_are_unpacked_beside_each_other(tmp_path):
    (tmp_path / "a.csv").write_bytes(PLAIN)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(PACKED))
    assert [path.name for path in unpack(tmp_path)] == ["a.csv", "b.csv"]
    assert (tmp_path / "b.csv").read_bytes() == PACKED
