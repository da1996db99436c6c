"""Holding customers still while what names them is written: nobody erases or merges them meanwhile.

Erasing locks the customer whose account counts; who writes beside a customer merged into it has to
lock both, and may look at the state only then.
"""

from collections.abc import Collection

from vertrauenskonto.core.errors import Conflict, Text
from vertrauenskonto.db.aliases import Holder, holders
from vertrauenskonto.db.queries.balances import states


def held(keys: Collection[str]) -> dict[str, Holder]:
    """Lock customers (by key) and those whose accounts count for them, and return them.

    The caller holds the transaction, and writes what names them only afterwards.

    Raises:
        Conflict: one of them was erased.
    """
    found = holders(keys, lock=True)
    known = states({pk for one in found.values() for pk in (one.customer.pk, one.root.pk)})
    for key, one in found.items():
        if "erased" in (known.get(one.customer.pk), known.get(one.root.pk)):
            raise Erased(
                Text(
                    de=f"„{key}“ wurde gelöscht (Artikel 17 DSGVO); es kommt nichts mehr hinzu.",
                    en=f"'{key}' was erased (GDPR article 17); nothing is added any more.",
                )
            )
    return found


class Erased(Conflict):
    """The customer was erased, so nothing that names her is taken any more."""
