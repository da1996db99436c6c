"""The deployed program: settings and entry points.

Lives here: settings, urls, wsgi.
May import: everything.
Never: logic of any kind.
"""
