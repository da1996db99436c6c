"""Foreign formats as values: policy files, mappings, and the ready mappings we ship.

Lives here: what a file's columns mean, and every check on that; policy and mapping files as TOML.
May import: `core` and the standard library.
Never: DuckDB, the engine, a database; `engine` executes what is described here.
"""
