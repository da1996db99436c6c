"""The policy of this installation, all versions of it."""

from functools import lru_cache

from vertrauenskonto.core.errors import NotFound, Text
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory, policy_history
from vertrauenskonto.db import models
from vertrauenskonto.importers.policy import policy_of_text


def history() -> PolicyHistory:
    """Return every version that was ever put in force, in order.

    Raises:
        NotFound: none was.
    """
    rows = models.PolicyVersion.objects.order_by("version").values_list("document", flat=True)
    versions = [_read(document) for document in rows]
    if not versions:
        raise NotFound(
            Text(
                de="Noch ist kein Regelwerk in Kraft. Setzen Sie eines in Kraft mit: "
                "vertrauenskonto policy put NAME",
                en="No policy is in force yet. Put one in force with: "
                "vertrauenskonto policy put NAME",
            )
        )
    return policy_history(*versions)


@lru_cache(maxsize=64)
def _read(document: str) -> Policy:
    # A version never changes, and reading one takes longer than booking an entry.
    return policy_of_text(document, name="policy")
