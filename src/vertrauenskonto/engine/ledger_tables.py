"""The rows of a ledger, handed over as CSV, as the canonical tables that `score` reads.

entries.csv, suspensions.csv, holders.csv  -->  events.parquet, suspensions.parquet,
                                                accounts.parquet
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.engine.postgres import read_csv_sql
from vertrauenskonto.engine.tables import text

HUNDREDTHS = 100

_ENTRY_COLUMNS = {
    "customer": "BIGINT",
    "kind": "VARCHAR",
    "day": "DATE",
    "recorded": "DATE",
    "source": "VARCHAR",
    "own": "VARCHAR",
    "target": "VARCHAR",
    "contact": "INTEGER",
    "willing": "BIGINT",
    "able": "BIGINT",
    "assessable": "BIGINT",
    "reversed_source": "VARCHAR",
    "reversed_own": "VARCHAR",
}
_SUSPENSION_COLUMNS = {
    "customer": "BIGINT",
    "own": "VARCHAR",
    "starts": "DATE",
    "ends": "DATE",
    "recorded": "DATE",
}
_HOLDER_COLUMNS = {
    "customer": "BIGINT",
    "account": "VARCHAR",
    "segment": "VARCHAR",
    "is_account": "BOOLEAN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFiles:
    """The CSV files in a folder; columns in the order of the names above, without a header.

    Points are whole hundredths. A holder is a customer with the account that counts for it; a
    customer without one is left out everywhere.
    """

    folder: Path

    @property
    def entries(self) -> Path:
        """All entries, in order of booking."""
        return self.folder / "entries.csv"

    @property
    def suspensions(self) -> Path:
        """All versions of all suspensions."""
        return self.folder / "suspensions.csv"

    @property
    def holders(self) -> Path:
        """All customers that count."""
        return self.folder / "holders.csv"


def write_tables(files: LedgerFiles) -> tuple[Path, Path, Path]:
    """Write events, suspensions and accounts as Parquet beside the CSV, and return their paths."""
    events, suspensions, accounts = (
        files.folder / f"{name}.parquet" for name in ("events", "suspensions", "accounts")
    )
    with duckdb.connect() as connection:
        holders = read_csv_sql(files.holders, _HOLDER_COLUMNS)
        connection.execute(f"CREATE TABLE holder AS {holders}")
        points = ", ".join(
            f"CAST(e.{d} AS DOUBLE) / {HUNDREDTHS} AS points_{d}" for d in DIMENSIONS
        )
        # An empty text reads as NULL.
        connection.execute(
            f"""COPY (SELECT h.account, e.kind, e.day, concat(e.source, ':', e.own) AS id, e.source,
  e.recorded, e.target, CASE WHEN e.reversed_own IS NULL THEN e.contact = 1 END AS contact,
  {points},
  CASE WHEN e.reversed_own IS NOT NULL THEN concat(e.reversed_source, ':', e.reversed_own) END
    AS reverses
FROM ({read_csv_sql(files.entries, _ENTRY_COLUMNS)}) e JOIN holder h USING (customer)
) TO {text(str(events))} (FORMAT parquet)"""
        )
        connection.execute(
            f"""COPY (SELECT h.account, z.customer || '/' || z.own AS id, z.starts AS "from",
  z.ends AS "to", z.recorded
FROM ({read_csv_sql(files.suspensions, _SUSPENSION_COLUMNS)}) z JOIN holder h USING (customer)
) TO {text(str(suspensions))} (FORMAT parquet)"""
        )
        connection.execute(
            f"""COPY (SELECT account, segment FROM holder WHERE is_account
) TO {text(str(accounts))} (FORMAT parquet)"""
        )
    return events, suspensions, accounts
