"""Apache Spark as the engine: the same scoring text, on this machine or on a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from vertrauenskonto.core.errors import Text
from vertrauenskonto.engine.address import EngineUnavailable
from vertrauenskonto.engine.relations import Valuer, relations, without_slots
from vertrauenskonto.engine.scoring import scoring_sql
from vertrauenskonto.engine.shape import Shape
from vertrauenskonto.engine.spark_session import reason_of, session
from vertrauenskonto.engine.tables import text
from vertrauenskonto.engine.translate import translated_steps

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


class SparkFailed(EngineUnavailable):
    """Spark gave up in the middle of the work."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            Text(
                de=f"Spark hat abgebrochen: {reason}",
                en=f"Spark gave up: {reason}",
            )
        )


@contextmanager
def connected(master: str, *, memory: str = "") -> Iterator["SparkSession"]:
    """Yield a session with views and settings of its own.

    Raises:
        SparkMissing: pyspark is not installed.
        SparkUnavailable: no Java, or the cluster cannot be reached.
        SparkFailed: the work within the block failed.
    """
    with session(master, memory=memory) as shared:
        # Its own views: somebody's session may have a view called "event", and different settings.
        own = shared.newSession()
        own.conf.set("spark.sql.session.timeZone", "UTC")
        own.conf.set("spark.sql.ansi.enabled", "true")
        try:
            yield own
        except Exception as error:
            # Spark's errors come as pyspark's or as py4j's; these two share no class of their own.
            if type(error).__module__.partition(".")[0] not in ("pyspark", "py4j"):
                raise
            raise SparkFailed(reason_of(error)) from error


def load(
    spark: "SparkSession", source: duckdb.DuckDBPyConnection, table: str, *, folder: Path
) -> None:
    """Hand a DuckDB table to Spark as a view of the same name, by way of a Parquet file."""
    path = folder / f"{table}.parquet"
    source.execute(f"COPY {table} TO {text(str(path))} (FORMAT parquet)")
    spark.read.parquet(path.as_uri()).createOrReplaceTempView(table)


@contextmanager
def valuer(
    source: duckdb.DuckDBPyConnection, shape: Shape, master: str, *, folder: Path, memory: str = ""
) -> Iterator[Valuer]:
    """Yield a function that values a DuckDB connection's relations on Spark.

    Args:
        source: holds the relations that the scoring text of `shape` reads; loaded once.
        shape: what there is to read; the function takes the same with other days.
        master: as `session` takes it.
        folder: a temporary one of the caller's; the results lie in it.
        memory: as `session` takes it.

    Raises:
        EngineUnavailable: as `connected` says.
    """
    with connected(master, memory=memory) as spark:
        for table in relations(shape):
            load(spark, source, table, folder=folder)
        yield lambda asked: value(spark, asked, folder=folder)


def value(spark: "SparkSession", shape: Shape, *, folder: Path) -> str:
    """Value the session's views; return a DuckDB SELECT of the result, which `folder` holds."""
    result = folder / f"scored-{shape.as_of}-{shape.known_at}"
    valued(spark, shape).write.parquet(result.as_uri())
    return f"SELECT * FROM read_parquet({text(str(result / '*.parquet'))})"


def valued(spark: "SparkSession", shape: Shape) -> "DataFrame":
    """Return the rows of the scoring text over the session's views, in no particular order.

    Spark puts the text of a step wherever its name is read, and so would compute the first steps
    dozens of times. What is read more than once is therefore computed here and kept, in memory or
    on disk. (Caching alone leaves a plan that takes longer to optimise than small data to value.)
    """
    steps, last = translated_steps(scoring_sql(without_slots(shape)), "spark")
    for step in steps:
        rows = spark.sql(step.sql)
        if step.readers > 1:
            rows = rows.localCheckpoint()
        rows.createOrReplaceTempView(step.name)
    return spark.sql(last)


def write_folder(spark: "SparkSession", shape: Shape, place: str) -> int:
    """Let Spark write the result as a folder of Parquet files, ordered; return the number of rows."""
    valued(spark, shape).orderBy("account", "view").write.parquet(place)
    return int(spark.read.parquet(place).count())
