"""Outputs appear complete or not at all, never over an input, and never in place of a device."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from vertrauenskonto.core.errors import Conflict, Invalid, NotFound
from vertrauenskonto.engine.connection import OutOfSpace
from vertrauenskonto.engine.outputs import (
    check_place,
    check_target,
    complete_or_absent,
    refuse_collision,
    write_query,
)

# One number per row is enough: the limit of the file's size comes early.
_FULL = """
import resource, sys
from pathlib import Path
import duckdb
from vertrauenskonto.engine.connection import OutOfSpace
from vertrauenskonto.engine.outputs import write_query
connection = duckdb.connect()
connection.execute("CREATE TABLE t AS SELECT i, hash(i)::VARCHAR AS a FROM range(1000000) t(i)")
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    write_query(connection, "FROM t", Path(sys.argv[1]))
except OutOfSpace as error:
    print(error)
print(connection.execute("SELECT count(*) FROM t").fetchall())
"""


def test_two_names_of_one_file_collide(tmp_path: Path):
    events = tmp_path / "events.csv"
    events.write_text("old", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to(events)
    os.link(events, tmp_path / "hard.csv")
    detour = tmp_path / "no" / ".." / "events.csv"
    for out in (events, tmp_path / "link.csv", tmp_path / "hard.csv", detour):
        with pytest.raises(Conflict, match="--out and EVENTS name the same file") as refused:
            refuse_collision({"--out": out}, {"EVENTS": events, "--accounts": None})
        assert "„" not in refused.value.text.de
        assert str(out) in refused.value.text.de
    assert events.read_text("utf-8") == "old"


def test_two_outputs_in_one_file_collide_though_it_is_not_there_yet(tmp_path: Path):
    out = tmp_path / "same.csv"
    with pytest.raises(Conflict, match="--outcomes and --out name the same file"):
        refuse_collision({"--out": out, "--outcomes": out}, {})


def test_what_is_not_there_cannot_be_replaced(tmp_path: Path):
    out = tmp_path / "craft"
    refuse_collision({"--out": out, "--outcomes": None}, {"--policy": out})
    (tmp_path / "events.csv").touch()
    refuse_collision({"--out": out}, {"EVENTS": tmp_path / "events.csv"})


def test_only_a_file_may_be_replaced(tmp_path: Path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    with pytest.raises(Invalid, match="no regular file and would be replaced"):
        check_target(pipe)
    assert pipe.is_fifo()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(Invalid, match="is a folder"):
        check_target(tmp_path / "folder.csv")
    with pytest.raises(Invalid, match=r"full: unknown suffix"):
        check_target(Path("/dev/full"))
    with pytest.raises(Invalid, match="no regular file"):
        check_place(Path("/dev/full"))
    with pytest.raises(NotFound, match="There is no folder"):
        check_place(tmp_path / "none" / "a.csv")


def test_only_the_suffixes_that_are_written_are_named(tmp_path: Path):
    with pytest.raises(Invalid, match=r"possible are \.parquet, \.csv\.$"):
        check_target(tmp_path / "a.duckdb", suffixes=(".parquet", ".csv"))


@pytest.mark.parametrize("suffix", ["csv", "parquet", "duckdb"])
def test_a_full_disk_ends_the_writing_at_once_and_the_old_result_stays(tmp_path: Path, suffix: str):
    out = tmp_path / f"scores.{suffix}"
    if suffix != "duckdb":
        out.write_text("old", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(out)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    said, counted = done.stdout.splitlines()
    assert (
        said
        == f"There is no space left ({tmp_path}); nothing was written. Make room or give another target."
    )
    assert counted == "[(1000000,)]", "the connection can be used as before"
    assert [p.name for p in tmp_path.iterdir()] == ([] if suffix == "duckdb" else [out.name])
    assert suffix == "duckdb" or out.read_text("utf-8") == "old"


def test_an_error_of_the_system_names_the_target_and_not_our_own_file(tmp_path: Path):
    out = tmp_path / "a.csv"
    with pytest.raises(IsADirectoryError) as refused, complete_or_absent(out) as part:
        raise IsADirectoryError(21, "Is a directory", str(part))
    assert refused.value.filename == str(out)
    with pytest.raises(FileNotFoundError) as missing, complete_or_absent(out):
        (tmp_path / "elsewhere").read_text(encoding="utf-8")
    assert missing.value.filename == str(tmp_path / "elsewhere")
    with pytest.raises(OutOfSpace, match=str(tmp_path)), complete_or_absent(out):
        raise OSError(28, "No space left on device")
    with pytest.raises(FileNotFoundError) as refused_place, complete_or_absent(out / "b.csv"):
        pytest.fail("there is no such folder")
    assert refused_place.value.filename == str(out)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused_and_stays(tmp_path: Path):
    out = tmp_path / "scores.duckdb"
    out.write_text("this is no database", encoding="utf-8")
    refused = pytest.raises(Conflict, match="cannot be opened as a DuckDB file")
    with duckdb.connect() as connection, refused:
        write_query(connection, "SELECT 1 AS i", out)
    assert out.read_text("utf-8") == "this is no database"


def test_an_error_of_the_query_leaves_nothing(tmp_path: Path):
    with duckdb.connect() as connection:
        with pytest.raises(duckdb.Error, match="some text"):
            write_query(connection, "SELECT 'some text'::INTEGER AS i", tmp_path / "a.csv")
        with pytest.raises(duckdb.IOException):
            write_query(connection, "FROM 'nowhere.parquet'", tmp_path / "a.parquet")
    assert list(tmp_path.iterdir()) == []
