"""The Spark session: started here, joined if there is one, or on a cluster."""

import logging
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from vertrauenskonto.core.errors import Text
from vertrauenskonto.engine.address import EngineUnavailable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Errors come to the user as our own messages; Spark's log would bury them.
LOG_LEVEL = "OFF"
SECONDS_TO_ANSWER = 10


class SparkMissing(EngineUnavailable):
    """The package pyspark is not installed."""

    def __init__(self) -> None:
        super().__init__(
            Text(
                de="Für Spark fehlt das Paket pyspark. Bitte installieren: "
                "pip install 'vertrauenskonto[spark]' (dazu Java 17).",
                en="Spark needs the package pyspark. Install it: "
                "pip install 'vertrauenskonto[spark]' (and Java 17).",
            )
        )


class SparkUnavailable(EngineUnavailable):
    """Spark is installed, but does not start or cannot be reached."""

    def __init__(self, master: str, reason: str) -> None:
        super().__init__(
            Text(
                de=f"Spark ({master}) lässt sich nicht starten: {reason} Nötig ist Java 17 oder "
                "neuer, auf PATH oder in JAVA_HOME; bei einem Cluster muss die Adresse stimmen.",
                en=f"Spark ({master}) does not start: {reason} It needs Java 17 or newer, on PATH "
                "or in JAVA_HOME; for a cluster the address must be right.",
            )
        )


@contextmanager
def session(master: str, *, memory: str = "") -> Iterator["SparkSession"]:
    """Yield a session on `master`; one that was there before stays, a new one ends with the block.

    Args:
        master: `local[*]`, `local[2]`, `spark://host:7077` and whatever else Spark understands.
        memory: what the driver may take, as Spark writes it (`2g`); empty: Spark's default. Of no
            effect on a session that is there already, for a running JVM cannot grow.

    Raises:
        SparkMissing: pyspark is not installed.
        SparkUnavailable: no Java, or the cluster cannot be reached.
    """
    spark_session = _imported()
    running = spark_session.getActiveSession()
    if running is not None:
        yield running
        return
    started = _started(spark_session, master, memory)
    try:
        yield started
    finally:
        started.stop()


def _imported() -> "type[SparkSession]":
    with warnings.catch_warnings():
        # pyspark warns about the newest pandas, which we never hand to it.
        warnings.simplefilter("ignore")
        try:
            from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra, and slow to import
        except ModuleNotFoundError as error:
            raise SparkMissing from error
    found: type[SparkSession] = SparkSession
    return found


def _started(spark_session: "type[SparkSession]", master: str, memory: str) -> "SparkSession":
    options = {
        "spark.app.name": "vertrauenskonto",
        "spark.log.level": LOG_LEVEL,
        "spark.pyspark.python": sys.executable,
        "spark.sql.ansi.enabled": "true",
        "spark.sql.caseSensitive": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if memory:
        options["spark.driver.memory"] = memory
    if master.startswith("local"):
        # Without an address Spark looks the host's name up, which fails on some machines and takes
        # the outer interface on others; it reads this one from the environment only.
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")  # noqa: TID251
        options |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            # The default of 200 is made for clusters: most of the time would be task overhead.
            "spark.sql.shuffle.partitions": "8",
        }
    builder = spark_session.builder.master(master)
    for name, value in options.items():
        builder = builder.config(name, value)
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    _knock(master)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return builder.getOrCreate()
    # pyspark raises its own class when Java is missing, a py4j error when the master is bad, and
    # OSError when its launcher cannot run; they share nothing narrower.
    except Exception as error:
        raise SparkUnavailable(master, reason_of(error)) from error


def _knock(master: str) -> None:
    """Fail at once where no cluster listens: Spark itself tries for a minute."""
    if not master.startswith("spark://"):
        return
    places = [urlsplit(f"//{place}") for place in master.removeprefix("spark://").split(",")]
    reasons = []
    for place in places:
        try:
            with socket.create_connection((place.hostname, place.port or 7077), SECONDS_TO_ANSWER):
                return
        except (OSError, ValueError) as error:
            reasons.append(str(error))
    raise SparkUnavailable(master, "; ".join(reasons) + ".")


def reason_of(error: Exception) -> str:
    """Return the line of Spark's many that says what went wrong."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    # A py4j error says on its first line only that something happened; the cause comes second.
    cause = next((line for line in lines if line.startswith(": ")), lines[0] if lines else "")
    return cause.removeprefix(": ").rstrip(".") + "."
