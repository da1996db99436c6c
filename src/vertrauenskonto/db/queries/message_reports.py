"""What an access report says of consent, candour and messages: all that was said and recorded."""

from collections.abc import Collection
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

from django.conf import settings

from vertrauenskonto.core.candour import records as candour
from vertrauenskonto.core.consent import CHANNEL_LABELS, PURPOSE_LABELS, Channel, Purpose
from vertrauenskonto.core.errors import Text
from vertrauenskonto.db import models
from vertrauenskonto.db.candour_rows import told_of
from vertrauenskonto.render.access_report import Datum
from vertrauenskonto.render.numbers import long_day

_FROM_YOU = Text("von Ihnen", "from you")
_FROM_US = Text("von uns geschrieben oder gesagt", "written or said by us")
_ASSIGNED = Text("von uns eingeschätzt", "judged by us")
_ABOUT = Text("Worum es geht", "What it takes")
_REMARK = Text("Anmerkung", "Remark")
_UNTIL = Text("Gilt bis", "Holds until")
_KNEW = Text("Wir wussten es seit", "We knew since")
_TOLD = Text("Sie wussten es seit", "You knew since")


def reported(family: Collection[int]) -> tuple[Datum, ...]:
    """Return consents, objections, candour and messages of customers, by row number."""
    return (*_consents(family), *_basis(family), *_candour(family), *_messages(family))


def _day(at: datetime | None) -> date | None:
    return at.astimezone(ZoneInfo(settings.TIME_ZONE)).date() if at else None


def _candour(family: Collection[int]) -> list[Datum]:
    found = []
    for row in models.Candour.objects.filter(customer__in=family).order_by("pk"):
        told = told_of(row)
        state = candour.STATES[cast("candour.State", row.state)]
        source = Text(
            f"{candour.LABELS[told.sort].de} vom {long_day(row.on_date, 'de')} ({state.de})",
            f"{candour.LABELS[told.sort].en} of {long_day(row.on_date, 'en')} ({state.en})",
        )
        chosen = candour.CHOICES.get(told.sort, {}).get(row.choice)
        data: list[tuple[Text, Text | str]] = [
            (q.label, told.said(q.name)) for q in candour.QUESTIONS[told.sort] if told.said(q.name)
        ]
        data += [(candour.CHOICE_LABELS[told.sort], chosen)] if chosen else []
        data += [(_ABOUT, row.capability)] if row.capability else []
        data += [(_REMARK, row.remark)] if row.remark else []
        days = ((_UNTIL, row.until_date), (_KNEW, _day(row.knew_at)), (_TOLD, _day(row.told_at)))
        data += [(what, Text(long_day(d, "de"), long_day(d, "en"))) for what, d in days if d]
        found += [Datum(what=what, value=value, source=source) for what, value in data]
    return found


def _consents(family: Collection[int]) -> list[Datum]:
    found = []
    for row in models.Consent.objects.filter(customer__in=family).order_by("since_date", "pk"):
        # What is stored was checked when it was recorded.
        way = CHANNEL_LABELS[cast("Channel", row.channel)] if row.channel else None
        purpose = PURPOSE_LABELS[cast("Purpose", row.purpose)] if row.purpose else None
        is_yes = row.sort == "given"
        what = Text("Einwilligung", "Consent") if is_yes else Text("Widerspruch", "Objection")
        parts_de = [way.de if way else "alles außer dem Vertrag", purpose.de if purpose else ""]
        parts_en = [way.en if way else "all but the contract", purpose.en if purpose else ""]
        ends = row.withdrawn_date
        parts_de += [f"seit {long_day(row.since_date, 'de')}"]
        parts_en += [f"since {long_day(row.since_date, 'en')}"]
        if ends is not None:
            parts_de.append(f"zurückgenommen am {long_day(ends, 'de')}")
            parts_en.append(f"withdrawn on {long_day(ends, 'en')}")
        parts_de.append(row.proof)
        parts_en.append(row.proof)
        value = Text("; ".join(filter(None, parts_de)), "; ".join(filter(None, parts_en)))
        found.append(Datum(what=what, value=value, source=_FROM_YOU))
    return found


def _basis(family: Collection[int]) -> list[Datum]:
    found = []
    for row in models.ConsentBasis.objects.filter(pk__in=family).order_by("pk"):
        if row.is_answered:
            conditions = (
                row.address_from_sale,
                row.similar_goods,
                row.has_not_objected,
                row.notice_at_collection,
            )
            met = sum(conditions)
            value = Text(
                f"{met} von 4 Bedingungen erfüllt. {row.notice}".strip(),
                f"{met} of 4 conditions met. {row.notice}".strip(),
            )
            what = Text("Ausnahme für Bestandskunden", "Exception for existing customers")
            found.append(Datum(what=what, value=value, source=_ASSIGNED))
        if row.presumed_interest:
            what = Text("Vermutetes Interesse an Anrufen", "Presumed interest in calls")
            found.append(Datum(what=what, value=row.presumed_interest, source=_ASSIGNED))
    return found


def _messages(family: Collection[int]) -> list[Datum]:
    rows = models.CustomerMessage.objects.filter(customer__in=family).exclude(text="")
    found = []
    for row in rows.order_by("pk"):
        day = row.sent_at or row.drafted_at
        sent = row.state in ("sent", "told")
        what = Text(
            f"Nachricht vom {long_day(day.date(), 'de')}"
            + ("" if sent else " (Entwurf, nicht gesendet)"),
            f"Message of {long_day(day.date(), 'en')}" + ("" if sent else " (draft, not sent)"),
        )
        value = "; ".join(filter(None, (row.address, row.subject, " ".join(row.text.split()))))
        found.append(Datum(what=what, value=value, source=_FROM_US))
    return found
