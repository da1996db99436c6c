"""The one Django app: what is remembered.

Lives here: tables (`models`), what writes (`actions`), what reads (`queries`), migrations.
May import: everything below, Django.
Never: HTTP, pages, the command line; and only modules in here may import `db.models`.
"""
