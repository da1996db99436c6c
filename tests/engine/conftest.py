"""Engines for the tests: one PostgreSQL server and one Spark session per test process."""

from collections.abc import Iterator

import pytest
from tests import postgres, spark


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Return the URL of a PostgreSQL server, or skip and say why there is none."""
    try:
        with postgres.server() as url:
            yield url
    except postgres.Unavailable as reason:
        pytest.skip(f"NO POSTGRESQL, its tests do not run: {reason}")


@pytest.fixture(scope="session")
def spark_session() -> Iterator[None]:
    """Keep one local Spark session for all tests, or skip and say why there is none."""
    reason = spark.why_unavailable()
    if reason:
        pytest.skip(f"NO SPARK, its tests do not run: {reason}")
    with spark.session():
        yield
