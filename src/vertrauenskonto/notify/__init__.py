"""Telling the outside: one message out, one outcome back.

Lives here: one module per way out (webhooks, mail).
May import: `core`, the standard library, the library that speaks the way out.
Never: the database, Django's tables, deciding who is told what.
"""
