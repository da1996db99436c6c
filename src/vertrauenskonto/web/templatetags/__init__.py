"""What templates can say beyond Django's own tags.

Lives here: one module of tags per idea.
May import: `core`, Django.
Never: the database.
"""
