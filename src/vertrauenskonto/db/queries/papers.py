"""What the privacy papers say about this installation, read from what is really in force."""

from collections import Counter
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from vertrauenskonto.core.errors import NotFound
from vertrauenskonto.db import agreements, models
from vertrauenskonto.db.access import RIGHTS, Viewer, require
from vertrauenskonto.db.queries import policies, privacy
from vertrauenskonto.render.access_report import Kept
from vertrauenskonto.render.papers import Installation, Program, Receiver, Role


def installation(viewer: Viewer, *, today: date, now: datetime, version: str) -> Installation:
    """Return what the papers say; tokens that ended are left out, `version` is the program's.

    Raises:
        Denied: the viewer may not audit.
    """
    require(viewer, "audit")
    try:
        policy = policies.history().in_force(today)
    except NotFound:
        policy = None
    rows = models.Person.objects.filter(is_active=True).order_by("pk")
    people = Counter(rows.values_list("role", flat=True))
    agreed = {
        record.name: record.purpose if record.is_in_force else None
        for record in agreements.records()
    }
    segments = (
        [name for name, role in policy.columns.items() if role == "segment"] if policy else []
    )
    return Installation(
        made_on=today,
        company=settings.COMPANY,
        privacy_contact=settings.PRIVACY_CONTACT,
        database="PostgreSQL" if connection.vendor == "postgresql" else "SQLite",
        version=version,
        time_zone=settings.TIME_ZONE,
        policy=policy,
        kept=tuple(
            Kept(what=rule.what, days=rule.days, ground=rule.ground) for rule in privacy.retention()
        ),
        receivers=tuple(
            Receiver(
                host=urlsplit(row.url).hostname or row.url,
                events=tuple(row.events),
                with_names=row.with_names,
            )
            for row in models.Endpoint.objects.filter(is_active=True).order_by("pk")
        ),
        programs=tuple(
            Program(name=row.name, scopes=tuple(row.scopes))
            for row in models.Token.objects.filter(revoked_at=None, expires_at__gt=now).order_by(
                "pk"
            )
        ),
        roles=tuple(
            Role(name=role, people=people[role], rights=tuple(sorted(rights)))
            for role, rights in RIGHTS.items()
        ),
        agreed={name: purpose for name, purpose in agreed.items() if purpose is not None},
        is_staff_answered=agreements.is_works_council_answered(),
        sources=tuple(
            models.Entry.objects.order_by("source").values_list("source", flat=True).distinct()
        ),
        columns=tuple(segments),
    )
