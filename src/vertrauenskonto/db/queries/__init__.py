"""What reads data: core values or small frozen rows, never querysets.

Lives here: one module per noun.
May import: `db.models`, `core`, Django.
Never: writing.
"""
