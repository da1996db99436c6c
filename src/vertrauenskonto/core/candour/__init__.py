"""What was said honestly: records of four sorts, and what a no means for later promises.

Lives here: questions, rules and figures of the records, and promises against a no.
May import: `core/stats`, `core/text`, errors.
Never: the register of promises; persons.
"""
