"""Foreign formats as values: policy files, mappings and the ready ones we ship, calendars.

Lives here: what a file's columns mean, and every check on that; policy and mapping files as TOML;
public holidays, calendar files, calendars to begin with; promises in pasted text.
May import: `core`, the standard library and a library that reads the format.
Never: DuckDB, the engine, a database; `engine` executes what is described here.
"""
