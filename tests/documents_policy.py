"""The reference page of policies: every key and every kind of the neutral policy, from the code."""

from collections.abc import Iterable, Iterator

from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.kinds import FIRST_CONTACT_PREFIX, Kind
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.admissible import NEVER, Field
from vertrauenskonto.core.ledger.policy_file.codec import policy_to_dict
from vertrauenskonto.core.ledger.policy_file.parameters import PARAMETER_FIELDS, SEGMENT_SECTIONS
from vertrauenskonto.core.ledger.policy_file.report import shown
from vertrauenskonto.core.ledger.policy_file.schema import (
    COLUMN_FIELD,
    KIND_FIELDS,
    POLICY_FIELDS,
    SEGMENT_FIELDS,
)
from vertrauenskonto.importers.policy import read_policy, shipped_policies

INTRODUCTION = """\
# Policy

A policy is a TOML file: the catalogue of kinds with their points, and the parameters by which an
account is valued. This page is generated from the code. All defaults are conventions until a company
calibrates them on its own customers.

```toml
[policy]
name = "our_shop"
version = 2
valid_from = 2026-03-01
title_de = "Unser Laden"
title_en = "Our shop"
extends = "mail_order"          # everything not said here comes from this shipped policy

[alarm]
threshold = 5

[kinds.promise_kept]            # one value of an inherited kind
able = 6

[kinds.gift_wrapped]            # a kind of our own
label_de = "Als Geschenk verpackt"
label_en = "Gift wrapped"
why_de = "Eine kleine Mühe, die man sieht."
why_en = "A small effort that shows."
willing = 1
contact = true

[columns]
region = "segment"

[segments.islands]
label_de = "Inseln"
label_en = "Islands"
column = "region"
values = ["Sylt", "Föhr"]
silence.grace_days = 400        # a segment overrides parameters and points
kinds.promise_late_with_notice.able = -4
```

`vertrauenskonto policy check FILE` explains every mistake with file, line, key and cure. Several
versions lie in one folder, one file each; a later version has a higher `version` and a later
`valid_from`. An entry keeps the points of the version in force on the day it was recorded; half-lives,
silence and limits come from the version in force on the valuation day.

## What is refused

- A kind that is an outcome (`recommendation`, `repurchase`, `survey_answer`, `review_star`): outcomes
  are never booked, or the account would predict itself.
- Any kind, threshold, segment or column used in a rule that reads revenue, conversion or customer
  lifetime value: the goal is trust. Such a column can be declared with the role `display` and shown.
- A segment that reads a column with the role `display` or `outcome` and carries rules of its own.
- `silence.grace_days` below `silence.period_days`; half-lives of 0 or less (write `"never"` for no
  forgetting); points with more than two decimals or beyond ±1000; a kind without labels or reasons in
  both languages.
"""


def pages() -> dict[str, str]:
    """Return the page under its path below docs/."""
    [neutral] = read_policy("default").versions
    parts = [
        INTRODUCTION,
        "## `[policy]`\n",
        _table(POLICY_FIELDS),
        "## Parameters\n",
        _table(PARAMETER_FIELDS),
        "## `[columns]`\n",
        f"`NAME = ROLE`: {COLUMN_FIELD.meaning.en}.\n",
        "## `[kinds.NAME]`\n",
        _table(KIND_FIELDS),
        "## `[segments.NAME]`\n",
        _table(SEGMENT_FIELDS),
        f"Besides, values of its own in {', '.join(f'`{s}`' for s in SEGMENT_SECTIONS)} and points as "
        "`kinds.KIND.DIMENSION`. The first segment that fits an account counts.\n",
        "## Starter policies\n",
        _starters(),
        "## Kinds of the neutral policy\n",
        "Ten points make one unit of evidence. *First contact*: there is a kind "
        f"`{FIRST_CONTACT_PREFIX}NAME` with doubled withdrawals.\n",
        _kinds(neutral),
    ]
    return {"reference/policy.md": "\n".join(parts)}


def _rows(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    cells = [list(header), *(list(row) for row in rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    lines.insert(1, "|" + " --- |" * len(cells[0]))
    return "\n".join(lines) + "\n"


def _table(fields: Iterable[Field]) -> str:
    return _rows(
        ("key", "meaning", "unit", "default", "admissible"),
        ((f"`{f.key}`", f.meaning.en, f.unit.en, _default(f), f.rule.allowed.en) for f in fields),
    )


def _default(field: Field) -> str:
    if field.required:
        return "required"
    return "" if field.default is None else f"`{shown(field.default)}`"


def _starters() -> str:
    def row(name: str) -> Iterator[str]:
        [own] = read_policy(name).versions
        silence = own.parameters.silence
        yield f"`{name}`"
        yield f"{own.title.en} / {own.title.de}"
        yield "" if silence.usual_contact_days is None else str(silence.usual_contact_days)
        yield f"{silence.grace_days} / {silence.period_days}"
        raw = policy_to_dict(own)["half_life_days"]
        yield ", ".join(_days(raw[d]["deposits"]) for d in DIMENSIONS)
        yield ", ".join(_days(raw[d]["withdrawals"]) for d in DIMENSIONS)
        yield ", ".join(f"`{kind}`" for kind in own.kinds if kind not in neutral.kinds)

    [neutral] = read_policy("default").versions
    return _rows(
        (
            "name",
            "title",
            "usual contact every (days)",
            "silence: grace / period (days)",
            "half-lives of deposits (days)",
            "half-lives of withdrawals (days)",
            "kinds of its own",
        ),
        (row(name) for name in shipped_policies()),
    )


def _days(value: object) -> str:
    return NEVER if value == NEVER else f"{value:g}"


def _kinds(neutral: Policy) -> str:
    def row(kind: Kind) -> Iterator[str]:
        yield f"`{kind.name}`"
        yield f"{kind.label.en} / {kind.label.de}"
        for dimension in DIMENSIONS:
            yield f"{kind.points[dimension]:+g}" if dimension in kind.points else ""
        yield "yes" if kind.contact else "no"
        yield ", ".join(_marks(kind, neutral))
        yield f"{kind.why.en} / {kind.why.de}"

    header = ("kind", "label", *DIMENSIONS, "contact", "marks", "why")
    own = (k for k in neutral.kinds.values() if not k.name.startswith(FIRST_CONTACT_PREFIX))
    return _rows(header, (row(kind) for kind in own))


def _marks(kind: Kind, neutral: Policy) -> Iterator[str]:
    if kind.honesty:
        yield "honesty"
    if kind.purchasable:
        yield "purchasable"
    if FIRST_CONTACT_PREFIX + kind.name in neutral.kinds:
        yield "first contact"
