"""The trust account (model TA-1): entries in, numbers and their reasons out.

Lives here: entries, kinds, policies, the valuation of one account and its explanation.
May import: `core.errors` and the standard library.
Never: the capabilities that post into the ledger (promises, recovery, …); they import this.
"""
