"""Policies as text: what a test writes below a fixed head, read like a policy file."""

import tomllib

from tests.conftest import ROOT

from vertrauenskonto.core.errors import Problem
from vertrauenskonto.core.ledger.policy import Policy
from vertrauenskonto.core.ledger.policy_file.codec import DecodedPolicy, decoded_policy, extended
from vertrauenskonto.importers.toml_lines import key_lines

# What a test writes begins on line 8.
HEAD = """\
[policy]
name = "own"
version = 2
valid_from = 2026-03-01
title_de = "Eigenes Regelwerk"
title_en = "Our own policy"

"""
FIRST_LINE = HEAD.count("\n") + 1

DEFAULT = (ROOT / "src" / "vertrauenskonto" / "policy" / "default.toml").read_text(encoding="utf-8")


def decoded(text: str, *, head: str = HEAD, base: str = DEFAULT) -> DecodedPolicy:
    """Return what `text`, below the head and extending the neutral policy, says."""
    source = head + text
    raw = extended(tomllib.loads(base), tomllib.loads(source))
    return decoded_policy(raw, file="own.toml", lines=key_lines(source))


def policy(text: str = "") -> Policy:
    """Return the policy that `text` makes of the neutral one."""
    got = decoded(text)
    assert got.policy is not None, "\n".join(map(str, got.problems))
    return got.policy


def only_problem(text: str, *, head: str = HEAD, base: str = DEFAULT) -> Problem:
    """Return the one problem that `text` has."""
    problems = decoded(text, head=head, base=base).problems
    assert len(problems) == 1, "\n".join(map(str, problems)) or "no problem found"
    return problems[0]
