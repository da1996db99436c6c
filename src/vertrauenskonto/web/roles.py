"""What roles are called on pages, and what each may do, in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from vertrauenskonto.core.errors import Text
from vertrauenskonto.db.access import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWords:
    """A role's name, and what it may do."""

    name: Text
    may: Text


ROLE_WORDS: Mapping[Role, RoleWords] = {
    "administrator": RoleWords(
        name=Text("Administration", "administrator"),
        may=Text(
            "Sie sehen alle Konten und verwalten Personen, Rechte und Schnittstellen.",
            "You see all accounts and manage people, rights and interfaces.",
        ),
    ),
    "lead": RoleWords(
        name=Text("Leitung", "lead"),
        may=Text(
            "Sie sehen alle Konten, setzen Regelwerke in Kraft und bestätigen, was zwei "
            "Personen braucht.",
            "You see all accounts, put policies in force and confirm what takes two people.",
        ),
    ),
    "contact": RoleWords(
        name=Text("Ansprechpartner", "contact person"),
        may=Text(
            "Sie sehen und buchen auf die Konten der Kundinnen und Kunden, die Sie betreuen.",
            "You see and book on the accounts of the customers you look after.",
        ),
    ),
    "analyst": RoleWords(
        name=Text("Analyse", "analyst"),
        may=Text(
            "Sie sehen alle Konten unter Pseudonym und ändern nichts.",
            "You see all accounts under pseudonyms and change nothing.",
        ),
    ),
    "auditor": RoleWords(
        name=Text("Prüfung", "auditor"),
        may=Text(
            "Sie sehen alle Konten und Protokolle und ändern nichts.",
            "You see all accounts and logs and change nothing.",
        ),
    ),
}
