"""The papers that data protection asks for, generated from the installation as it is.

What the program knows is filled in; what only the company knows stands in double square brackets.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.render.access_report import Kept
from vertrauenskonto.render.numbers import long_day
from vertrauenskonto.render.sheets import Block, Paragraph, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """An address outside that is told what happens, and whether with names."""

    host: str
    events: tuple[str, ...]
    with_names: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program that may ask the API, and what it may."""

    name: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role: how many people have it, and what it may."""

    name: str
    people: int
    rights: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What the papers say about this installation.

    `agreed`: purposes of the agreements in force by name; `is_staff_answered`: somebody said whether
    there is a works council. `sources`: where entries come from.
    """

    made_on: date
    company: str
    privacy_contact: str
    database: str
    version: str
    time_zone: str
    policy: Policy | None
    kept: tuple[Kept, ...]
    receivers: tuple[Receiver, ...]
    programs: tuple[Program, ...]
    roles: tuple[Role, ...]
    agreed: Mapping[str, str]
    is_staff_answered: bool
    sources: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper: its file's name, its title, and what writes its blocks."""

    name: str
    title: Text
    write: Callable[[Installation, Language], tuple[Block, ...]]


def paper_sheet(paper: Paper, found: Installation, language: Language) -> Sheet:
    """Return a paper about an installation, ready to be written in any form."""
    warning = Text(
        "Entwurf aus den Einstellungen dieser Installation vom "
        f"{long_day(found.made_on, 'de')}. Keine Rechtsberatung: Bitte fachkundig prüfen lassen. "
        "Markierte Stellen kennt nur das Unternehmen.",
        f"Draft from the settings of this installation on {long_day(found.made_on, 'en')}. No "
        "legal advice: have it checked by somebody who knows. Only the company knows what belongs "
        "in the marked places.",
    )
    return Sheet(
        title=paper.title.in_language(language),
        subtitle=f"Vertrauenskonto {found.version} · {long_day(found.made_on, language)}",
        language=language,
        made_on=found.made_on,
        blocks=(Paragraph(warning.in_language(language)), *paper.write(found, language)),
        has_blanks=True,
    )
