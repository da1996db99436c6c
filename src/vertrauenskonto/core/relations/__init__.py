"""Relations: the phase a relationship is in, its cadence, and passing it from one person to another.

Lives here: phases and their next steps, contact agreed, handover, what is at risk if somebody leaves.
May import: `core.ledger`, `core.errors` and the standard library.
Never: other rooms that meet it in the ledger, rights (who may see a person's value), the clock.
"""
