"""A Spark session for the tests, or the reason why there is none."""

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from vertrauenskonto.engine import spark_session

# Two cores, because test machines may have no more.
MASTER = "local[2]"


def why_unavailable() -> str:
    """Return what is missing for Spark on this machine, or nothing."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed; run `make .venv/spark`"
    if shutil.which("java") is None:
        return "no java on PATH; Spark needs Java 17 or newer"
    return ""


@contextmanager
def session() -> Iterator[None]:
    """Keep a session: whatever asks for Spark within the block gets this one."""
    with spark_session.session(MASTER, memory="1g"):
        yield
