"""A policy as the text of a policy file: complete, so that it no longer depends on another one."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.codec import policy_to_dict
from vertrauenskonto.core.ledger.policy_file.report import Tree

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def policy_to_toml(policy: Policy) -> str:
    """Return the policy as TOML with every default written out and nothing inherited."""
    return tree_to_toml(policy_to_dict(policy))


def tree_to_toml(tree: Tree) -> str:
    """Return the tables of a policy file as TOML, as they stand."""
    return "\n".join(_lines(tree, ())).lstrip("\n") + "\n"


def _lines(table: Tree, path: tuple[str, ...]) -> Iterator[str]:
    values = {k: v for k, v in table.items() if not isinstance(v, Mapping)}
    if values:
        yield f"\n[{'.'.join(map(_key, path))}]"
        yield from (f"{_key(key)} = {_value(value)}" for key, value in values.items())
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, (*path, key))


def _key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any) -> str:  # whatever a policy file holds
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # TOML's basic strings are JSON's, but for DEL, which JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value)
