"""Public holidays of the German states, of Austria and of the Swiss cantons, by the `holidays` library.

Only days on which the law has nobody work: no observances (St. Martin's Day, Volkstrauertag,
Mother's Day), no half days, no school holidays. What is free in parts of a region only is a choice
of its own (`LOCAL`), never made for anybody: the Assumption in Catholic places of Bavaria, the
Peace Festival in Augsburg, Corpus Christi in some places of Saxony and Thuringia.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import holidays

from vertrauenskonto.core.calendar.working_calendar import DayOff
from vertrauenskonto.core.errors import Invalid, NotFound, Text, did_you_mean

# The library knows German law from 1991 on, after the unification.
FIRST_YEAR, LAST_YEAR = 1991, 2099
_YEARS_MAX = 60

Choice = Literal["catholic", "augsburg", "customary"]

LOCAL: Mapping[Choice, Text] = {
    "catholic": Text("überwiegend katholische Gemeinde", "mostly Catholic municipality"),
    "augsburg": Text("Stadt Augsburg", "City of Augsburg"),
    "customary": Text(
        "ortsüblich freie Tage, die das Gesetz nicht nennt",
        "days that are customarily free without being named by law",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A country, or a part of it with holidays of its own; `key` is its code in ISO 3166.

    `local` are the choices of `LOCAL` that make a difference here.
    """

    key: str
    name: Text
    zone: str
    local: tuple[Choice, ...] = ()

    @property
    def country(self) -> str:
        """Return the code of the country: "DE", "AT" or "CH"."""
        return self.key[:2]

    @property
    def part(self) -> str | None:
        """Return the code within the country; None for the country as a whole."""
        return self.key[3:] or None


_ZONES = {"DE": "Europe/Berlin", "AT": "Europe/Vienna", "CH": "Europe/Zurich"}
_LOCAL: Mapping[str, tuple[Choice, ...]] = {
    "DE-BY": ("catholic", "augsburg"),
    "DE-SN": ("catholic",),
    "DE-TH": ("catholic",),
    **dict.fromkeys(
        ("CH-FR", "CH-GL", "CH-GR", "CH-NW", "CH-OW", "CH-SG", "CH-SH", "CH-SO", "CH-VS", "CH-ZG"),
        ("customary",),
    ),
}
# Code: German name / English name, where it differs. A country as a whole has its nationwide days.
_NAMES = """
DE Deutschland, bundesweit / Germany, nationwide
DE-BW Baden-Württemberg
DE-BY Bayern / Bavaria
DE-BE Berlin
DE-BB Brandenburg
DE-HB Bremen
DE-HH Hamburg
DE-HE Hessen / Hesse
DE-MV Mecklenburg-Vorpommern / Mecklenburg-Western Pomerania
DE-NI Niedersachsen / Lower Saxony
DE-NW Nordrhein-Westfalen / North Rhine-Westphalia
DE-RP Rheinland-Pfalz / Rhineland-Palatinate
DE-SL Saarland
DE-SN Sachsen / Saxony
DE-ST Sachsen-Anhalt / Saxony-Anhalt
DE-SH Schleswig-Holstein
DE-TH Thüringen / Thuringia
AT Österreich / Austria
AT-1 Burgenland
AT-2 Kärnten / Carinthia
AT-3 Niederösterreich / Lower Austria
AT-4 Oberösterreich / Upper Austria
AT-5 Salzburg
AT-6 Steiermark / Styria
AT-7 Tirol / Tyrol
AT-8 Vorarlberg
AT-9 Wien / Vienna
CH Schweiz, landesweit / Switzerland, nationwide
CH-AG Aargau
CH-AI Appenzell Innerrhoden
CH-AR Appenzell Ausserrhoden
CH-BE Bern
CH-BL Basel-Landschaft
CH-BS Basel-Stadt / Basel-City
CH-FR Freiburg / Fribourg
CH-GE Genf / Geneva
CH-GL Glarus
CH-GR Graubünden / Grisons
CH-JU Jura
CH-LU Luzern / Lucerne
CH-NE Neuenburg / Neuchâtel
CH-NW Nidwalden
CH-OW Obwalden
CH-SG St. Gallen
CH-SH Schaffhausen
CH-SO Solothurn
CH-SZ Schwyz
CH-TG Thurgau
CH-TI Tessin / Ticino
CH-UR Uri
CH-VD Waadt / Vaud
CH-VS Wallis / Valais
CH-ZG Zug
CH-ZH Zürich / Zurich
"""


def _regions() -> Iterator[Region]:
    for line in _NAMES.strip().splitlines():
        key, _, names = line.partition(" ")
        german, _, english = names.partition(" / ")
        yield Region(
            key=key,
            name=Text(german, english or german),
            zone=_ZONES[key[:2]],
            local=_LOCAL.get(key, ()),
        )


REGIONS: Mapping[str, Region] = {region.key: region for region in _regions()}


def region_of(key: str) -> Region:
    """Return the region with a code such as "DE-BY".

    Raises:
        NotFound: there is none of that code.
    """
    if key in REGIONS:
        return REGIONS[key]
    near = did_you_mean(key, REGIONS)
    raise NotFound(
        Text(
            de=f"Die Region „{key}“ ist nicht bekannt; erwartet wird ein Kürzel wie „DE-BY“, "
            f"„AT-9“ oder „CH-ZH“.{near.de}",
            en=f"The region '{key}' is not known; a code such as 'DE-BY', 'AT-9' or 'CH-ZH' is "
            f"expected.{near.en}",
        )
    )


def public_holidays(
    key: str, *, first_year: int, last_year: int, local: Collection[Choice] = ()
) -> tuple[DayOff, ...]:
    """Return the public holidays of a region in some years, both included, in order of day.

    `local` adds what is free in parts of the region only, see `Region.local`.

    Raises:
        NotFound: there is no such region.
        Invalid: years before 1991, after 2099 or more than 60; a local choice the region lacks.
    """
    region = region_of(key)
    _check(region, first_year, last_year, local)
    parts = {region.part} | {"Augsburg" for choice in local if choice == "augsburg"}
    kinds = {"public"} | {
        {"catholic": "catholic", "customary": "optional"}[choice]
        for choice in local
        if choice != "augsburg"
    }
    names: dict[date, Text] = {}
    for part in sorted(parts, key=str):
        # Augsburg's own list has all of Bavaria's days already, and no kinds of its own.
        asked = {"public"} if part == "Augsburg" else kinds
        german, english = (
            holidays.country_holidays(
                region.country,
                subdiv=part,
                years=range(first_year, last_year + 1),
                categories=tuple(sorted(asked)),
                language=language,
            )
            for language in ("de", "en_US")
        )
        names |= {day: Text(german[day], english[day]) for day in german}
    return tuple(DayOff(day=day, name=names[day]) for day in sorted(names))


def _check(region: Region, first_year: int, last_year: int, local: Collection[Choice]) -> None:
    if (
        not FIRST_YEAR <= first_year <= last_year <= LAST_YEAR
        or last_year - first_year > _YEARS_MAX
    ):
        raise Invalid(
            Text(
                de=f"Feiertage gibt es für die Jahre {FIRST_YEAR} bis {LAST_YEAR}, höchstens "
                f"{_YEARS_MAX} auf einmal; verlangt wurden {first_year} bis {last_year}.",
                en=f"There are holidays for the years {FIRST_YEAR} to {LAST_YEAR}, at most "
                f"{_YEARS_MAX} at a time; {first_year} to {last_year} were asked for.",
            )
        )
    for choice in local:
        if choice not in region.local:
            known = ", ".join(region.local) or "–"
            raise Invalid(
                Text(
                    de=f"{region.name.de} hat keine örtlichen Feiertage „{choice}“; möglich: {known}.",
                    en=f"{region.name.en} has no local holidays '{choice}'; possible: {known}.",
                )
            )
