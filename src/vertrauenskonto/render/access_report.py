"""The access report of one customer (GDPR article 15) as values, and as JSON for programs.

Without an evaluation (restricted, objected) there is no balance in it and no weight, only what is
stored. `render/access_report_sheet.py` makes it a sheet to read and print.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.balance import Valuation
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.core.ledger.policy import Policy

RIGHTS = (
    Text(
        "Berichtigung (Art. 16): Eine falsche Buchung stornieren wir und buchen sie richtig neu; "
        "beides bleibt sichtbar.",
        "Rectification (article 16): we reverse a wrong entry and book it anew; both stay visible.",
    ),
    Text(
        "Löschung (Art. 17): Name, Kontaktdaten, Kennungen und alle Texte werden gelöscht; übrig "
        "bleiben Buchungen unter einer Zufallskennung, die zu niemandem mehr führt.",
        "Erasure (article 17): name, contacts, ids and all texts are deleted; what remains are "
        "entries under a random key that leads to nobody any more.",
    ),
    Text(
        "Einschränkung (Art. 18): Wir bewahren die Daten auf und tun sonst nichts mit ihnen.",
        "Restriction (article 18): we keep the data and do nothing else with them.",
    ),
    Text(
        "Übertragbarkeit (Art. 20): Diese Auskunft gibt es auch als JSON-Datei.",
        "Portability (article 20): this report exists as a JSON file as well.",
    ),
    Text(
        "Widerspruch (Art. 21): Die Bewertung endet; es gibt keinen Kontostand mehr.",
        "Objection (article 21): the evaluation ends; there is no balance any more.",
    ),
    Text(
        "Beschwerde (Art. 77) bei einer Datenschutz-Aufsichtsbehörde.",
        "Complaint (article 77) to a data protection authority.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """One thing held about the person: what it is, its value, where it comes from."""

    what: Text
    value: str | Text
    source: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one entry counts today for one precondition; weight None: it is not evaluated."""

    dimension: Dimension
    points: float
    weight: float | None
    counts: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry in plain words; `status` says whether it counts, and why not."""

    value_date: date
    recorded_date: date
    kind: str
    label: Text
    why: Text
    status: Text
    source: str
    source_id: str
    channel: str
    policy: str
    remark: Text | None
    reason: str
    note: str
    attachments: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """One promise or appointment, how it stands, and what was said and done about it."""

    made: date
    until: date
    wording: str
    state: Text
    about: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One silence charge: no contact since, due on, what it counts today."""

    due: date
    since: date
    points: float
    weight: float
    counts: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time without silence charges."""

    starts: date
    ends: date | None
    recorded: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change of how the data may be processed."""

    on: date
    state: Text
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Another system that is told things, and how often it was told of this person lately."""

    name: str
    what: Text
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How long what is kept (days None: until it is erased), and on what ground."""

    what: Text
    days: int | None
    ground: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessReport:
    """Everything that a customer is told; `valuation` None: the account is not evaluated."""

    key: str
    made_on: date
    controller: str
    privacy_contact: str
    state: Text
    changes: tuple[Change, ...]
    identity: tuple[Datum, ...]
    lines: tuple[Line, ...]
    promises: tuple[Promised, ...]
    charges: tuple[Charge, ...]
    spans: tuple[Span, ...]
    valuation: Valuation | None
    policy: Policy | None
    recipients: tuple[Recipient, ...]
    looks: Mapping[str, int]
    kept: tuple[Kept, ...]
    # What was said and done to repair failures of ours.
    recovery: tuple[Datum, ...] = ()
    # Why there is no evaluation in it although the account has one; None: nothing is left out.
    left_out: Text | None = None


def without_scores(report: AccessReport) -> AccessReport:
    """Return the report without balance, verdicts and weights, for where they may not go.

    It says that they are missing, so that nobody takes it for the whole report.
    """
    if report.valuation is None:
        return report
    return replace(
        report,
        valuation=None,
        policy=None,
        charges=(),
        lines=tuple(
            replace(line, parts=tuple(replace(p, weight=None, counts=None) for p in line.parts))
            for line in report.lines
        ),
        left_out=Text(
            "Stand, Befunde, Gewichte und Abzüge für Stille fehlen in dieser Fassung. Vollständig "
            f"ist die Auskunft aus der Installation selbst: vertrauenskonto access-report "
            f"{report.key}",
            "Balance, findings, weights and charges for silence are missing here. Complete is the "
            f"report from the installation itself: vertrauenskonto access-report {report.key}",
        ),
    )


def report_json(report: AccessReport) -> str:
    """Return the report for programs (article 20 as well): ISO days, unrounded numbers, both
    languages.
    """
    value, policy = report.valuation, report.policy
    raw: dict[str, Any] = {
        "format": "vertrauenskonto-access-report/1",
        "customer": report.key,
        "made_on": report.made_on,
        "controller": report.controller or None,
        "privacy_contact": report.privacy_contact or None,
        "processing": {
            "state": _texts(report.state),
            "changes": [asdict(change) for change in report.changes],
        },
        "identity": [asdict(datum) for datum in report.identity],
        "entries": [asdict(line) for line in report.lines],
        "promises": [asdict(one) for one in report.promises],
        "recovery": [asdict(datum) for datum in report.recovery],
        "silence_charges": [asdict(charge) for charge in report.charges],
        "suspensions": [asdict(span) for span in report.spans],
        "evaluation": value
        and {
            "as_of": value.as_of,
            "policy": value.policy,
            "balance": value.balance,
            "below_threshold": value.below_threshold,
            "verdicts": dict(value.verdicts),
        },
        "evaluation_left_out": report.left_out and _texts(report.left_out),
        "rules": policy
        and {
            "half_life_days": {d: asdict(policy.parameters.half_life_days[d]) for d in DIMENSIONS},
            "silence": asdict(policy.parameters.silence),
            "threshold": policy.parameters.threshold,
        },
        "recipients": [asdict(recipient) for recipient in report.recipients],
        "looked_at": dict(report.looks),
        "retention": [asdict(kept) for kept in report.kept],
        "rights": [_texts(right) for right in RIGHTS],
    }
    return json.dumps(_plain(raw), ensure_ascii=False, indent=2) + "\n"


def _texts(text: Text) -> dict[str, str]:
    return {"de": text.de, "en": text.en}


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return _texts(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
