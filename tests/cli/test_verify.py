"""`verify`, `backup`, `restore`, `move` and `export` on an installation of their own."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from vertrauenskonto.cli.verify import read_head
from vertrauenskonto.core.errors import Invalid, NotFound


class Installation:
    """A data folder and the program run on it."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {
            **os.environ,
            "VERTRAUENSKONTO_DATA": str(folder),
            "VERTRAUENSKONTO_DATABASE": "",
            "LANGUAGE": "en",
        }

    @property
    def file(self):
        return self.folder / "ledger.sqlite3"

    def __call__(self, *words):
        return subprocess.run(
            [sys.executable, "-m", "vertrauenskonto.cli.main", *map(str, words)],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )

    def fine(self, *words):
        done = self(*words)
        assert done.returncode == 0, done.stderr
        return done


@pytest.fixture
def here(tmp_path):
    """Return an installation in which a policy was put in force, which is a fact."""
    made = Installation(tmp_path / "here")
    made.fine("policy", "put", "default")
    return made


def tamper(file):
    """Change a fact as somebody who has the file can."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DROP TRIGGER policy_version_no_update")
        connection.execute("UPDATE policy_version SET name = 'other'")


def test_verify_seals_writes_the_head_and_checks_against_it(here, tmp_path):
    head = tmp_path / "head.json"
    done = here.fine("verify", "--head", head)
    told = "1 transactions with 1 rows and 0 balances checked; 0 transactions unsealed."
    assert told in done.stdout
    assert "Everything agrees." in done.stderr
    told = json.loads(head.read_text())
    assert (told["size"], len(told["root"])) == (1, 64)
    assert "Everything agrees." in here.fine("verify", "--against", head).stderr
    told["root"] = "00" * 32
    head.write_text(json.dumps(told))
    done = here("verify", "--against", head)
    assert (done.returncode, "do not give the head" in done.stderr) == (1, True)


def test_verify_that_only_reads_counts_what_is_not_sealed(here):
    done = here.fine("verify", "--read-only")
    assert "1 transactions unsealed." in done.stdout
    assert "0 places" in done.stdout


def test_a_changed_fact_ends_with_1_and_is_named_in_both_languages(here):
    here.fine("verify")
    tamper(here.file)
    done = here("verify")
    assert (done.returncode, "no longer match its seal" in done.stderr) == (1, True)
    assert "Nothing was changed. Keep this state as evidence" in done.stderr
    assert "everything else was processed" not in done.stderr
    done = here("verify", "--language", "de")
    assert (done.returncode, "stimmt nicht mehr mit seinem Siegel" in done.stderr) == (1, True)


@pytest.mark.parametrize("text", ["", "[]", '{"size": 1}', '{"size": 1, "root": "00"}', "{"])
def test_a_file_that_is_no_head_is_refused(tmp_path, text):
    file = tmp_path / "head.json"
    file.write_text(text)
    with pytest.raises(Invalid, match="is no head"):
        read_head(file)
    with pytest.raises(NotFound, match="no file"):
        read_head(tmp_path / "none.json")


@pytest.mark.long
def test_backup_and_restore_into_an_installation_of_their_own(here, tmp_path):
    file = tmp_path / "backup.zip"
    told = here.fine("backup", file).stderr
    assert "keep it encrypted" in told
    before = file.read_bytes()
    done = here("backup", file)
    assert (done.returncode, "exists already" in done.stderr) == (2, True)
    assert file.read_bytes() == before
    here.fine("backup", file, "--force")
    there = Installation(tmp_path / "there")
    done = there.fine("restore", file)
    assert "Everything agrees." in done.stderr
    assert "0 erasures repeated" in done.stderr
    again = there("restore", file)
    assert (again.returncode, "nothing was touched" in again.stderr) == (2, True)


@pytest.mark.long
def test_move_to_another_file_keeps_the_head(here, tmp_path):
    head = tmp_path / "head.json"
    here.fine("verify", "--head", head)
    there = Installation(tmp_path / "there")
    there.folder.mkdir()
    done = here.fine("move", "--to", f"sqlite:{there.file}")
    assert json.loads(head.read_text())["root"] in done.stderr
    assert "Everything agrees." in there.fine("verify", "--against", head).stderr
    wrong = here("move", "--to", "mysql://x")
    assert (wrong.returncode, "is no address of a database" in wrong.stderr) == (2, True)


@pytest.mark.parametrize("to", ["postgresql://x@127.0.0.1:1/nix", "sqlite:{}/nodir/l.sqlite3"])
def test_a_move_to_where_nothing_can_be_written_names_the_target(here, tmp_path, to):
    before = here.file.read_bytes()
    done = here("move", "--to", to.format(tmp_path))
    assert done.returncode in (2, 3)
    assert "Traceback" not in done.stderr
    assert ("127.0.0.1:1/nix" if "127" in to else "/nodir") in done.stderr
    assert (tmp_path / "nodir").exists() is False
    assert here.file.read_bytes() == before


def test_export_says_what_it_wrote_and_refuses_a_folder_that_exists(here, tmp_path):
    folder = tmp_path / "out"
    done = here.fine("export", folder, "--format", "csv")
    assert "README.md explains every field" in done.stderr
    assert (folder / "policy_version.csv").read_text().count("default") >= 1
    again = here("export", folder)
    assert (again.returncode, "exists already" in again.stderr) == (2, True)
