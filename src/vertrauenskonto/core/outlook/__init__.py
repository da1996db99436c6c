"""Before promising: how likely we are to keep it, and the earliest day that is safe enough.

Lives here: the record, how long things take, what is learned from both, the forecast.
May import: `core.stats`, `core.errors` and the standard library.
Never: the register of promises, persons, teams that are too small (the caller leaves them out).
"""
