"""The account card: found by mail, number or order, framed by those who may, and by links that end."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from tests.api.conftest import problem

from vertrauenskonto.core.errors import Denied, Invalid
from vertrauenskonto.db import access, models
from vertrauenskonto.db.access import installation
from vertrauenskonto.db.actions import agreements, cards, privacy
from vertrauenskonto.db.queries import cards as queries

HELPDESK = "https://helpdesk.example"


@pytest.fixture
def ada(company) -> str:
    """Return Ada's account: an order of hers came in time; the card is switched on."""
    models.Module.objects.create(name="card", is_on=True)
    key = company.post(
        "/customers",
        {
            "source": "shop",
            "source_id": "K-7",
            "known_as": {"ids": {"shop": "K-7"}, "email": "ada@example.org", "name": "Ada Holm"},
        },
    )["customer"]
    company.post("/entries", company.event(key, source_id="4711/delivery"))
    return key


def framed(path: str):
    """Open a page as a browser does inside a frame of another site: without any cookie."""
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en").get(path)


@pytest.mark.parametrize(
    "query", ["mail=Ada%40Example.org", "number=K-7", "order=4711", "order=4711/delivery"]
)
def test_it_is_found_by_what_a_helpdesk_knows(company, ada, query):
    said = company.get(f"/card?{query}")
    assert said["outcome"] == "one"
    assert said["card"]["customer"] == ada
    assert said["card"]["name"] == "Ada Holm"
    assert said["card"]["balance"] == pytest.approx(7.0)
    assert said["card"]["verdicts"] == dict.fromkeys(("willing", "able", "assessable"), "unknown")
    assert said["card"]["url"].endswith(f"/kunden/{ada}/")
    assert said["guard"] == "This account never decides on prices, credit, contracts or service."


@pytest.mark.parametrize("query", ["mail=eve%40example.org", "number=K", "order=471", "mail=x"])
def test_nobody_is_said_plainly(company, ada, query):
    said = company.get(f"/card?{query}")
    assert (said["outcome"], said["card"], said["matches"]) == ("none", None, [])


def test_several_are_named_and_none_is_chosen(company, ada):
    other = company.world.customer()
    row = models.Customer.objects.get(key=other)
    models.Contact.objects.create(customer=row, email_key="ada@example.org")
    said = company.get("/card?mail=ada@example.org")
    assert (said["outcome"], said["card"]) == ("several", None)
    assert [m["customer"] for m in said["matches"]] == [ada, other]


@pytest.mark.parametrize("query", ["", "?mail=a@b&number=K-7", "?name=Holm"])
def test_exactly_one_thing_is_looked_for(company, ada, query):
    answer = company.call("GET", f"/card{query}")
    assert problem(answer)["status"] == 422


def test_names_take_their_scope(company, ada):
    company.secrets["lead"] = company.token("lead", ("scores",))
    company.as_role = "lead"
    said = company.get("/card?number=K-7")
    assert said["card"]["name"] is None
    assert said["matches"] == [{"customer": ada, "name": None}]


def test_what_is_switched_off_does_not_exist(company, ada):
    models.Module.objects.update(is_on=False)
    assert company.call("GET", "/card?number=K-7").status_code == 404
    assert company.call("POST", "/card/links", {"number": "K-7"}).status_code == 404
    assert framed("/karte/").status_code == 302


def test_an_account_that_is_not_valued_has_no_card(company, ada):
    system = installation("test")
    privacy.restrict(system, ada, reason="precaution", door=company.world.door)
    said = company.get("/card?number=K-7")
    assert (said["outcome"], said["card"]) == ("not_valued", None)
    page = framed(address(company))
    assert "not valued" in page.content.decode()
    assert "7.0" not in page.content.decode()


def test_looking_is_noted(company, ada):
    models.Reading.objects.all().delete()
    company.get("/card?number=K-7")
    framed(address(company))
    found = models.Reading.objects.order_by("pk").values_list("channel", "customer__key", "what")
    assert list(found) == [("api", ada, "balance"), ("card", ada, "balance")]


def address(company, **given) -> str:
    """Return the path of a new link."""
    said = company.post("/card/links", given or {"number": "K-7"})
    assert said["outcome"] == "one"
    return urlsplit(said["url"]).path


def test_a_link_shows_one_card_in_the_frames_that_may_and_sets_no_cookie(company, ada):
    cards.allow_frames(installation("test"), f"{HELPDESK}\nhttps://crm.example:8443/")
    page = framed(address(company))
    assert page.status_code == 200
    assert "Ada Holm" in page.content.decode()
    assert "never decides on prices, credit, contracts or service" in page.content.decode()
    policy = page["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {HELPDESK} https://crm.example:8443")
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in page
    assert page["Referrer-Policy"] == "no-referrer"
    assert not page.cookies
    # No other page lets itself be framed.
    other = framed("/konto/login/")
    assert other["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in other["Content-Security-Policy"]


def test_without_a_list_nobody_frames_it(company, ada):
    page = framed(address(company))
    assert page["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("end", ["time", "token", "agreement", "person", "forged", "scope"])
def test_a_link_ends(company, ada, end):
    secret, until = cards.link(
        ada, models.Token.objects.get(name="test administrator").pk, now=datetime.now(UTC)
    )
    assert until - datetime.now(UTC) <= timedelta(minutes=10)
    if end == "time":
        past = datetime.now(UTC) - timedelta(minutes=11)
        secret, _ = cards.link(ada, 1, now=past)
    elif end == "token":
        models.Token.objects.update(revoked_at=datetime.now(UTC))
    elif end == "agreement":
        agreements.agree("scores", is_in_force=False, purpose="Ende", door=company.world.door)
    elif end == "person":
        models.Person.objects.update(is_active=False)
    elif end == "scope":
        models.Token.objects.update(scopes=["read"])
    else:
        secret = secret[:-8] + "AAAAAAA="
    page = framed(f"/karte/{secret}/")
    assert page.status_code == 410
    assert "Ada" not in page.content.decode()


def test_a_contact_person_finds_her_own_customers_only(company, ada):
    company.as_role = "contact"
    assert company.get("/card?number=K-7")["outcome"] == "none"
    contact = access.viewer(company.person("contact"), channel="test")
    row = models.Profile.objects.get(customer__key=ada)
    row.owner_id = contact.person_id
    row.save()
    assert company.get("/card?number=K-7")["card"]["customer"] == ada


@pytest.mark.parametrize(
    "written",
    [
        *("*", "https://*.example", "helpdesk.example", "http://helpdesk.example", "https://"),
        *("https://a.example/path", "https://a.example?x", "https://u:p@a.example", "'self'"),
        *("https://a.example; script-src *", "https://a.example:99999", "javascript:alert(1)"),
        " ".join(f"https://helpdesk-{n}.example" for n in range(40)),
    ],
)
def test_only_plain_origins_may_frame(company, written):
    system = installation("test")
    cards.allow_frames(system, HELPDESK)
    with pytest.raises(Invalid) as refusal:
        cards.allow_frames(system, written)
    assert [p.field for p in refusal.value.problems] == ["origins"]
    assert queries.ancestors() == (HELPDESK,)
    assert cards.allow_frames(system, "http://localhost:8000 HTTPS://A.example/") == (
        "http://localhost:8000",
        "https://a.example",
    )


def test_only_administrators_say_who_frames(company):
    lead = access.viewer(company.person("lead"), channel="test")
    with pytest.raises(Denied):
        cards.allow_frames(lead, HELPDESK)
    assert queries.ancestors() == ()
