"""Balances: what every account is worth today, kept beside the facts so that lists are quick."""

from collections.abc import Mapping
from datetime import date

from vertrauenskonto.core.ledger.balance import valuation
from vertrauenskonto.core.ledger.entries import Account, live_entries
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models

_COLUMNS = [f.name for f in models.Balance._meta.concrete_fields if not f.primary_key]


def keep_current(accounts: Mapping[int, Account], policies: PolicyHistory, *, as_of: date) -> None:
    """Value the accounts (by row number of the customer) on `as_of` and store their balances."""
    models.Balance.objects.bulk_create(
        [_balance(pk, account, policies, as_of) for pk, account in sorted(accounts.items())],
        update_conflicts=True,
        unique_fields=["customer"],
        update_fields=_COLUMNS,
    )


def _balance(pk: int, account: Account, policies: PolicyHistory, as_of: date) -> models.Balance:
    value = valuation(account, policies.in_force(as_of), as_of=as_of)
    contacts = [e.on for e in live_entries(account.entries, as_of=as_of) if e.contact]
    return models.Balance(
        customer_id=pk,
        as_of_date=as_of,
        policy=value.policy,
        balance=value.balance,
        silence=value.silence,
        silence_charges=value.silence_charges,
        weakest=value.weakest.dimension,
        weakest_expected=value.weakest.expected,
        weakest_reason=value.weakest.reason,
        verdict=value.verdict,
        verdict_willing=value.verdicts["willing"],
        verdict_able=value.verdicts["able"],
        verdict_assessable=value.verdicts["assessable"],
        below_threshold=bool(value.below_threshold),
        last_contact_date=max(contacts, default=None),
    )
