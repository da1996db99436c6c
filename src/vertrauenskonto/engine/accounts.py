"""Accounts and suspensions as relations, with what in their files cannot be used."""

from collections.abc import Iterator

import duckdb

from vertrauenskonto.engine.columns import Columns, no_day
from vertrauenskonto.engine.problems import Problems, problems_of
from vertrauenskonto.engine.rules import ALWAYS, Rules
from vertrauenskonto.engine.sources import Source, require_columns
from vertrauenskonto.engine.tables import ACCOUNT_COLUMNS, SUSPENSION_COLUMNS, text

_PROBLEM_COLUMNS = "(line BIGINT, code VARCHAR, field VARCHAR, value VARCHAR, other VARCHAR)"


def create_no_accounts(connection: duckdb.DuckDBPyConnection) -> None:
    """Create an empty relation `account_segment`."""
    connection.execute(
        "CREATE OR REPLACE TEMPORARY TABLE account_segment (account VARCHAR, segment VARCHAR)"
    )


def create_accounts(
    connection: duckdb.DuckDBPyConnection, source: Source, rules: Rules
) -> Problems:
    """Create `account_segment` from a file of accounts; return what is wrong in it.

    A segment that is filled in counts; else the first segment of the policy whose rule fits the
    other columns of the file; else the general rules, ''.

    Raises:
        Invalid: the column `account` is missing.
    """
    require_columns(source, ("account",), ACCOUNT_COLUMNS)
    columns = Columns(source)
    known = ", ".join(text(name) for name in rules.segments)
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE account_problem {_PROBLEM_COLUMNS}")
    connection.execute(
        f"""CREATE OR REPLACE TEMPORARY TABLE account_read AS
SELECT {source.line} AS line, {columns.text("account")} AS account,
  {columns.text("segment")} AS given, {_fitting(columns, rules)} AS fitting
FROM {source.sql}"""
    )
    connection.execute(
        """INSERT INTO account_problem
SELECT line, 'account', 'account', NULL, NULL FROM account_read WHERE account IS NULL"""
    )
    connection.execute(
        f"""INSERT INTO account_problem
SELECT line, 'unknown_segment', 'segment', given, NULL
FROM account_read WHERE account IS NOT NULL AND given NOT IN ({known})"""
    )
    connection.execute(
        """INSERT INTO account_problem
SELECT line, 'account_again', 'account', account, NULL FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY account ORDER BY line) AS nth
  FROM account_read WHERE account IS NOT NULL
) WHERE nth > 1"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TEMPORARY TABLE account_segment AS
SELECT account, CASE WHEN given IS NULL THEN fitting WHEN given IN ({known}) THEN given ELSE '' END
  AS segment
FROM account_read
WHERE line NOT IN (
  SELECT line FROM account_problem WHERE code IN ('account', 'account_again')
)"""
    )
    return problems_of(connection, file=source.name, policy=rules.policy, table="account_problem")


def create_suspensions(
    connection: duckdb.DuckDBPyConnection, source: Source, rules: Rules
) -> Problems:
    """Create `suspension` from a file of suspensions; return what is wrong in it.

    Raises:
        Invalid: a column is missing.
    """
    require_columns(source, ("account", "from"), SUSPENSION_COLUMNS)
    columns = Columns(source)
    connection.execute(f"CREATE OR REPLACE TEMPORARY TABLE suspension_problem {_PROBLEM_COLUMNS}")
    connection.execute(
        f"""CREATE OR REPLACE TEMPORARY TABLE suspension_read AS
SELECT {source.line} AS line, {columns.text("account")} AS account,
  COALESCE({columns.text("id")}, CAST({source.line} AS VARCHAR)) AS id,
  {columns.day("from")} AS starts, {columns.day("to")} AS ends,
  COALESCE({columns.day("recorded")}, {columns.day("from")}) AS recorded,
  {columns.day("recorded")} AS recorded_given,
  {columns.raw("from")} AS raw_from, {columns.raw("to")} AS raw_to,
  {columns.raw("recorded")} AS raw_recorded
FROM {source.sql}"""
    )
    for insert in _suspension_problems():
        connection.execute(f"INSERT INTO suspension_problem {insert}")
    connection.execute(
        f"""CREATE OR REPLACE TEMPORARY TABLE suspension AS
SELECT account, id, starts, COALESCE(ends, {ALWAYS}) AS ends, recorded FROM {_USABLE}"""
    )
    return problems_of(
        connection, file=source.name, policy=rules.policy, table="suspension_problem"
    )


_USABLE = "suspension_read WHERE line NOT IN (SELECT line FROM suspension_problem)"


def _suspension_problems() -> Iterator[str]:
    yield """SELECT line, 'account', 'account', NULL, NULL
FROM suspension_read WHERE account IS NULL"""
    for name, column in (("from", "starts"), ("to", "ends"), ("recorded", "recorded_given")):
        filled = "" if name == "from" else f"NULLIF(raw_{name}, '') IS NOT NULL AND "
        yield f"""SELECT line, 'day', '{name}', raw_{name}, NULL
FROM suspension_read WHERE {filled}{no_day(column)}"""
    yield """SELECT line, 'suspension_order', 'to', id, raw_to
FROM suspension_read WHERE ends <= starts"""
    yield f"""SELECT line, 'suspension_again', 'recorded', id, raw_recorded FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY account, id, recorded ORDER BY line) AS nth
  FROM {_USABLE}
) WHERE nth > 1"""


def _fitting(columns: Columns, rules: Rules) -> str:
    """Return the SQL of the first segment whose rule fits a row."""
    branches = [
        f"WHEN {columns.text(own.column)} IN ({', '.join(text(v) for v in own.values)}) "
        f"THEN {text(own.name)}"
        for own in rules.policy.segments
        if own.values and own.column in columns
    ]
    return f"CASE {' '.join(branches)} ELSE '' END" if branches else "''"
