"""Tables of a policy file other than parameters: each key with its meaning and its values."""

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.policy_file.admissible import (
    DAY,
    FLAG,
    NAME,
    POINTS,
    ROLE,
    TEXT,
    TEXTS,
    WHOLE,
    Field,
)
from vertrauenskonto.core.ledger.policy_file.parameters import DIMENSION_LABELS

_POINTS_UNIT = Text("Punkte", "points")

POLICY_FIELDS: tuple[Field, ...] = (
    Field(
        path=("name",),
        rule=NAME,
        required=True,
        meaning=Text(
            "Name des Regelwerks; alle Fassungen teilen ihn",
            "name of the policy, shared by all its versions",
        ),
    ),
    Field(
        path=("version",),
        rule=WHOLE,
        required=True,
        meaning=Text("Nummer der Fassung, steigend", "number of the version, rising"),
    ),
    Field(
        path=("valid_from",),
        rule=DAY,
        required=True,
        meaning=Text(
            "erster Tag, an dem die Fassung gilt", "first day on which the version is in force"
        ),
    ),
    Field(
        path=("title_de",), rule=TEXT, required=True, meaning=Text("Titel, deutsch", "German title")
    ),
    Field(
        path=("title_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Titel, englisch", "English title"),
    ),
    Field(
        path=("extends",),
        rule=NAME,
        meaning=Text(
            "Name eines mitgelieferten Regelwerks, von dem alles gilt, was hier nicht steht",
            "name of a shipped policy from which everything is taken that is not said here",
        ),
    ),
)

COLUMN_FIELD = Field(
    path=("NAME",),
    rule=ROLE,
    meaning=Text(
        "Rolle der Spalte: event und segment dürfen Regeln lesen; outcome und display nie",
        "role of the column: rules may read event and segment, never outcome and display",
    ),
)

KIND_FIELDS: tuple[Field, ...] = (
    Field(
        path=("label_de",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, deutsch", "German label"),
    ),
    Field(
        path=("label_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, englisch", "English label"),
    ),
    Field(
        path=("why_de",),
        rule=TEXT,
        required=True,
        meaning=Text("Begründung, deutsch", "reason in German"),
    ),
    Field(
        path=("why_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Begründung, englisch", "reason in English"),
    ),
    *(
        Field(
            path=(dimension,),
            rule=POINTS,
            unit=_POINTS_UNIT,
            default=0.0,
            meaning=Text(
                f"Punkte auf {DIMENSION_LABELS[dimension].de}: über 0 Einzahlung, unter 0 Abhebung",
                f"points on {dimension}: above 0 a deposit, below 0 a withdrawal",
            ),
        )
        for dimension in DIMENSIONS
    ),
    Field(
        path=("contact",),
        rule=FLAG,
        required=True,
        meaning=Text(
            "ob der Kunde es als an sich gerichtet wahrnimmt; nur dann endet eine Stille",
            "whether the customer perceives it as directed to them; only then it ends a silence",
        ),
    ),
    Field(
        path=("honesty",),
        rule=FLAG,
        default=False,
        meaning=Text(
            "bricht die Ehrlichkeit: Wollen ist „nein“, solange es steht",
            "breaches honesty: willing is 'no' as long as it stands",
        ),
    ),
    Field(
        path=("purchasable",),
        rule=FLAG,
        default=False,
        meaning=Text(
            "kostet Geld und den Kunden nichts; zählt nur bis booking.purchasable_points_max",
            "costs money and the customer nothing; counts only up to booking.purchasable_points_max",
        ),
    ),
    Field(
        path=("first_contact",),
        rule=FLAG,
        default=False,
        meaning=Text(
            "erzeugt eine Art first_contact_<Name> mit doppelten Abhebungen",
            "makes a kind first_contact_<name> with doubled withdrawals",
        ),
    ),
)

SEGMENT_FIELDS: tuple[Field, ...] = (
    Field(
        path=("label_de",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, deutsch", "German label"),
    ),
    Field(
        path=("label_en",),
        rule=TEXT,
        required=True,
        meaning=Text("Bezeichnung, englisch", "English label"),
    ),
    Field(
        path=("column",),
        rule=TEXT,
        meaning=Text(
            "Spalte der Kontentabelle mit der Rolle segment; leer: Zuordnung von Hand",
            "column of the accounts table with the role segment; left out: assigned by hand",
        ),
    ),
    Field(
        path=("values",),
        rule=TEXTS,
        meaning=Text(
            "Werte dieser Spalte, bei denen ein Konto dazugehört",
            "values of that column that make an account belong",
        ),
    ),
)
