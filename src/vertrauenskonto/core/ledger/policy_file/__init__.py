"""The form of a policy file: from plain values to a Policy and back, every mistake explained.

Lives here: the keys there are, what each means and admits, and the reading that collects problems.
May import: the ledger's values (`policy`, `kinds`, `entries`), `goal_guard`, `core.errors`.
Never: files; `importers.policy` reads those.
"""
