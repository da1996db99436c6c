"""What an access report says of the relationship: its end, the agreed rhythm, a handover."""

from collections.abc import Collection

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.relations.handover import LABELS
from vertrauenskonto.db import models
from vertrauenskonto.render.access_report import Datum
from vertrauenskonto.render.numbers import long_day

_FROM_US = Text("von uns geschrieben oder gesagt", "written or said by us")
_AGREED = Text("mit Ihnen vereinbart", "agreed with you")
_ENDED = Text("Ende der Beziehung", "End of the relationship")
_TAKEN_BACK = Text("Ende zurückgenommen", "End taken back")
_RHYTHM = Text("Vereinbarter Rhythmus", "Agreed rhythm")
_UNITS = {
    "days": Text("Tage", "days"),
    "weeks": Text("Wochen", "weeks"),
    "months": Text("Monate", "months"),
}
_STEPS = {str(name): label for name, label in LABELS.items()}
_STEP = Text("Übergabe an eine andere Person", "Handover to somebody else")


def reported(family: Collection[int]) -> tuple[Datum, ...]:
    """Return what is stored of the relationship with customers, by row number."""
    return (*_endings(family), *_rhythms(family), *_handovers(family))


def _endings(family: Collection[int]) -> list[Datum]:
    found = []
    for row in models.Ending.objects.filter(customer__in=family).order_by("pk"):
        said = Text(
            f"{long_day(row.on_date, 'de')}: {row.reason}",
            f"{long_day(row.on_date, 'en')}: {row.reason}",
        )
        found.append(Datum(what=_ENDED, value=said, source=_FROM_US))
        if row.taken_back_at is not None:
            found.append(Datum(what=_TAKEN_BACK, value=row.taken_back_reason, source=_FROM_US))
    return found


def _rhythms(family: Collection[int]) -> list[Datum]:
    found = []
    for row in models.Rhythm.objects.filter(customer__in=family).order_by("pk"):
        unit, whom = _UNITS[row.unit], row.agreed_with
        often_de = f"alle {row.every} {unit.de}" if row.every else "keiner mehr"
        often_en = f"every {row.every} {unit.en}" if row.every else "none any more"
        said = Text(
            f"{often_de}, seit {long_day(row.agreed_date, 'de')}" + (f"; {whom}" if whom else ""),
            f"{often_en}, since {long_day(row.agreed_date, 'en')}" + (f"; {whom}" if whom else ""),
        )
        found.append(Datum(what=_RHYTHM, value=said, source=_AGREED))
    return found


def _handovers(family: Collection[int]) -> list[Datum]:
    steps = models.HandoverStep.objects.filter(handover__customer__in=family).exclude(words="")
    return [
        Datum(what=_STEPS.get(row.what, _STEP), value=row.words, source=_FROM_US)
        for row in steps.order_by("pk")
    ]
