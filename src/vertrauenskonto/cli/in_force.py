"""Which rules a valuation used: told each time, because the events do not say it."""

from datetime import date

from vertrauenskonto.cli.shell import Shell
from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.policy import PolicyHistory


def tell_policy(policy: PolicyHistory, *, first: date, last: date, shell: Shell) -> None:
    """Say which version was in force on day `last`, and if `first` lies before the first version."""
    from vertrauenskonto.render.numbers import long_day

    label = policy.in_force(last).label
    start = policy.versions[0].valid_from
    if first >= start:
        shell.say(Text(f"Regelwerk {label}", f"Policy {label}"))
        return
    shell.say(
        Text(
            f"Regelwerk {label}; es gilt ab {long_day(start, 'de')}, seine erste Fassung auch für "
            "die Zeit davor.",
            f"Policy {label}; it is valid from {long_day(start, 'en')}, and its first version "
            "reaches back to the time before.",
        )
    )
