"""The customers of an import, by the id that its source has for each: found, or opened in bulk.

What is not plain (ids that are uncertain here, waiting records, attributes) goes through
`matching.resolve`, which decides the same, one by one.
"""

from collections.abc import Mapping, Sequence
from secrets import token_hex

from django.db import IntegrityError, connection, transaction

from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models, raw
from vertrauenskonto.db.actions import matching
from vertrauenskonto.db.actions.customers import profile_row
from vertrauenskonto.db.actions.facts import Door, free_numbers, insert_values, write_sealed
from vertrauenskonto.db.actions.matching import Record, Resolution
from vertrauenskonto.db.matching import weight_of_system
from vertrauenskonto.db.queries import matching as queries

_ID_LENGTH = 200
_NAMED = """SELECT i.value, c.key FROM external_id i JOIN customer c ON c.id = i.customer_id
WHERE i.system = %s AND """


def customers_of(
    source: str,
    accounts: Sequence[str],
    attributes: Mapping[str, Mapping[str, str]],
    *,
    door: Door,
    policies: PolicyHistory,
) -> dict[str, Resolution]:
    """Return who each account is, opening those that nobody knows.

    `attributes`: what columns for segments say of some of them.
    """
    found: dict[str, str] = {}
    if weight_of_system(source, queries.match_keys()) == "certain":
        plain = [a for a in accounts if a not in attributes and _is_plain(a)]
        found = _known(source, plain)
        new = [account for account in plain if account not in found]
        waiting = queries.received({(source, account) for account in new}) if new else {}
        new = [account for account in new if (source, account) not in waiting]
        if new:
            try:
                found |= _opened(source, new, door)
            except IntegrityError:
                # Somebody else entered one of these ids in this moment; `resolve` will find it.
                found = _known(source, plain)
    records = {
        account: Record(
            source=source,
            source_id=account,
            ids={source: account},
            attributes=attributes.get(account, {}),
        )
        for account in accounts
    }
    rest = [record for account, record in records.items() if account not in found]
    done = matching.resolve(rest, door=door, policies=policies) if rest else ()
    resolved = {r.record.source_id: r for r in done}
    joined = {
        account: Resolution(record=records[account], status="joined", key=key)
        for account, key in found.items()
    }
    return resolved | joined


def _is_plain(account: str) -> bool:
    return account == account.strip() and 0 < len(account) <= _ID_LENGTH and "\0" not in account


def _known(source: str, accounts: Sequence[str]) -> dict[str, str]:
    sql = _NAMED + raw.among("i.value")
    return dict(raw.fetched(sql, [source, raw.listed(accounts)]))


@transaction.atomic
def _opened(source: str, accounts: Sequence[str], door: Door) -> dict[str, str]:
    keys = [f"c_{token_hex(16)}" for _ in accounts]
    numbers = free_numbers(models.Customer, len(keys))
    leaf = write_sealed(models.Customer, [[key] for key in keys], door=door, key=None)
    insert_values(
        models.Customer,
        ["id", "key", "transaction_id"],
        [(number, key, leaf) for number, key in zip(numbers, keys, strict=True)],
    )
    # The profile of somebody of whom nothing is known but the id, as `resolve` would make it.
    profile = profile_row(models.Customer(pk=0), sort="person", name="")
    fields = [f for f in profile._meta.concrete_fields if f.attname != "customer_id"]
    blank = [f.get_db_prep_save(getattr(profile, f.attname), connection) for f in fields]
    insert_values(
        models.Profile,
        ["customer_id", *(f.column or "" for f in fields)],
        [(number, *blank) for number in numbers],
    )
    insert_values(
        models.ExternalId,
        ["customer_id", "system", "value"],
        [(number, source, account) for number, account in zip(numbers, accounts, strict=True)],
    )
    return dict(zip(accounts, keys, strict=True))
