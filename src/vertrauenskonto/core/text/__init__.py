"""Text: what free text says that rules and writers look at, in German and English.

Lives here: words of special categories, parts of an apology, readability, jargon and its lists.
May import: `core.errors` and the standard library.
Never: files, a framework, other rooms of the core.
"""
