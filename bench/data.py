"""Event tables to measure with: the same bytes on every machine, made by DuckDB."""

from collections.abc import Sequence
from pathlib import Path

import duckdb

KINDS = (
    "order_received",
    "promise_kept",
    "promise_broken_unannounced",
    "conversation",
    "complaint_received",
    "complaint_resolved",
    "competent_solution",
    "explained_plainly",
    "promise_late_with_notice",
    "free_service",
    "lie_uncovered",
    "appointment_kept",
    "jargon_not_understood",
    "work_done_wrong",
    "return_made_easy",
    "commitment_shown_with_evidence",
)


def write_events(
    path: Path,
    *,
    events: int,
    accounts: int,
    kinds: Sequence[str] = KINDS,
    numbered: bool = False,
) -> None:
    """Write a Parquet file of events on three years (1,096 days), in order of day.

    Accounts and kinds are drawn by hash, so about ten events fall on each account when there are
    ten times as many. One kind in sixteen is no contact. `numbered` adds a column of ids.
    """
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    number = ", 'n' || i AS number" if numbered else ""
    with duckdb.connect() as connection:
        connection.execute(
            f"""COPY (
  SELECT 'c' || lpad((hash(i) % {accounts})::VARCHAR, 8, '0') AS account,
    [{listed}][1 + (hash(i * 7 + 1) % {len(kinds)})::INTEGER] AS kind,
    DATE '2023-01-01' + (i * 1096 // {events})::INTEGER AS day{number}
  FROM range({events}) t(i)
) TO '{path}' (FORMAT parquet)"""
        )
