"""What a key of a mapping file is, and the keys that several blocks share."""

from dataclasses import dataclass
from typing import Literal

KeyType = Literal["text", "texts", "names", "flag", "table", "tables", "expression", "kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a mapping file.

    `type`: "text"; "texts" (a table with `de` and `en`); "names" (a text or a list of texts);
    "flag"; "table"; "tables" (a list of tables); "expression" (SQL over the declared columns);
    "kind" (a kind, or a table that leads to one).
    """

    name: str
    type: KeyType
    meaning: str
    default: str = ""
    example: str = ""
    required: bool = False


WHEN = Key(
    name="when",
    type="expression",
    default="every row",
    meaning="Condition on the row. A condition that is neither true nor false, because a cell is "
    "empty, counts as false.",
    example="status = 'delivered'",
)
ACCOUNT = Key(
    name="account",
    type="expression",
    required=True,
    meaning="Whose account: the customer's key. Empty is a problem.",
    example="customer_number",
)
ID = Key(
    name="id",
    type="expression",
    required=True,
    meaning="What tells this from all others of the source. The first row with an id counts.",
    example="order_number || '/delivery'",
)
