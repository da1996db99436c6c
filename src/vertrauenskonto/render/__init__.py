"""Pictures and documents: values in, text or bytes out.

Lives here: charts (Vega-Lite to SVG) and statements as table, CSV, JSON and HTML.
May import: `core`, vl-convert.
Never: the engine, files, a database.
"""
