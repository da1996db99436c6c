"""Recovery: how a broken relationship is repaired, step by step, and when that counts as done.

Lives here: the steps and their order, a case as a fold over dated facts, its deposits, which path.
May import: `core.ledger`, `core.errors` and the standard library.
Never: the database, the clock, a calendar of its own, revenue.
"""
