"""What programs speak: the REST interface under /api/v1 and the document that describes it.

Lives here: one module per noun; an endpoint parses, makes one call into `db`, answers.
May import: `db.actions`, `db.queries`, `db.access`, `render`, `core`, Django, ninja.
Never: `db.models`, `web`, rules of the domain.
"""
