"""The core's fold as SQL, over many accounts; and the reading of files by a mapping.

Lives here: the SQL text (DuckDB's dialect), its translation, and the engines that run it.
May import: `importers`, `core`, duckdb, sqlglot; psycopg and pyspark inside the functions that connect.
Never: a shell, or a rule that the core does not have.
"""
