"""What changes data: one transaction each, deciding in `core`; the only callers of `create`.

Lives here: one module per noun.
May import: `db.models`, `db.queries`, `core`, Django.
Never: HTTP objects, the clock (instants are arguments), rules that the core does not have.
"""
