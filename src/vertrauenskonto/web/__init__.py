"""What people see in the browser: pages, forms, templates, style.

Lives here: one module per noun; a view parses, makes one call into `db`, renders.
May import: `db.actions`, `db.queries`, `db.access`, `render`, `core`, Django.
Never: `db.models`, `api`, rules of the domain.
"""
