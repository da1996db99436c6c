"""Events in Parquet that Spark reads itself, from wherever it can: checked and valued on Spark.

What the engine says to DuckDB about events in files is said to Spark, translated, so the same rules
leave out the same rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertrauenskonto.engine.sources import Source
from vertrauenskonto.engine.tables import EVENT_COLUMNS
from vertrauenskonto.engine.text_files import quoted
from vertrauenskonto.engine.translate import statement

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_VIEW = "events"
_TYPES = {
    "string": "VARCHAR",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP",
    "boolean": "BOOLEAN",
    "double": "DOUBLE",
    "float": "FLOAT",
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
}


@dataclass(frozen=True, slots=True)
class _Rows:
    rows: Sequence[tuple[Any, ...]]

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        return self.rows


class Cluster:
    """Runs DuckDB statements on Spark; what they create are views, for Spark has no own tables."""

    def __init__(self, spark: "SparkSession") -> None:
        self._spark = spark

    def execute(self, text: str) -> _Rows:
        """Run one statement."""
        action, name, body = statement(text, "spark")
        if action == "create":
            self._spark.createDataFrame([], body).createOrReplaceTempView(name)
        elif action == "name":
            self._spark.sql(body).createOrReplaceTempView(name)
        elif action == "insert":
            # Kept, or every later statement would find these rows anew.
            added = self._spark.table(name).union(self._spark.sql(body)).localCheckpoint()
            added.createOrReplaceTempView(name)
        else:
            return _Rows([tuple(row) for row in self._spark.sql(body).collect()])
        return _Rows([])


def source_of_parquet(spark: "SparkSession", place: str) -> Source:
    """Return a Parquet file or folder, at a path or URI, as a source of events.

    Rows of one file are numbered as they lie; those of several are numbered, but not in a row.
    """
    files = spark.read.parquet(place)
    columns = {
        name: _TYPES.get(kind, "DOUBLE" if kind.startswith("decimal") else "VARCHAR")
        for name, kind in files.dtypes
        if name in EVENT_COLUMNS
    }
    row = "_metadata.row_index" if len(files.inputFiles()) == 1 else "monotonically_increasing_id()"
    named = [quoted(name).replace('"', "`") for name in columns]
    files.selectExpr(f"{row} + 1 AS line", *named).createOrReplaceTempView(_VIEW)
    return Source(name=place, sql=_VIEW, line="line", columns=columns)
