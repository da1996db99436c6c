"""Public holidays where they are, and nowhere else: dates as the laws of the regions have them."""

from datetime import date
from typing import Any

import pytest

from vertrauenskonto.core.errors import Invalid, NotFound, Text
from vertrauenskonto.importers.public_holidays import LOCAL, REGIONS, public_holidays, region_of


def days(key: str, year: int, **more: Any) -> dict[str, str]:
    """Month and day of each holiday → its German name."""
    found = public_holidays(key, first_year=year, last_year=year, **more)
    assert [off.day for off in found] == sorted(off.day for off in found)
    return {f"{off.day:%m-%d}": off.name.de for off in found}


# Easter 2026 is 5 April, 2027 is 28 March.
NATIONWIDE = ["01-01", "04-03", "04-06", "05-01", "05-14", "05-25", "10-03", "12-25", "12-26"]
# What each state has in 2026 beyond the nine nationwide days.
STATES = {
    "BW": ["01-06", "06-04", "11-01"],
    "BY": ["01-06", "06-04", "11-01"],
    "BE": ["03-08"],
    "BB": ["04-05", "05-24", "10-31"],
    "HB": ["10-31"],
    "HH": ["10-31"],
    "HE": ["06-04"],
    "MV": ["03-08", "10-31"],
    "NI": ["10-31"],
    "NW": ["06-04", "11-01"],
    "RP": ["06-04", "11-01"],
    "SL": ["06-04", "08-15", "11-01"],
    "SN": ["10-31", "11-18"],
    "ST": ["01-06", "10-31"],
    "SH": ["10-31"],
    "TH": ["09-20", "10-31"],
}


@pytest.mark.parametrize("state", STATES)
def test_each_german_state_has_its_own_days(state):
    assert list(days(f"DE-{state}", 2026)) == sorted([*NATIONWIDE, *STATES[state]])


def test_germany_as_a_whole_has_the_nine_nationwide_days():
    assert list(days("DE", 2026)) == NATIONWIDE
    assert len(STATES) == 16


@pytest.mark.parametrize("key", [key for key in REGIONS if key.startswith(("DE", "AT"))])
def test_observances_are_no_days_off(key):
    # zammad/zammad#390: St. Martin and Volkstrauertag moved deadlines.
    for year in (2025, 2026):
        found = days(key, year)
        # St. Martin, Volkstrauertag (2025, 2026), Totensonntag, Mother's Day, Christmas Eve, New
        # Year's Eve, Maundy Thursday, Rosenmontag.
        observed = ["11-11", "11-16" if year == 2025 else "11-15", "12-24", "12-31"]
        observed += ["05-11", "11-23"] if year == 2025 else ["05-10", "11-22", "04-02", "02-16"]
        assert not set(observed) & set(found)


def test_corpus_christi_follows_easter():
    assert "06-19" in days("DE-NW", 2025)
    assert "06-04" in days("DE-NW", 2026)
    assert "05-27" in days("DE-NW", 2027)
    assert days("DE-NW", 2027)["05-27"] == "Fronleichnam"


def test_laws_count_from_the_year_they_were_made():
    assert "10-31" not in days("DE-HH", 2016)
    assert "10-31" in days("DE-NW", 2017), "the 500th year of the Reformation, nationwide"
    assert "10-31" not in days("DE-NW", 2018)
    assert "10-31" in days("DE-HH", 2018)
    assert "03-08" not in days("DE-BE", 2018)
    assert "03-08" in days("DE-BE", 2019)
    assert {year for year in range(2018, 2027) if "05-08" in days("DE-BE", year)} == {2020, 2025}
    assert "09-20" in days("DE-TH", 2019)
    assert "11-20" not in days("DE-NW", 1996)
    assert "11-20" in days("DE-SN", 1996)


def test_what_is_free_in_parts_only_is_asked_for():
    assert "08-15" not in days("DE-BY", 2026)
    assert "08-15" in days("DE-BY", 2026, local=["catholic"])
    assert "08-08" not in days("DE-BY", 2026, local=["catholic"])
    augsburg = days("DE-BY", 2026, local=["augsburg"])
    assert augsburg["08-08"] == "Augsburger Hohes Friedensfest"
    assert "06-04" in augsburg
    assert "06-04" in days("DE-SN", 2026, local=["catholic"])
    assert "06-04" in days("DE-TH", 2026, local=["catholic"])


def test_austria_has_the_same_thirteen_days_in_every_state():
    expected = "01-01 01-06 04-06 05-01 05-14 05-25 06-04 08-15 10-26 11-01 12-08 12-25 12-26"
    for key in ("AT", *(f"AT-{number}" for number in range(1, 10))):
        assert list(days(key, 2026)) == expected.split()


SWISS = {
    "ZH": "01-01 04-03 04-06 05-01 05-14 05-25 08-01 12-25 12-26",
    "BE": "01-01 01-02 04-03 04-06 05-14 05-25 08-01 12-25 12-26",
    "GE": "01-01 04-03 04-06 05-14 05-25 08-01 09-10 12-25 12-31",
    "VD": "01-01 01-02 04-03 04-06 05-14 05-25 08-01 09-21 12-25",
    "GL": "01-01 04-03 04-06 04-09 05-14 05-25 08-01 11-01 12-25 12-26",
    "TI": "01-01 01-06 03-19 04-06 05-01 05-14 05-25 06-04 06-29 08-01 08-15 11-01 12-08 12-25 12-26",
    "VS": "01-01 03-19 05-14 06-04 08-01 08-15 11-01 12-08 12-25",
    "JU": "01-01 01-02 04-03 04-06 05-01 05-14 05-25 06-04 06-23 08-01 08-15 11-01 12-25",
}


@pytest.mark.parametrize("canton", SWISS)
def test_swiss_cantons_have_their_own_days(canton):
    assert list(days(f"CH-{canton}", 2026)) == SWISS[canton].split()


def test_switzerland_as_a_whole_shares_four_days_and_customs_are_asked_for():
    assert list(days("CH", 2026)) == ["01-01", "05-14", "08-01", "12-25"]
    assert "04-03" not in days("CH-GR", 2026)
    assert "04-03" in days("CH-GR", 2026, local=["customary"])
    assert "05-01" not in days("CH-SO", 2026), "half a day"


def test_all_regions_are_there_with_a_zone_and_names():
    by_country = {c: [r for r in REGIONS.values() if r.country == c] for c in ("DE", "AT", "CH")}
    assert {country: len(found) for country, found in by_country.items()} == {
        "DE": 17,
        "AT": 10,
        "CH": 27,
    }
    assert region_of("DE-BY").name == Text("Bayern", "Bavaria")
    assert region_of("AT-9").name == Text("Wien", "Vienna")
    assert (region_of("CH-ZH").zone, region_of("AT").part) == ("Europe/Zurich", None)


@pytest.mark.parametrize("key", REGIONS)
def test_every_region_and_each_of_its_local_choices_makes_a_difference(key):
    plain = days(key, 2026)
    for choice in REGIONS[key].local:
        assert plain.items() < days(key, 2026, local=[choice]).items()
        assert choice in LOCAL
    assert len(plain) >= 4


def test_names_are_german_and_english():
    found = public_holidays("DE-SN", first_year=2026, last_year=2026)
    names = {off.day: off.name for off in found}
    assert names[date(2026, 11, 18)] == Text("Buß- und Bettag", "Repentance and Prayer Day")
    assert names[date(2026, 4, 3)] == Text("Karfreitag", "Good Friday")


def test_several_years_come_at_once():
    found = public_holidays("AT-9", first_year=2025, last_year=2027)
    assert {off.day.year for off in found} == {2025, 2026, 2027}
    assert len(found) == 39


@pytest.mark.parametrize("years", [(1990, 1995), (2026, 2100), (2026, 2025), (2000, 2099)])
def test_years_out_of_reach_are_refused(years):
    with pytest.raises(Invalid, match=f"{years[0]} to {years[1]} were asked for"):
        public_holidays("DE-BY", first_year=years[0], last_year=years[1])


def test_an_unknown_region_or_choice_is_named():
    with pytest.raises(NotFound, match="Did you mean 'DE-BY'"):
        region_of("DE-BYY")
    with pytest.raises(Invalid, match="Berlin has no local holidays 'augsburg'; possible: –"):
        public_holidays("DE-BE", first_year=2026, last_year=2026, local=["augsburg"])
