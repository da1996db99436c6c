"""Policies read from files, folders and by name."""

from datetime import date
from pathlib import Path

import pytest
from tests.policies import HEAD

from vertrauenskonto.core.errors import Invalid, NotFound
from vertrauenskonto.importers.policy import check_policy, read_policy, shipped_policies

OWN = HEAD.replace("title_de", 'extends = "default"\ntitle_de')


def write(path: Path, text: str = OWN) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def version(number: int, day: str, name: str = "own") -> str:
    return (
        OWN.replace("version = 2", f"version = {number}")
        .replace("2026-03-01", day)
        .replace('"own"', f'"{name}"')
    )


def test_the_neutral_policy_and_a_starter_for_each_industry_are_shipped():
    assert shipped_policies() == (
        "agency",
        "b2b_field_service",
        "craft",
        "default",
        "energy",
        "insurance",
        "mail_order",
        "software",
    )


@pytest.mark.parametrize("name", shipped_policies())
def test_a_shipped_policy_is_read_by_name_and_has_nothing_to_note(name):
    [own] = read_policy(name).versions
    assert own.name == name
    assert own.version == 1
    assert own.title.de != own.title.en
    assert check_policy(name) == []


@pytest.mark.parametrize("name", [name for name in shipped_policies() if name != "default"])
def test_a_starter_adds_to_the_catalogue_and_changes_nothing_in_it(name):
    neutral, own = read_policy("default").versions[0], read_policy(name).versions[0]
    assert neutral.kinds.items() <= own.kinds.items()
    assert len(own.kinds) > len(neutral.kinds)
    assert own.booking == neutral.booking
    assert own.parameters.silence.usual_contact_days


def test_a_file_is_read_with_what_it_extends(tmp_path):
    [own] = read_policy(write(tmp_path / "own.toml", OWN + "[alarm]\nthreshold = 3\n")).versions
    assert (own.label, own.parameters.threshold) == ("own/2", 3.0)
    assert own.kinds == read_policy("default").versions[0].kinds


def test_a_file_may_extend_a_starter_and_begin_with_a_byte_order_mark(tmp_path):
    text = "\ufeff" + OWN.replace('"default"', '"craft"')
    [own] = read_policy(str(write(tmp_path / "own.toml", text))).versions
    craft = read_policy("craft").versions[0]
    assert own.parameters == craft.parameters
    assert own.kinds == craft.kinds


def test_a_folder_holds_the_versions_of_one_policy(tmp_path):
    write(tmp_path / "a.toml", version(2, "2026-03-01"))
    write(tmp_path / "b.toml", version(1, "2025-01-01"))
    (tmp_path / "notes.txt").write_text("no policy")
    history = read_policy(tmp_path)
    assert [v.label for v in history.versions] == ["own/1", "own/2"]
    assert history.in_force(date(2026, 2, 28)).version == 1
    assert check_policy(tmp_path) == []


@pytest.mark.parametrize(
    ("second", "german", "english"),
    [
        (version(1, "2027-01-01"), "braucht eine höhere Nummer", "needs a higher number"),
        (version(1, "2025-01-01"), "einen späteren ersten Tag", "a later first day"),
        (version(3, "2025-01-01"), "(ab 2025-01-01, ", "(from 2025-01-01, "),
        (version(2, "2027-01-01", "other"), "ein anderes Regelwerk als own/1", "another policy than own/1"),
    ],
)  # fmt: skip
def test_versions_that_do_not_fit_together_are_refused(tmp_path, second, german, english):
    write(tmp_path / "a.toml", version(1, "2025-01-01"))
    write(tmp_path / "b.toml", second)
    [problem] = check_policy(tmp_path)
    assert (problem.code, problem.field, problem.line) == ("history", "policy.version", 3)
    assert problem.file.endswith("b.toml")
    assert german in problem.text.de
    assert english in problem.text.en
    with pytest.raises(Invalid) as caught:
        read_policy(tmp_path)
    assert caught.value.problems == (problem,)


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(Invalid) as caught:
        read_policy(tmp_path)
    assert "liegt keine Datei *.toml" in caught.value.text.de
    assert "holds no file *.toml" in caught.value.text.en


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path):
    for ask in (read_policy, check_policy):
        with pytest.raises(NotFound) as caught:
            ask("mail-order")
        assert "Meinten Sie „mail_order“?" in caught.value.text.de
        assert "Did you mean 'mail_order'?" in caught.value.text.en
        assert "craft" in caught.value.text.en
    with pytest.raises(NotFound):
        read_policy(tmp_path / "missing.toml")


def test_a_path_of_your_own_is_not_mistaken_for_a_shipped_policy(tmp_path, monkeypatch):
    write(tmp_path / "craft")
    monkeypatch.chdir(tmp_path)
    assert read_policy("craft").versions[0].name == "craft"
    assert read_policy("./craft").versions[0].name == "own"
    assert read_policy(Path("craft")).versions[0].name == "own"


def test_every_mistake_is_raised_with_file_and_line_and_notes_alone_are_not(tmp_path):
    path = write(tmp_path / "own.toml", OWN + "[alarm]\nthreshold = 'x'\n[silense]\n")
    with pytest.raises(Invalid) as caught:
        read_policy(path)
    assert "ist nicht brauchbar (2 Fehler)" in caught.value.text.de
    assert "cannot be used (2 mistakes)" in caught.value.text.en
    assert [(p.file, p.line) for p in caught.value.problems] == [(str(path), 11), (str(path), 10)]
    assert f"{path}:10: alarm.threshold" in str(caught.value)
    noted = write(tmp_path / "noted.toml", OWN + "[silence]\nusual_contact_days = 80\n")
    assert read_policy(noted).versions[0].name == "own"
    assert [p.severity for p in check_policy(noted)] == ["note"]


def test_an_unknown_base_is_named_and_the_rest_is_checked_all_the_same(tmp_path):
    text = OWN.replace('"default"', '"mailorder"') + "[alarm]\nthreshold = 'x'\n"
    path = write(tmp_path / "own.toml", text)
    base, threshold = check_policy(path)
    assert (base.code, base.field, base.line) == ("unknown_base", "policy.extends", 5)
    assert "Meinten Sie „mail_order“?" in base.text.de
    assert "Did you mean 'mail_order'?" in base.text.en
    assert threshold.field == "alarm.threshold"
    with pytest.raises(Invalid):
        read_policy(path)


def test_an_unknown_base_alone_is_enough_to_refuse(tmp_path):
    path = write(tmp_path / "own.toml", OWN.replace('"default"', '"mailorder"'))
    [problem] = check_policy(path)
    assert problem.code == "unknown_base"
    with pytest.raises(Invalid, match="1 mistake"):
        read_policy(path)


@pytest.mark.parametrize("wrong", ["extends = 5", 'extends = "Mail Order"'])
def test_a_base_that_is_no_name_is_explained(tmp_path, wrong):
    path = write(tmp_path / "own.toml", OWN.replace('extends = "default"', wrong))
    found = check_policy(path)
    assert {p.field for p in found} <= {"policy.extends", "kinds"}
    assert found[0].code in ("value", "unknown_base", "no_kinds")


SYNTAX = [
    ("[alarm]\nthreshold = \n", 10, "Texte brauchen Anführungszeichen", "Texts need quotes"),
    ("[alarm\n", 9, "ein Abschnitt steht in [ ]", "a section stands in [ ]"),
    (
        "[alarm]\nthreshold = 1\nthreshold = 2\n",
        11,
        "darf nur einmal stehen",
        "may stand only once",
    ),
    ("[alarm]\n[alarm]\n", 10, "darf nur einmal stehen", "may stand only once"),
]


@pytest.mark.parametrize(("text", "line", "german", "english"), SYNTAX)
def test_a_file_that_is_no_toml_is_explained_with_its_line(tmp_path, text, line, german, english):
    path = write(tmp_path / "own.toml", OWN + text)
    [problem] = check_policy(path)
    assert (problem.code, problem.file, problem.line) == ("toml_syntax", str(path), line)
    assert german in problem.text.de
    assert english in problem.text.en
    with pytest.raises(Invalid):
        read_policy(path)


def test_a_syntax_error_at_the_end_has_no_line(tmp_path):
    [problem] = check_policy(write(tmp_path / "own.toml", '[alarm]\nx = "'))
    assert problem.code == "toml_syntax"
    assert problem.line in (None, 2)


def test_a_file_in_another_encoding_is_explained(tmp_path):
    path = tmp_path / "own.toml"
    path.write_bytes(OWN.replace("Eigenes", "Übliches").encode("windows-1252"))
    [problem] = check_policy(path)
    assert (problem.code, problem.line) == ("encoding", 6)
    assert "nicht in UTF-8" in problem.text.de
    assert "not stored as UTF-8" in problem.text.en


def test_an_empty_file_names_what_it_lacks(tmp_path):
    problems = check_policy(write(tmp_path / "own.toml", ""))
    assert [p.field for p in problems][:2] == ["kinds", "policy.name"]
