"""Policy: the dated, numbered rule book by which entries get points and accounts are valued.

Points come from the version in force on the day an entry is *recorded* and stay with the entry;
half-lives, silence and limits come from the version in force on the *valuation* day. A policy is
an argument, never a global. Every default is a convention until a company calibrates its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from vertrauenskonto.core.errors import NO_TEXT, Invalid, Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS, Dimension
from vertrauenskonto.core.ledger.kinds import Kind

# What a column of somebody's data may be used for. Rules may read "event" and "segment" columns;
# "outcome" (what trust brings) and "display" (revenue and the like) are shown, never an input.
ColumnRole = Literal["event", "outcome", "display", "segment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfLives:
    """Days after which half of a deposit or withdrawal is left; None: never forgotten."""

    deposits: float | None
    withdrawals: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SilenceRules:
    """When silence is charged: after `grace_days`, then every `period_days`, `points` each.

    `grace_days >= period_days >= 1`. `evidence_share` in 0..1 is the share of the decayed charges
    that also counts as evidence against *assessable*. `usual_contact_days` (None: not stated) says
    for which interval between contacts the others were chosen; it changes no number.
    """

    grace_days: int = 90
    period_days: int = 30
    points: float = 2.0
    half_life_days: float | None = 360.0
    evidence_share: float = 0.0
    usual_contact_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionRules:
    """How points become evidence: points per unit, weight of the prior, base rate per dimension."""

    points_per_evidence: float = 10.0
    prior_weight: float = 2.0
    base_rate: Mapping[Dimension, float] = field(
        default_factory=lambda: dict.fromkeys(DIMENSIONS, 0.5)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictLimits:
    """From which expected value and uncertainty a precondition reads yes or no (TA-1 11.12)."""

    yes_expected_min: float = 0.7
    yes_uncertainty_max: float = 0.5
    no_expected_below: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Everything that values an account, apart from the catalogue of kinds (TA-1 11.1).

    `threshold` and `rearm_margin` in points; `spillover` in 0..1: the share of a contact person's
    account that passes to the organisation when she leaves.
    """

    half_life_days: Mapping[Dimension, HalfLives] = field(
        default_factory=lambda: {
            "willing": HalfLives(deposits=180.0, withdrawals=720.0),
            "able": HalfLives(deposits=180.0, withdrawals=360.0),
            "assessable": HalfLives(deposits=180.0, withdrawals=360.0),
        }
    )
    silence: SilenceRules = field(default_factory=SilenceRules)
    opinion: OpinionRules = field(default_factory=OpinionRules)
    verdict: VerdictLimits = field(default_factory=VerdictLimits)
    threshold: float = 0.0
    rearm_margin: float = 5.0
    velocity_days: int = 90
    spillover: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingRules:
    """Rules that act when an event is booked, so that the account's sums stay linear (TA-1 §12).

    At most `purchasable_points_max` points of purchasable kinds count per account within
    `purchasable_days`; a promise kept after it was renegotiated earns `kept_after_renegotiation`
    (a share, 0..1) of the points.
    """

    purchasable_points_max: float = 10.0
    purchasable_days: int = 365
    kept_after_renegotiation: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A group of accounts with rules of its own; `parameters` and `kinds` are complete.

    An account belongs to it by hand, or when `column` (declared with the role "segment") holds one
    of `values`; the first segment that fits counts.
    """

    name: str
    label: Text
    parameters: Parameters
    kinds: Mapping[str, Kind]
    column: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the rule book, in force from `valid_from`."""

    name: str
    version: int = 1
    valid_from: date = date.min
    title: Text = NO_TEXT
    parameters: Parameters = field(default_factory=Parameters)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    booking: BookingRules = field(default_factory=BookingRules)
    segments: tuple[Segment, ...] = ()
    columns: Mapping[str, ColumnRole] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name and version as every result quotes them, e.g. `craft/2`."""
        return f"{self.name}/{self.version}"

    def for_segment(self, segment: str) -> "Policy":
        """Return the rules for a segment; the general ones for an empty or unknown name."""
        for own in self.segments:
            if own.name == segment:
                return replace(self, parameters=own.parameters, kinds=own.kinds)
        return self

    def is_honesty(self, kind: str) -> bool:
        """Tell whether an event of this kind breaches honesty; an unknown kind does not."""
        return kind in self.kinds and self.kinds[kind].honesty


@dataclass(frozen=True, slots=True)
class PolicyHistory:
    """All versions of one policy, in order of the day they came into force."""

    versions: tuple[Policy, ...]

    def in_force(self, day: date) -> Policy:
        """Return the version in force on `day`; before the first one, the first one."""
        current = self.versions[0]
        for version in self.versions:
            if version.valid_from <= day:
                current = version
        return current


def policy_history(*versions: Policy) -> PolicyHistory:
    """Return the versions in order.

    Raises:
        Invalid: there is none, or two share a number or a first day.
    """
    if not versions:
        raise Invalid(Text(de="Kein Regelwerk angegeben.", en="No policy given."))
    ordered = tuple(sorted(versions, key=lambda policy: policy.valid_from))
    for earlier, later in pairwise(ordered):
        if earlier.valid_from == later.valid_from or earlier.version >= later.version:
            raise Invalid(
                Text(
                    de=f"{earlier.label} (ab {earlier.valid_from}) und {later.label} (ab "
                    f"{later.valid_from}): eine spätere Fassung braucht eine höhere Nummer und "
                    "einen späteren ersten Tag.",
                    en=f"{earlier.label} (from {earlier.valid_from}) and {later.label} (from "
                    f"{later.valid_from}): a later version needs a higher number and a later "
                    "first day.",
                )
            )
    return PolicyHistory(ordered)
