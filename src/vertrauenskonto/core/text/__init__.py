"""Text: what free text says that rules look at, in German and English.

Lives here: words of special categories.
May import: `core.errors` and the standard library.
Never: files, a framework, other rooms of the core.
"""
