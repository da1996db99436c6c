"""Metrics for Prometheus: how the service is doing, never how anybody in it is doing.

Requests are counted by each server process in files they share (prometheus-client's multiprocess
mode, switched on by `serve`); everything else is read from the database when somebody asks.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from hmac import compare_digest
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.views.decorators.http import require_safe
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector

from vertrauenskonto.db.queries import installation, jobs

_REQUESTS = Histogram(
    "vertrauenskonto_request_seconds",
    "Duration of requests by method, route template and status.",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request."""
    _REQUESTS.labels(method, route, str(status)).observe(seconds)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer Prometheus, if it may ask: by token, or from this machine itself."""
    if not _may_ask(request):
        return HttpResponseNotFound()
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # without types
    else:
        registry.register(_Own())
    registry.register(_Database(datetime.now(UTC)))
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_ask(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return compare_digest(given.encode(), f"Bearer {token}".encode())
    # A proxy on this machine is local too; what came through one names whom it came from.
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip")):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class _Own:
    """What this one process counted, where there is only one."""

    def collect(self) -> Iterator[Metric]:
        names = {"vertrauenskonto_request_seconds"}
        return (metric for metric in REGISTRY.collect() if metric.name in names)


class _Database:
    """What the database says at this moment."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("vertrauenskonto_database_up", "Whether the database answers.")
        try:
            found = list(self._read())
        except DatabaseError:
            found = []
        up.add_metric([], 1.0 if found else 0.0)
        yield up
        yield from found

    def _read(self) -> Iterator[Metric]:
        by_state = GaugeMetricFamily("vertrauenskonto_jobs", "Jobs by state.", labels=["state"])
        for state, number in jobs.counts().items():
            by_state.add_metric([state], number)
        yield by_state
        delivered = GaugeMetricFamily(
            "vertrauenskonto_deliveries", "Webhook deliveries by state.", labels=["state"]
        )
        for state, number in installation.deliveries().items():
            delivered.add_metric([state], number)
        yield delivered
        log = installation.sealed()
        yield GaugeMetricFamily(
            "vertrauenskonto_unsealed_transactions",
            "Transactions waiting for their place in the log.",
            value=log.unsealed,
        )
        for name, words, at in (
            ("last_seal", "Seconds since the log last grew.", log.last_taken_at),
            ("oldest_unsealed", "Age of the oldest unsealed transaction.", log.oldest_unsealed_at),
            ("worker_heartbeat", "Seconds since a worker was seen.", jobs.last_heartbeat()),
        ):
            if at is not None:
                age = (self._now - at).total_seconds()
                yield GaugeMetricFamily(f"vertrauenskonto_{name}_age_seconds", words, value=age)
