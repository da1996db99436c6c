"""Addresses: which engine is meant by a word or a URL on the command line.

duckdb                           in this process (the default)
postgresql://user@host/database  a PostgreSQL server
spark, local[2], spark://host    Apache Spark: started here, with so many cores, a cluster
"""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from vertrauenskonto.core.errors import Invalid, Text, TrustError, did_you_mean

EngineName = Literal["duckdb", "postgres", "spark"]

_POSTGRES_SCHEMES = ("postgresql", "postgres")
_SPARK_SCHEMES = ("spark", "yarn", "k8s")
_SPARK_LOCAL = re.compile(r"local(\[(\d+|\*)(,\d+)?\])?")
_EXAMPLES = ("duckdb", "postgresql://localhost/vertrauen", "spark", "local[2]", "spark://host:7077")
SECRETS = ("password", "sslpassword")


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Which engine runs a valuation, and where. `url` is empty for the one in this process."""

    engine: EngineName
    url: str = ""

    def __str__(self) -> str:
        """Return the address as it may be printed: without a password."""
        return without_password(self.url) if self.url else self.engine


class UnknownEngine(Invalid):
    """A word that names no engine."""

    def __init__(self, word: str) -> None:
        near = did_you_mean(word, ("duckdb", "spark", "local[2]"))
        examples = ", ".join(_EXAMPLES)
        shown = without_password(word)
        super().__init__(
            Text(
                de=f"„{shown}“ ist keine Engine.{near.de} Möglich sind: {examples}.",
                en=f"'{shown}' is no engine.{near.en} Possible are: {examples}.",
            )
        )


class EngineUnavailable(TrustError):
    """The engine named is not installed, does not start or cannot be reached: not the data's fault."""


def address(word: str) -> Address:
    """Return the engine that `word` names.

    Raises:
        UnknownEngine: it names none.
    """
    scheme, separator, _ = word.partition("://")
    if word == "duckdb":
        return Address(engine="duckdb")
    if word == "spark":
        return Address(engine="spark", url="local[*]")
    if separator and scheme in _POSTGRES_SCHEMES:
        return Address(engine="postgres", url=word)
    if word == "yarn" or (separator and scheme in _SPARK_SCHEMES) or _SPARK_LOCAL.fullmatch(word):
        return Address(engine="spark", url=word)
    raise UnknownEngine(word)


def without_password(url: str) -> str:
    """Return a URL without the passwords it may carry, fit for messages and logs."""
    try:
        parts = urlsplit(url)
        query = urlencode([pair for pair in parse_qsl(parts.query) if pair[0] not in SECRETS])
    except ValueError:
        return url.partition("://")[0]
    user, at, host = parts.netloc.rpartition("@")
    if not parts.scheme:
        return url
    # Not urlunsplit: it drops the "//" of a URL without a host, which PostgreSQL's may be.
    place = f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}"
    return f"{place}?{query}" if query else place
