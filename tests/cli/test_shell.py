"""What is said beside the results: problems, and a bar on a terminal."""

from datetime import date

import pytest

from vertrauenskonto.cli.shell import Progress, Shell
from vertrauenskonto.cli.written import write_text
from vertrauenskonto.core.errors import NotFound, Problem, Text

SHELL = Shell(language="de", today=date(2026, 1, 1))


def test_a_bar_is_drawn_over_itself_and_taken_away(capsys):
    bar = Progress("Lesen", is_shown=True)
    for share in (0.0, 0.5, 0.501, 1.0, 2.0):
        bar(share)
    bar.clear()
    assert capsys.readouterr().err == (
        f"\rLesen {'╌' * 30}   0 %\rLesen {'━' * 15}{'╌' * 15}  50 %\rLesen {'━' * 30} 100 %\r\x1b[2K"
    )


def test_no_bar_is_drawn_where_there_is_no_terminal(capsys):
    with SHELL.working(Text("Arbeiten", "Working")) as bar:
        bar(0.5)
    with SHELL.stages() as told:
        told("read", 0.5)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("severity", "code"), [("error", 1), ("note", 0)])
def test_notes_alone_are_no_failure(capsys, severity, code):
    problem = Problem(code="x", text=Text("so nicht", "not so"), line=3, severity=severity)
    assert SHELL.report_all([problem]) == code
    said = capsys.readouterr().err
    assert "Zeile 3: so nicht" in said
    assert ("1 Problem in den Daten" if code else "1 Hinweis") in said


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    target = tmp_path / "a.txt"
    write_text(target, "alt\n")
    with pytest.raises(UnicodeEncodeError):
        write_text(target, "neu \ud800")
    assert target.read_text(encoding="utf-8") == "alt\n"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]
    with pytest.raises(NotFound):
        write_text(tmp_path / "none" / "a.txt", "x")
