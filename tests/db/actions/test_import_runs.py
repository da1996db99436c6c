"""Runs of imports: received, tried, booked; once each, whatever happens in between."""

import gzip
import threading
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.conf import settings
from django.db import connections
from tests.db.staff import Staff

from vertrauenskonto.core.errors import Conflict, Denied, Invalid
from vertrauenskonto.db import import_folders, models
from vertrauenskonto.db.actions import import_runs, imported_customers, policies
from vertrauenskonto.db.actions.import_runs import Given
from vertrauenskonto.db.actions.imported_customers import customers_of
from vertrauenskonto.db.actions.mappings import save_mapping
from vertrauenskonto.db.queries import import_runs as queries
from vertrauenskonto.db.queries.policies import history
from vertrauenskonto.importers.policy import read_policy

KEY = "k" * 20
CALLS = """name = "calls"
title = { de = "Anrufe", en = "Calls" }
[columns]
who = { from = "Kunde" }
happened = { from = "Tag", type = "day", formats = ["DD.MM.YYYY"] }
number = { from = "Nr" }
what = { from = "Was" }
[[events]]
account = "who"
day = "happened"
id = "number"
kind = { column = "what", values = { "Gespräch" = "conversation", "gehalten" = "promise_kept", "gelogen" = "lie_uncovered" } }
"""
FILE = (
    "Nr;Kunde;Tag;Was\n"
    "1;K1;02.03.2026;Gespräch\n"
    "2;K1;03.03.2026;gehalten\n"
    "3;K2;03.03.2026;gehalten\n"
    "4;K2;31.02.2026;gehalten\n"
    "5;K3;04.03.2026;gelogen\n"
)


@pytest.fixture
def lena(database, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "DATA", tmp_path)
    staff = Staff()
    version = read_policy("craft").versions[-1]
    policies.put_in_force(version, valid_from=staff.today.replace(year=2025), door=staff.door)
    staff.policies = history()
    viewer = staff.person("lena", "lead")
    save_mapping(viewer, CALLS, now=staff.door.at, replaces=False)
    return staff, viewer


def received(lena, contents=FILE, name="anrufe.csv", key=KEY):
    staff, viewer = lena
    data = contents.encode() if isinstance(contents, str) else contents
    return import_runs.receive(viewer, key, [Given(name=name, blocks=[data])], now=staff.door.at)


def tried(lena, run, mapping="calls"):
    staff, viewer = lena
    import_runs.choose(viewer, run, mapping, now=staff.door.at)
    import_runs.check(run, now=staff.door.at, today=staff.today)
    return queries.run(viewer, run)


def booked(lena, run):
    staff, viewer = lena
    import_runs.confirm(viewer, run, now=staff.door.at)
    import_runs.book(run, door=staff.door_of(viewer))
    return queries.run(viewer, run)


def test_a_file_is_tried_as_a_whole_and_books_nothing_by_that(lena):
    found = tried(lena, received(lena))
    assert found.state == "checked"
    assert found.error is None
    names = ("rows", "used", "skipped", "bad", "events", "repeated", "honesty", "known", "new")
    assert [found.counts[n] for n in names] == [5, 4, 0, 1, 4, 0, 1, 0, 3]
    assert found.counts["kinds"] == {"conversation": 1, "lie_uncovered": 1, "promise_kept": 2}
    [told] = list(queries.problems(lena[1], found.id, "de"))
    assert told[:3] == ("anrufe.csv", 5, "Tag")
    assert models.Entry.objects.count() == 0
    assert models.Customer.objects.count() == 0


def test_what_was_tried_is_booked_once_under_the_name_of_who_confirmed(lena):
    run = received(lena)
    tried(lena, run)
    found = booked(lena, run)
    assert found.state == "booked"
    names = ("booked", "replayed", "waiting", "proposed", "refused", "left")
    assert [found.counts[n] for n in names] == [3, 0, 0, 1, 0, 0]
    entry = models.Entry.objects.select_related("transaction").get(source_id="2")
    assert (entry.source, entry.transaction.actor) == ("calls", "p_lena")
    assert entry.transaction.channel == "import"
    assert models.Proposal.objects.count() == 1


def test_the_same_file_again_books_nothing_and_says_so(lena):
    first = received(lena)
    tried(lena, first)
    booked(lena, first)
    second = received(lena, key="another-key-0000000")
    found = tried(lena, second)
    assert (found.counts["repeated"], found.counts["known"], found.counts["new"]) == (3, 3, 0)
    assert queries.booked_before(lena[1], second).id == first
    again = booked(lena, second)
    assert (again.counts["booked"], again.counts["replayed"]) == (0, 3)
    assert models.Entry.objects.count() == 3


def test_a_double_click_is_one_upload_one_trial_and_one_booking(lena):
    staff, viewer = lena
    run = received(lena)
    assert received(lena) == run
    tried(lena, run)
    import_runs.confirm(viewer, run, now=staff.door.at)
    import_runs.confirm(viewer, run, now=staff.door.at)
    assert models.Job.objects.filter(name="book_import").count() == 1
    import_runs.book(run, door=staff.door_of(viewer))
    import_runs.book(run, door=staff.door_of(viewer))
    import_runs.confirm(viewer, run, now=staff.door.at)
    assert models.Entry.objects.count() == 3


def test_a_run_that_was_not_tried_is_not_booked(lena):
    staff, viewer = lena
    run = received(lena)
    with pytest.raises(Conflict):
        import_runs.confirm(viewer, run, now=staff.door.at)
    assert models.ImportRun.objects.get(pk=run).state == "uploaded"


def test_booking_stops_between_parts_says_what_is_booked_and_goes_on(lena, monkeypatch):
    staff, viewer = lena
    monkeypatch.setattr(import_runs, "PART", 2)
    rows = "".join(f"{n};K{n:03};02.03.2026;gehalten\n" for n in range(1, 8))
    run = received(lena, "Nr;Kunde;Tag;Was\n" + rows)
    tried(lena, run)
    import_runs.confirm(viewer, run, now=staff.door.at)
    told = import_runs._Teller.part_done

    def stopped_after_two(self, counts, share):
        if counts["booked"] >= 4:
            import_runs.stop(viewer, run, now=staff.door.at)
        return told(self, counts, share)

    monkeypatch.setattr(import_runs._Teller, "part_done", stopped_after_two)
    import_runs.book(run, door=staff.door_of(viewer))
    found = queries.run(viewer, run)
    assert (found.state, found.counts["booked"], found.counts["left"]) == ("stopped", 4, 3)
    assert models.Entry.objects.count() == 4

    monkeypatch.setattr(import_runs._Teller, "part_done", told)
    found = booked(lena, run)
    assert (found.state, found.counts["booked"], found.counts["replayed"]) == ("booked", 7, 0)
    assert models.Entry.objects.count() == 7


def test_a_worker_that_dies_in_the_middle_leaves_nothing_missing_and_nothing_double(
    lena, monkeypatch
):
    staff, viewer = lena
    monkeypatch.setattr(import_runs, "PART", 2)
    rows = "".join(f"{n};K{n:03};02.03.2026;gehalten\n" for n in range(1, 8))
    run = received(lena, "Nr;Kunde;Tag;Was\n" + rows)
    tried(lena, run)
    import_runs.confirm(viewer, run, now=staff.door.at)
    told = import_runs._Teller.part_done

    def killed(self, counts, share):
        told(self, counts, share)
        if counts["booked"] >= 4:
            raise KeyboardInterrupt
        return True

    monkeypatch.setattr(import_runs._Teller, "part_done", killed)
    with pytest.raises(KeyboardInterrupt):
        import_runs.book(run, door=staff.door_of(viewer))
    assert queries.run(viewer, run).state == "booking"
    monkeypatch.setattr(import_runs._Teller, "part_done", told)
    import_runs.book(run, door=staff.door_of(viewer))
    found = queries.run(viewer, run)
    assert (found.state, found.counts["booked"], found.counts["replayed"]) == ("booked", 7, 0)
    assert models.Entry.objects.count() == 7


def test_two_workers_at_once_book_everything_once(lena):
    staff, viewer = lena
    rows = "".join(f"{n};K{n:03};02.03.2026;gehalten\n" for n in range(1, 60))
    run = received(lena, "Nr;Kunde;Tag;Was\n" + rows)
    tried(lena, run)
    import_runs.confirm(viewer, run, now=staff.door.at)
    door = staff.door_of(viewer)

    def work():
        try:
            import_runs.book(run, door=door)
        finally:
            connections.close_all()

    both = [threading.Thread(target=work) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert models.Entry.objects.count() == 59
    assert queries.run(viewer, run).state == "booked"


def test_ids_that_somebody_else_entered_in_this_moment_are_found(lena, monkeypatch):
    staff, _ = lena
    history_, accounts = history(), [f"K{n:03}" for n in range(1, 60)]

    def entered():
        done = customers_of("calls", accounts, {}, door=staff.door, policies=history_)
        return {account: one.key for account, one in done.items()}

    first, known = entered(), imported_customers._known
    looks = []

    def late(*asked):
        looks.append(asked)
        return {} if len(looks) == 1 else known(*asked)

    monkeypatch.setattr(imported_customers, "_known", late)
    assert entered() == first
    assert models.ExternalId.objects.count() == models.Customer.objects.count() == 59


def zipped(**files):
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, contents in files.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), contents)
    return made.getvalue()


def bomb():
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as file:
        for _ in range(60):
            file.write(b"0" * 2**20)
    return made.getvalue()


WRONG = {
    "empty": (b"", "a.csv", "ist leer"),
    "web page": (b"<!DOCTYPE html><html>...", "a.csv", "Web-Seite"),
    "pdf": (b"%PDF-1.7 ...", "a.csv", "PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n....", "a.csv", "Bild"),
    "excel": (zipped(xl__workbook_csv="x"), "a.xlsx", "Excel"),
    "zip bomb": (bomb(), "a.zip", "viel zu groß"),
    "gzip bomb": (gzip.compress(b"0" * 60 * 2**20), "a.csv.gz", "viel zu groß"),
    "path": (zipped(**{"..__..__evil_csv": "x"}), "a.zip", "anderen Ordner"),
    "zip in zip": (zipped(b_csv=zipped(a_csv="a;b\n1;2\n")), "a.zip", "Archiv in einem Archiv"),
    "too many": (zipped(**{f"f{n}_csv": "a;b" for n in range(21)}), "a.zip", "mehr als 20"),
    "broken zip": (b"PK\x03\x04 nothing", "a.zip", "beschädigt"),
    "cut gzip": (gzip.compress(b"a;b\n1;2\n")[:-9], "a.csv.gz", "beschädigt"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_wrong_file_is_refused_in_words_and_nothing_of_it_is_kept(lena, name):
    contents, file, said = WRONG[name]
    with pytest.raises(Invalid) as refused:
        received(lena, contents, name=file)
    assert said in refused.value.text.de
    assert models.ImportRun.objects.count() == 0
    assert list(import_folders.root().iterdir()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_too_large_an_upload_is_refused_while_it_arrives(lena, monkeypatch):
    arriving = import_folders.Arriving(bytes_max=10)
    with pytest.raises(Invalid, match="MB"):
        arriving.add("a.csv", [b"123456", b"789012"])
    arriving.drop()
    assert list(import_folders.root().iterdir()) == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("contents", "name"),
    [
        (gzip.compress(FILE.encode()), "anrufe.csv.gz"),
        (zipped(anrufe_csv=FILE), "export.zip"),
        (FILE.encode("cp1252"), "anrufe.csv"),
        (FILE.encode("utf-16"), "anrufe.csv"),
    ],
)
def test_packed_files_and_german_encodings_are_read_as_they_are(lena, contents, name):
    found = tried(lena, received(lena, contents, name=name))
    assert (found.files, found.counts["events"]) == (("anrufe.csv",), 4)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_line_of_ten_megabytes_and_zero_bytes_cost_only_their_own_rows(lena):
    long = "6;K6;05.03.2026;" + "x" * 10 * 2**20
    found = tried(
        lena, received(lena, f"{FILE}{long}\n7;K\0;05.03.2026;gehalten\n8;K8;05.03.2026;gehalten\n")
    )
    assert (found.state, found.counts["events"], found.counts["bad"]) == ("checked", 5, 3)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_header_alone_and_a_foreign_file_say_what_is_wrong(lena):
    alone = tried(lena, received(lena, "Nr;Kunde;Tag;Was\n"))
    assert (alone.state, alone.counts["events"]) == ("checked", 0)
    other = tried(lena, received(lena, "a;b\n1;2\n", key="another-key-0000000"))
    assert other.state == "failed"
    assert "4 Spalten fehlen" in other.error.de
    assert len(list(queries.problems(lena[1], other.id, "en"))) == 4
    assert models.Entry.objects.count() == 0


def test_the_file_is_deleted_after_its_time_and_the_run_stays(lena):
    staff, viewer = lena
    run = received(lena)
    staff.later(3)
    assert import_runs.tidy(before=staff.door.at) == 1
    found = queries.run(viewer, run)
    assert (found.state, found.is_kept, found.files) == ("discarded", False, ("anrufe.csv",))
    assert list(import_folders.root().iterdir()) == []
    with pytest.raises(Conflict):
        import_runs.choose(viewer, run, "calls", now=staff.door.at)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("role", ["contact", "analyst", "auditor"])
def test_only_leads_import(lena, role):
    staff, _ = lena
    other = staff.person("other", role)
    with pytest.raises(Denied):
        received((staff, other))
    assert models.ImportRun.objects.count() == 0


def test_what_failed_in_its_trial_is_not_booked_by_trying_again(lena):
    staff, viewer = lena
    run = received(lena, "a;b\n1;2\n")
    assert tried(lena, run).state == "failed"
    before = models.ImportRun.objects.values().get()
    with pytest.raises(Conflict):
        import_runs.again(viewer, run, now=staff.door.at)
    assert models.ImportRun.objects.values().get() == before
    assert not models.Job.objects.filter(name="book_import").exists()


def test_a_booking_that_failed_goes_on_when_tried_again(lena, monkeypatch):
    staff, viewer = lena
    run = received(lena)
    tried(lena, run)
    import_runs.confirm(viewer, run, now=staff.door.at)
    with monkeypatch.context() as broken:
        broken.setattr(import_runs, "_ATTEMPTS_MAX", 0)
        import_runs.book(run, door=staff.door_of(viewer))
    assert queries.run(viewer, run).state == "failed"
    import_runs.again(viewer, run, now=staff.door.at)
    import_runs.book(run, door=staff.door_of(viewer))
    assert queries.run(viewer, run).state == "booked"
    assert models.Entry.objects.count() == 3
