"""Random ledgers and policies for property tests: one place, so that core and engines meet the same."""

from datetime import date, timedelta

from hypothesis import strategies as st

from vertrauenskonto.core.ledger.entries import (
    DIMENSIONS,
    ORGANISATION,
    Account,
    Entry,
    Posting,
    Suspension,
)
from vertrauenskonto.core.ledger.policy import (
    HalfLives,
    OpinionRules,
    Parameters,
    Policy,
    SilenceRules,
    VerdictLimits,
)

FIRST_DAY = date(2022, 1, 1)
DAYS = 1200

# Days cluster (many on the same few), because ties and due days are where mistakes live.
day_offsets = st.one_of(st.integers(0, DAYS), st.integers(0, 40).map(lambda n: n * 30))
days = day_offsets.map(lambda n: FIRST_DAY + timedelta(days=n))
points = st.one_of(
    st.integers(-20, 20).filter(bool).map(float),
    st.integers(-100_000, 100_000).filter(bool).map(lambda cents: cents / 100),
)
dimensions = st.sampled_from(DIMENSIONS)
targets = st.sampled_from((ORGANISATION, ORGANISATION, "person:anna", "person:ben"))
half_lives = st.one_of(
    st.none(), st.sampled_from((1.0, 30.0, 180.0, 360.0, 720.0)), st.floats(1, 2000)
)


@st.composite
def postings(draw: st.DrawFn) -> tuple[Posting, ...]:
    """Up to one posting per dimension."""
    chosen = draw(st.lists(dimensions, unique=True, max_size=3))
    return tuple(Posting(d, draw(points)) for d in chosen)


@st.composite
def entries(draw: st.DrawFn, *, kinds: tuple[str, ...] = ("",)) -> tuple[Entry, ...]:
    """Entries of one account with late records, persons, non-contacts and valid reversals."""
    made: list[Entry] = []
    for number in range(draw(st.integers(0, 12))):
        on = draw(days)
        delay = draw(st.sampled_from((0, 0, 0, 1, 20, 400)))
        made.append(
            Entry(
                id=f"e{number}",
                on=on,
                recorded=on + timedelta(days=delay),
                kind=draw(st.sampled_from(kinds)),
                target=draw(targets),
                contact=draw(st.booleans()),
                postings=draw(postings()),
            )
        )
    reversed_ids = draw(
        st.lists(st.sampled_from([e.id for e in made]), unique=True, max_size=3)
        if made
        else st.just([])
    )
    by_id = {e.id: e for e in made}
    for entry_id in reversed_ids:
        named = by_id[entry_id]
        on = named.recorded + timedelta(days=draw(st.integers(0, 300)))
        made.append(Entry(id=f"r-{entry_id}", on=on, recorded=on, reverses=entry_id))
    return tuple(draw(st.permutations(made)))


@st.composite
def suspensions(draw: st.DrawFn) -> tuple[Suspension, ...]:
    """Up to three suspensions, some open, some in two versions."""
    made: list[Suspension] = []
    for number in range(draw(st.sampled_from((0, 0, 1, 2, 3)))):
        starts = draw(days)
        length = draw(st.one_of(st.none(), st.integers(1, 300)))
        made.append(
            Suspension(
                id=f"s{number}",
                starts=starts,
                ends=None if length is None else starts + timedelta(days=length),
                recorded=starts,
            )
        )
        if draw(st.booleans()):
            made.append(
                Suspension(
                    id=f"s{number}",
                    starts=starts,
                    ends=starts + timedelta(days=draw(st.integers(1, 300))),
                    recorded=starts + timedelta(days=draw(st.integers(1, 100))),
                )
            )
    return tuple(made)


@st.composite
def accounts(draw: st.DrawFn, *, kinds: tuple[str, ...] = ("",)) -> Account:
    """One account with a random history."""
    return Account(id="ada", entries=draw(entries(kinds=kinds)), suspensions=draw(suspensions()))


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    """Parameters within the admissible ranges of TA-1 11.1."""
    period = draw(st.integers(1, 120))
    return Parameters(
        half_life_days={
            d: HalfLives(deposits=draw(half_lives), withdrawals=draw(half_lives))
            for d in DIMENSIONS
        },
        silence=SilenceRules(
            grace_days=period + draw(st.integers(0, 300)),
            period_days=period,
            points=draw(st.sampled_from((0.0, 0.5, 2.0, 7.25))),
            half_life_days=draw(half_lives),
            evidence_share=draw(st.sampled_from((0.0, 0.3, 1.0))),
        ),
        opinion=OpinionRules(
            points_per_evidence=draw(st.sampled_from((1.0, 10.0, 12.5))),
            prior_weight=draw(st.sampled_from((0.5, 2.0, 4.0))),
            base_rate={d: draw(st.sampled_from((0.2, 0.5, 0.8))) for d in DIMENSIONS},
        ),
        verdict=VerdictLimits(
            yes_expected_min=draw(st.sampled_from((0.6, 0.7))),
            yes_uncertainty_max=draw(st.sampled_from((0.3, 0.5))),
        ),
        threshold=draw(st.sampled_from((-10.0, 0.0, 3.5))),
        velocity_days=draw(st.integers(1, 200)),
        spillover=draw(st.sampled_from((0.0, 0.5, 1.0))),
    )


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    """A policy with random parameters and no catalogue."""
    return Policy(name="random", parameters=draw(parameters()))
