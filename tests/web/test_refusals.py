"""What cannot be answered: a page of ours in the reader's language, nothing changed, nothing lost."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.db.actions.test_import_runs import FILE, lena  # noqa: F401
from tests.db.staff import Staff
from tests.web.test_obligations import a_world, fallen
from tests.web.test_pages import tidy
from tests.web.test_setup import administrator
from tests.web.test_sources_pages import browser, sent  # noqa: F401

from vertrauenskonto.db import models
from vertrauenskonto.db.actions import import_runs, ledger
from vertrauenskonto.db.naming import name_anew
from vertrauenskonto.db.queries.choices import choice

HTML = {"HTTP_ACCEPT": "text/html"}
LARGE = "99999999999999999999"


@pytest.mark.parametrize(("language", "words"), [("de", "gibt es nicht"), ("en", "no such page")])
def test_an_address_with_nul_is_no_page_on_either_database(site, language, words):
    lead = site.signed_in("lena", "lead", language=language)
    key = Staff().customer()
    for path in (
        "/kunden/%00/",
        "/kunden/%00/gruppe/",
        f"/kunden/{key}/storno/?entry=%00",
        f"/kunden/{key}/ausgleich/?entry=%00",
        "/karte/?kundennummer=%00",
        "/karte/?auftrag=x%00y",
        "/ursachen/buchungen/?nach=kind&was=%00",
    ):
        answer = lead.get(path)
        assert answer.status_code == 404, path
        assert words in answer.content.decode()
        tidy(answer.content.decode(), language)


def test_nul_in_a_form_is_refused_with_a_page_on_either_database(site, browser):  # noqa: F811
    world = a_world()
    adam = administrator(site)
    duties = fallen(world, 2, owner="p_lea")
    [key, _] = models.Customer.objects.order_by("pk").values_list("key", flat=True)
    draft = world.draft(key, "lie_uncovered", target="person:p_lea")
    ledger.book([draft], door=world.door, policies=world.policies)
    [proposal] = models.Proposal.objects.values_list("pk", flat=True)
    run = sent(browser, FILE.encode()).url.split("/")[3]
    before = stored()
    for path, body in (
        (f"/ehrlichkeit/vorschlag/{proposal}/", {"what": "decline", "text": "x\0"}),
        (f"/aufgaben/{duties[0]}/", {"what": "leave", "lassen-reason": "x\0"}),
        ("/kunden/ansichten/?unter=on", {"what": "save", "name": "x\0"}),
        (f"/kunden/{key}/zusammenlegen/", {"what": "undo", "other": "\0"}),
        (f"/kunden/{key}/storno/", {"entry": "\0", "nr": "\0"}),
        (f"/quellen/lauf/{run}/spalten/", {"mapping": "\0"}),
        ("/quellen/zuordnen/", {"record": "1", "whom": "\0"}),
        ("/quellen/entwuerfe/1/", {"discard": "1", "reason": "\0"}),
    ):
        answer = adam.post(path, body)
        assert answer.status_code == 400, path
        assert "invisible character" in answer.content.decode()
        tidy(answer.content.decode(), "en")
        assert stored() == before, path


def stored() -> list[int]:
    """Return how many rows there are of what these forms would write."""
    written = (models.Entry, models.Step, models.SavedView, models.Suspension, models.Mapping)
    return [
        *(model.objects.count() for model in written),
        models.Proposal.objects.filter(state="open").count(),
        models.ImportRun.objects.filter(state="uploaded").count(),
    ]


@pytest.mark.parametrize("odd", ["²", "٣", "-1", "9" * 5000, LARGE, "../../x"])
def test_odd_numbers_in_a_query_are_passed_over(site, odd):
    adam = administrator(site)
    fallen(a_world(), 2)
    for path in ("/quellen/zuordnen/?ab=", "/meldungen/?vor=", "/verwaltung/protokoll/?vor="):
        assert adam.get(f"{path}{odd}").status_code == 200, path
    for after in (f"9999999-{odd}", f"{odd}-5", "9999999-5", "0-5"):
        page = adam.get(f"/aufgaben/?art=all&nach={after}").content.decode()
        assert page.count('class="duty"') == 2
    assert adam.get(f"/aufgaben/buendeln/?aufgabe={odd}").status_code == 200


def test_no_row_has_a_number_beyond_what_databases_keep(site):
    adam = administrator(site)
    a_world()
    for path in (
        f"/verwaltung/webhooks/{LARGE}/",
        f"/regelwerk/entwurf/{LARGE}/",
        f"/aufgaben/{LARGE}/",
        f"/aufgaben/{'9' * 5000}/",
    ):
        answer = adam.get(path, **HTML)
        assert answer.status_code == 404, path
        tidy(answer.content.decode(), "en")
    assert adam.post(f"/betrifft/{LARGE}/", {"text": "x"}).status_code == 404


@pytest.mark.parametrize("odd", ["9" * 40, "²", "9" * 5000])
def test_a_bundle_of_odd_duties_is_refused_and_can_be_sent_again(site, odd):
    lead = site.signed_in("lena", "lead")
    duties = fallen(a_world(), 2)
    page = lead.get("/aufgaben/buendeln/").content.decode()
    number = page.split('name="once" value="')[1].split('"')[0]
    told = {"once": number, "name": "Carrier", "person": "", "due": "2999-01-01"}
    answer = lead.post("/aufgaben/buendeln/", {**told, "aufgabe": [odd, str(duties[0])]})
    assert answer.status_code == 200
    assert models.SharedDuty.objects.count() == 0
    assert lead.post("/aufgaben/buendeln/", {**told, "aufgabe": duties}).status_code == 302
    assert models.SharedDuty.objects.count() == 1


def test_matching_a_record_by_an_odd_number_is_no_page(site):
    lead = site.signed_in("lena", "lead")
    for odd in ("²", LARGE, "9" * 5000):
        answer = lead.post("/quellen/zuordnen/", {"record": odd, "whom": "new"})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "until", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "yesterday"]
)
def test_messages_are_read_until_now_whatever_the_page_says(site, until):
    alice = site.signed_in("alice")
    fallen(a_world(), owner="p_alice")
    answer = alice.post("/meldungen/", {"until": until})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/meldungen/")


def test_a_set_up_without_a_policy_does_not_end_and_says_why(site):
    adam = administrator(site)
    answer = adam.post("/einrichten/", follow=True)
    assert answer.status_code == 200
    assert "Choose your industry first" in answer.content.decode()
    assert choice("setup_step") != "done"


def test_a_rest_period_takes_no_other_action(site):
    world = a_world()
    fallen(world)
    [key] = models.Customer.objects.values_list("key", flat=True)
    lead = site.signed_in("lena", "lead")
    assert lead.post(f"/kunden/{key}/ruhezeiten/", {"what": "junk"}).status_code == 404
    assert models.Suspension.objects.count() == 0


# ---------------------------------------------------------------------- files nobody can read


def test_a_damaged_file_is_said_to_be_damaged_without_where_it_lies(browser, tmp_path):  # noqa: F811
    path = sent(browser, b"PAR1" + b"x" * 100, "a.parquet").url
    page = browser.get(path, follow=True).content.decode()
    assert "a.parquet cannot be read" in page
    assert "&#x27;a.parquet&#x27;" in page
    assert "/imports/" not in page
    assert str(tmp_path) not in page
    answer = browser.get(f"{path}eigene/")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{path}spalten/")


def test_an_unknown_mapping_is_no_choice(browser):  # noqa: F811
    path = sent(browser, FILE.encode()).url
    answer = browser.get(f"{path}spalten/?zuordnung=../../x")
    assert answer.status_code == 200
    assert "../../x" not in answer.content.decode().replace("zuordnung=../../x", "")


@pytest.mark.parametrize("text", ["a=" + "[" * 20_000, "a" + ".a" * 20_000 + "=1"])
def test_a_mapping_nested_without_end_is_refused(browser, text):  # noqa: F811
    path = sent(browser, FILE.encode()).url
    count = models.Mapping.objects.count()
    toml = SimpleUploadedFile("x.toml", text.encode())
    answer = browser.post(f"{path}eigene/", {"bring": "1", "toml": toml})
    assert answer.status_code == 400
    tidy(answer.content.decode(), "en")
    assert models.Mapping.objects.count() == count


@pytest.mark.parametrize("text", ["a=" + "[" * 20_000, "a" + ".a" * 20_000 + "=1"])
def test_a_policy_nested_without_end_is_refused(site, text):
    lead = site.signed_in("lena", "lead")
    a_world()
    page = lead.get("/regelwerk/entwurf/").content.decode()
    number = page.split('name="once" value="')[1].split('"')[0]
    given = {"once": number, "origin": "file", "name": "x"}
    toml = SimpleUploadedFile("x.toml", text.encode())
    answer = lead.post("/regelwerk/entwurf/", {**given, "file": toml})
    assert answer.status_code == 200
    tidy(answer.content.decode(), "en")
    assert models.PolicyDraft.objects.count() == 0


# ---------------------------------------------------------------------- pages of refusals


@pytest.mark.parametrize(
    ("language", "words"), [("de", "So geht es hier nicht"), ("en", "Not in this way")]
)
def test_a_wrong_method_gets_a_page(site, language, words):
    alice = site.signed_in("alice", language=language)
    for method, path in (("post", "/kunden/"), ("get", "/konto/sprache/"), ("put", "/")):
        answer = getattr(alice, method)(path, **HTML)
        assert answer.status_code == 405
        assert answer.headers["Allow"]
        assert words in answer.content.decode()
        tidy(answer.content.decode(), language)


@pytest.mark.parametrize(("language", "words"), [("de", "zu lang"), ("en", "too long")])
def test_a_note_of_three_megabytes_gets_a_page_that_says_what_to_shorten(site, language, words):
    alice = site.signed_in("alice", language=language)
    note = {"text": "x" * 3_000_000, "what": "comment"}
    answer = alice.post("/konto/meldungen/", note, **HTML)
    assert answer.status_code == 413
    page = answer.content.decode()
    tidy(page, language)
    assert words in page
    assert "site.css" in page
    many = {"aufgabe": [str(n) for n in range(1500)]}
    answer = alice.post("/aufgaben/buendeln/", many, **HTML)
    assert answer.status_code == 413
    assert "1000" in answer.content.decode()
    tidy(answer.content.decode(), language)


@pytest.mark.parametrize(
    ("language", "words"), [("de", "der Fehler liegt bei uns"), ("en", "the fault is ours")]
)
def test_a_fault_of_ours_gets_a_page_without_internals(site, monkeypatch, language, words):
    alice = site.signed_in("alice", language=language)
    alice.raise_request_exception = False

    def broken(*_, **__):
        raise RuntimeError("in the engine room")

    monkeypatch.setattr("vertrauenskonto.web.customers.customer_list.page", broken)
    answer = alice.get("/kunden/", **HTML)
    assert answer.status_code == 500
    page = answer.content.decode()
    tidy(page, language)
    assert words in page
    assert answer.headers["X-Request-ID"] in page
    assert "engine room" not in page


def test_a_wrong_host_gets_a_page(site):
    answer = site.browser().get("/", headers={"host": "elsewhere.example", "accept": "text/html"})
    assert answer.status_code == 400
    tidy(answer.content.decode(), "en")


# ---------------------------------------------------------------------- files in one language


def test_a_file_is_in_its_readers_language_whatever_the_browser_prefers(site):
    staff = Staff()
    staff.policy()
    staff.agree("scores")
    key = staff.customer()
    row = models.Customer.objects.get(key=key)
    models.Profile.objects.create(customer=row, sort="person", name="Brandt", search_name="brandt")
    name_anew([row.pk])
    staff.booked(key, "promise_broken_unannounced")
    for language, told in (
        ("en", ("Weakest", "below the threshold")),
        ("de", ("Am schwächsten", "unter der Schwelle")),
    ):
        lead = site.signed_in(f"lena{language}", "lead", language=language)
        other = "de" if language == "en" else "en"
        answer = lead.get("/kunden/export.csv", HTTP_ACCEPT_LANGUAGE=other)
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        [line] = csv.reader(io.StringIO(text.split("\n", 1)[1]), delimiter=text_sign(text))
        assert told[0] in text.split("\n", 1)[0]
        assert told[1] in line


def text_sign(text: str) -> str:
    return ";" if ";" in text.split("\n", 1)[0] else ","


def test_problems_of_an_import_are_in_their_readers_language(browser):  # noqa: F811
    path = sent(browser, b"Nr;Kunde;Tag;Was\n1;K1;31.02.2026;gehalten\n").url
    browser.post(f"{path}spalten/", {"mapping": "calls"})
    run = models.ImportRun.objects.get()
    import_runs.check(run.pk, now=run.created_at, today=run.created_at.date())
    answer = browser.get(f"{path}probleme.csv", HTTP_ACCEPT_LANGUAGE="de")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.startswith('"file";"line";"column"')
    assert "problem" in text.lower().split("\n")[1].lower()
    assert "Hinweis" not in text
