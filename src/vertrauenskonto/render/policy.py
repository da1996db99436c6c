"""A policy for people to read: its kinds with points, then every other rule with its meaning."""

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.admissible import NEVER
from vertrauenskonto.core.ledger.policy_file.parameters import PARAMETER_FIELDS, parameter_values
from vertrauenskonto.render.numbers import decimals_needed, long_day, number
from vertrauenskonto.render.tables import Column, Row, Table, text_table
from vertrauenskonto.render.words import DIMENSION_SHORT


def policy_text(policy: Policy, language: Language, *, width: int = 100) -> str:
    """Return the policy for a terminal; twins for first contacts follow from their kinds."""
    since = long_day(policy.valid_from, language)
    title = policy.title.in_language(language) or policy.name
    parts = [
        Text(
            f"{title} ({policy.label}), gilt ab {since}", f"{title} ({policy.label}), from {since}"
        ).in_language(language),
        text_table(kinds_table(policy, language), width=width),
        text_table(rules_table(policy, language), width=width),
    ]
    if policy.segments:
        names = ", ".join(f"{s.name} ({s.label.in_language(language)})" for s in policy.segments)
        parts.append(Text(f"Segmente: {names}", f"Segments: {names}").in_language(language))
    return "\n\n".join(part.rstrip() for part in parts) + "\n"


def kinds_table(policy: Policy, language: Language) -> Table:
    """Return the kinds with their points and marks."""
    yes = Text("ja", "yes").in_language(language)
    columns = (
        Column(heading=Text("Buchungsart", "Kind").in_language(language)),
        Column(heading=Text("Bedeutung", "Meaning").in_language(language), wraps=True),
        *(
            Column(heading=DIMENSION_SHORT[d].in_language(language), is_number=True)
            for d in DIMENSIONS
        ),
        Column(heading=Text("Kontakt", "Contact").in_language(language)),
    )
    places = decimals_needed([p for k in policy.kinds.values() for p in k.points.values()])
    rows = tuple(
        Row(
            (
                kind.name,
                kind.label.in_language(language) + _marks(kind.honesty, kind.purchasable, language),
                *(
                    number(kind.points[d], language, decimals=places, signed=True)
                    if kind.points.get(d)
                    else ""
                    for d in DIMENSIONS
                ),
                yes if kind.contact else "",
            )
        )
        for kind in policy.kinds.values()
        if not kind.name.startswith(FIRST_CONTACT_PREFIX)
    )
    caption = Text("Buchungsarten", "Kinds").in_language(language)
    return Table(caption=caption, columns=columns, rows=rows)


def rules_table(policy: Policy, language: Language) -> Table:
    """Return every parameter with its value, unit and meaning."""
    values = parameter_values(policy.parameters, policy.booking)
    columns = (
        Column(heading=Text("Schlüssel", "Key").in_language(language)),
        Column(heading=Text("Wert", "Value").in_language(language), is_number=True),
        Column(heading=Text("Bedeutung", "Meaning").in_language(language), wraps=True),
    )
    never = Text("nie", NEVER).in_language(language)
    rows = []
    for one in PARAMETER_FIELDS:
        value = values[one.path]
        shown = never if value is None else _shown(value, language)
        unit = one.unit.in_language(language)
        meaning = one.meaning.in_language(language)
        rows.append(Row((one.key, shown, f"{meaning} ({unit})" if unit else meaning)))
    caption = Text("Regeln", "Rules").in_language(language)
    return Table(caption=caption, columns=columns, rows=tuple(rows))


def _marks(honesty: bool, purchasable: bool, language: Language) -> str:
    marks = []
    if honesty:
        marks.append(Text("Ehrlichkeit", "honesty").in_language(language))
    if purchasable:
        marks.append(Text("käuflich", "purchasable").in_language(language))
    return f" [{', '.join(marks)}]" if marks else ""


def _shown(value: object, language: Language) -> str:
    text = f"{value:g}" if isinstance(value, int | float) else str(value)
    return text.replace(".", ",").replace("-", "\u2212") if language == "de" else text
