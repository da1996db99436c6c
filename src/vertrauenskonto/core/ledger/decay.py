"""How much of a posting is left after some days: exponential forgetting with a half-life."""

# More than 1000 half-lives old counts exactly 0. Without the clamp, 2^-1075 underflows, which some
# SQL engines raise as an error; every engine must agree with this function.
HALF_LIVES_MAX = 1000


def weight(age_days: int, half_life_days: float | None) -> float:
    """Return the share of a posting that still counts, in [0, 1].

    Args:
        age_days: valuation day minus event day; negative (not yet happened) counts 0.
        half_life_days: days after which half is left, > 0; None: nothing is ever forgotten.

    Source: TA-1 11.3.
    """
    if age_days < 0:
        return 0.0
    if half_life_days is None:
        return 1.0
    if age_days / half_life_days > HALF_LIVES_MAX:
        return 0.0
    return float(2.0 ** (-age_days / half_life_days))
