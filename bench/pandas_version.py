"""The same valuation written straightforwardly in pandas, to compare the engine with.

For event tables with account, kind and day: total and organisation, silence, opinions, verdicts.
It is what one would write without the engine; a test holds it against the engine.
"""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from vertrauenskonto.core.ledger.entries import DIMENSIONS, ORGANISATION, TOTAL
from vertrauenskonto.core.ledger.policy import Parameters, Policy


def score(events: Path, policy: Policy, *, as_of: date) -> pd.DataFrame:
    """Return one row per account and view, ordered by both."""
    rows = pd.read_parquet(events, columns=["account", "kind", "day"])
    rows["age"] = (pd.Timestamp(as_of) - pd.to_datetime(rows["day"])).dt.days
    live = rows[rows["age"] >= 0].merge(_catalogue(policy), on="kind")
    parameters = policy.parameters
    scores = _decayed(live, parameters).join(_silence(live, parameters), how="left")
    scores = scores.reindex(rows["account"].unique()).fillna(
        {name: 0 for name in scores.columns if name != "account"}
    )
    scores["balance"] = (
        sum(scores[f"deposits_{d}"] - scores[f"withdrawals_{d}"] for d in DIMENSIONS)
        - scores["silence"]
    )
    scores = _verdicts(_opinions(scores, parameters), parameters)
    scores["as_of"], scores["policy"] = as_of, policy.label
    below = scores["balance"].round(9) < parameters.threshold
    views = [
        scores.assign(view=ORGANISATION, below_threshold=None),
        scores.assign(view=TOTAL, below_threshold=below),
    ]
    return pd.concat(views).reset_index().sort_values(["account", "view"], ignore_index=True)


def _catalogue(policy: Policy) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "kind": kind.name,
                "contact": kind.contact,
                "honesty": kind.honesty,
                **{d: kind.points.get(d, 0.0) for d in DIMENSIONS},
            }
            for kind in policy.kinds.values()
        ]
    )


def _weight(age: pd.Series, half_life: float | None) -> "pd.Series | float":
    return 1.0 if half_life is None else 2.0 ** (-age / half_life)


def _decayed(live: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    columns = {"account": live["account"], "dishonest": live["honesty"]}
    for d in DIMENSIONS:
        half_lives = parameters.half_life_days[d]
        columns[f"deposits_{d}"] = live[d].clip(lower=0) * _weight(live["age"], half_lives.deposits)
        columns[f"withdrawals_{d}"] = -live[d].clip(upper=0) * _weight(
            live["age"], half_lives.withdrawals
        )
    sums = {name: "sum" for name in columns if name not in ("account", "dishonest")}
    return pd.DataFrame(columns).groupby("account").agg(sums | {"dishonest": "any"})


def _silence(live: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    rules = parameters.silence
    contacts = live.loc[live["contact"], ["account", "age"]].drop_duplicates()
    contacts = contacts.sort_values(["account", "age"], ascending=[True, False])
    # The age of the next contact; after the last one the silence lasts until today included.
    following = contacts.groupby("account")["age"].shift(-1).fillna(-1)
    late = contacts["age"] - following - 1 - rules.grace_days
    charges = np.where(late >= 0, late // rules.period_days + 1, 0)
    last = contacts["age"] - rules.grace_days - (charges - 1) * rules.period_days
    if rules.half_life_days is None:
        decayed = rules.points * charges
    else:
        ratio = 2.0 ** (-rules.period_days / rules.half_life_days)
        decayed = (
            rules.points
            * 2.0 ** (-last / rules.half_life_days)
            * (1 - ratio**charges)
            / (1 - ratio)
        )
    found = pd.DataFrame(
        {
            "account": contacts["account"],
            "silence": np.where(charges > 0, decayed, 0.0),
            "silence_charges": charges,
        }
    )
    return found.groupby("account").sum()


def _opinions(scores: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    rules = parameters.opinion
    unit, prior = rules.points_per_evidence, rules.prior_weight
    for d in DIMENSIONS:
        base = rules.base_rate[d]
        against = scores[f"withdrawals_{d}"]
        if d == "assessable":
            against = against + parameters.silence.evidence_share * scores["silence"]
        positive, negative = scores[f"deposits_{d}"] / unit, against / unit
        mass = positive + negative + prior
        scores[f"belief_{d}"] = positive / mass
        scores[f"disbelief_{d}"] = negative / mass
        scores[f"uncertainty_{d}"] = prior / mass
        scores[f"base_rate_{d}"] = base
        scores[f"expected_{d}"] = (positive + base * prior) / mass
        scores[f"ignorance_{d}"] = (1 - base) * scores[f"uncertainty_{d}"]
    expected = scores[[f"expected_{d}" for d in DIMENSIONS]].to_numpy()
    disbelief = scores[[f"disbelief_{d}" for d in DIMENSIONS]].to_numpy()
    scores["joint_disbelief"] = 1 - (1 - disbelief).prod(axis=1)
    scores["joint_expected"] = expected.prod(axis=1)
    scores["joint_base_rate"] = np.prod([rules.base_rate[d] for d in DIMENSIONS])
    scores["joint_uncertainty"] = (1 - scores["joint_disbelief"] - scores["joint_expected"]) / (
        1 - scores["joint_base_rate"]
    )
    scores["joint_belief"] = 1 - scores["joint_disbelief"] - scores["joint_uncertainty"]
    scores["joint_lower_bound"] = (expected.sum(axis=1) - 2).clip(min=0)
    scores["joint_upper_bound"] = expected.min(axis=1)
    weakest = expected.round(9).argmin(axis=1)
    scores["weakest_dimension"] = np.array(DIMENSIONS)[weakest]
    every = np.arange(len(scores))
    for name, part in (("expected", "expected"), ("lack_damage", "disbelief")):
        values = scores[[f"{part}_{d}" for d in DIMENSIONS]].to_numpy()
        scores[f"weakest_{name}"] = values[every, weakest]
    ignorance = scores[[f"ignorance_{d}" for d in DIMENSIONS]].to_numpy()
    scores["weakest_lack_ignorance"] = ignorance[every, weakest]
    damaged = scores["weakest_lack_damage"].round(9) > scores["weakest_lack_ignorance"].round(9)
    scores["weakest_reason"] = np.where(damaged, "damaged", "unproven")
    return scores


def _verdicts(scores: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    limits = parameters.verdict
    for d in DIMENSIONS:
        expected = scores[f"expected_{d}"].round(9)
        certain = scores[f"uncertainty_{d}"].round(9) <= limits.yes_uncertainty_max
        damaged = scores[f"disbelief_{d}"].round(9) > scores[f"ignorance_{d}"].round(9)
        scores[f"verdict_{d}"] = np.select(
            [
                (expected >= limits.yes_expected_min) & certain,
                (expected < limits.no_expected_below) & damaged,
            ],
            ["yes", "no"],
            "unknown",
        )
    dishonest = scores["dishonest"].astype(bool)
    scores["verdict_willing"] = scores["verdict_willing"].mask(dishonest, "no")
    verdicts = scores[[f"verdict_{d}" for d in DIMENSIONS]]
    scores["verdict"] = np.select(
        [(verdicts == "no").any(axis=1), (verdicts == "yes").all(axis=1)], ["no", "yes"], "unknown"
    )
    return scores
