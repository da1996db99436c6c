"""The pages of working calendars: made, changed, imported with a preview, assigned."""

from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from tests.web.test_setup import RULES, administrator

from vertrauenskonto.db import models

PAGES = "/verwaltung/arbeitskalender/"
YEAR = timezone.localdate().year
FILE = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//DE
BEGIN:VEVENT
UID:ferien
DTSTART;VALUE=DATE:{YEAR + 1}0803
DTEND;VALUE=DATE:{YEAR + 1}0805
SUMMARY:Betriebsferien
END:VEVENT
BEGIN:VEVENT
UID:martin
DTSTART;VALUE=DATE:{YEAR + 1}1111
SUMMARY:St. Martin
CATEGORIES:Observance
END:VEVENT
BEGIN:VEVENT
UID:kaputt
DTSTART;TZID=Mars/Base:gestern
SUMMARY:Kaputt
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()


def made(browser, **given):
    said = {"name": "Büro", "region": "DE-BE", **given}
    return browser.post(f"{PAGES}neu/", said)


def upload(browser, page, contents):
    file = SimpleUploadedFile("ferien.ics", contents)
    return browser.post(f"{page}einlesen/", {"what": "upload", "upload": file})


def test_one_is_made_changed_and_given_to_the_company(site):
    browser = administrator(site)
    assert "As long as there is none" in browser.get(PAGES).content.decode()
    page = made(browser).headers["Location"]
    assert "already" in made(browser).content.decode()
    browser.post(page, {"what": "company"})
    browser.post(page, {"what": "company"})
    assert models.CalendarUse.objects.count() == 1
    week = {"woche-valid_from": f"{YEAR + 1}-01-01", "woche-monday": "9-15", "what": "week"}
    for _ in range(2):
        assert browser.post(page, week).headers["Location"] == page
    assert models.CalendarWeek.objects.count() == 2
    shown = browser.get(page).content.decode()
    assert ">9–15<" in shown
    assert "Good Friday" in shown
    browser.post(page, {"what": "drop_week", "which": f"{YEAR + 1}-01-01"})
    day = {"what": "day", "tag-day": f"{YEAR + 1}-06-12", "tag-day_name": "Ausflug"}
    browser.post(page, day)
    shown = browser.post(page, {**day, "tag-hours": "abends"}).content.decode()
    assert "is no working interval" in shown
    assert 'value="abends"' in shown
    assert list(models.CalendarDay.objects.values_list("day", "hours")) == [
        (date(YEAR + 1, 6, 12), "")
    ]
    assert models.CalendarWeek.objects.count() == 1
    for wrong in ("nichts", "drop_day"):
        assert browser.post(page, {"what": wrong, "which": "gestern"}).status_code == 404
    about = {"what": "about", "kalender-name": "Werk", "kalender-region": "DE-BE"}
    wrong = browser.post(page, {**about, "kalender-local": "augsburg"}).content.decode()
    assert "has no local holidays" in wrong
    browser.post(page, {**about, "kalender-region": "DE-BY", "kalender-local": "augsburg"})
    assert models.WorkCalendar.objects.values_list("name", "region", "local").get() == (
        "Werk",
        "DE-BY",
        "augsburg",
    )


def test_a_file_is_shown_before_it_is_taken_in_and_nothing_in_it_is_lost(site):
    browser = administrator(site)
    page = made(browser).headers["Location"]
    assert upload(browser, page, FILE).headers["Location"] == f"{page}einlesen/"
    preview = browser.get(f"{page}einlesen/").content.decode()
    assert not models.CalendarDay.objects.exists()
    for word in ("Betriebsferien", "St. Martin", "line 16"):
        assert word in preview, word
    answer = browser.post(f"{page}einlesen/", {"what": "take", "tag": [f"{YEAR + 1}-11-11"]})
    assert answer.headers["Location"] == page
    assert list(models.CalendarDay.objects.order_by("day").values_list("day", "name")) == [
        (date(YEAR + 1, 8, 3), "Betriebsferien"),
        (date(YEAR + 1, 8, 4), "Betriebsferien"),
        (date(YEAR + 1, 11, 11), "St. Martin"),
    ]
    # The same file once more adds nothing; then nobody wants it.
    upload(browser, page, FILE)
    assert "2 are in the calendar already" in browser.get(f"{page}einlesen/").content.decode()
    browser.post(f"{page}einlesen/", {"what": "drop"})
    assert "Choose a file" not in browser.get(f"{page}einlesen/").content.decode()
    for contents in (b"kein Kalender", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"):
        answer = upload(browser, page, contents)
        assert answer.status_code == 400
    assert browser.post(f"{page}einlesen/", {"what": "upload"}).status_code == 400
    assert models.CalendarDay.objects.count() == 3


def test_the_set_up_asks_for_the_region_and_may_be_skipped(site):
    browser = administrator(site)
    assert browser.post("/einrichten/regeln/", RULES).status_code == 302
    assert not models.WorkCalendar.objects.exists()
    browser.post("/einrichten/regeln/", {**RULES, "region": "DE-SN"})
    [calendar] = models.WorkCalendar.objects.all()
    assert (calendar.name, calendar.region) == ("Sachsen", "DE-SN")
    assert 'name="region"' not in browser.get("/einrichten/regeln/").content.decode()


def test_teams_and_customers_get_their_own(site):
    browser = administrator(site)
    team = models.Team.objects.create(name="Nord")
    assert "Working time" not in browser.get(f"/verwaltung/teams/{team.pk}/").content.decode()
    made(browser)
    [calendar] = models.WorkCalendar.objects.all()
    assert "Working time" in browser.get(f"/verwaltung/teams/{team.pk}/").content.decode()
    address = f"/verwaltung/teams/{team.pk}/arbeitskalender/"
    browser.post(address, {"calendar": str(calendar.pk)})
    assert models.CalendarUse.objects.get().team_id == team.pk
    browser.post(address, {"calendar": "77"})
    assert models.CalendarUse.objects.count() == 1
    browser.post(address, {"calendar": ""})
    assert not models.CalendarUse.objects.exists()
    browser.post("/kunden/neu/", {"once": "a", "name": "Holm", "sort": "person", "language": "de",
                                  "contact-TOTAL_FORMS": "0", "contact-INITIAL_FORMS": "0"})  # fmt: skip
    [customer] = models.Customer.objects.all()
    data = f"/kunden/{customer.key}/stammdaten/"
    assert "Working time" in browser.get(data).content.decode()
    answer = browser.post(
        f"/kunden/{customer.key}/arbeitskalender/", {"calendar": str(calendar.pk)}
    )
    assert answer.headers["Location"] == data
    assert models.CalendarUse.objects.get().customer_id == customer.pk
    assert "1 customers" in browser.get(PAGES).content.decode()


def test_leads_look_and_only_administrators_change(site):
    page = made(administrator(site)).headers["Location"]
    lead, contact = site.signed_in("lena", "lead"), site.signed_in("alice")
    for path in (PAGES, page):
        assert lead.get(path).status_code == 200
        assert contact.get(path).status_code == 403
    assert "Delete" not in lead.get(page).content.decode()
    for path in (f"{PAGES}neu/", f"{page}einlesen/"):
        assert lead.get(path).status_code == 403
    assert lead.post(page, {"what": "remove"}).status_code == 403
    assert models.WorkCalendar.objects.count() == 1
