"""Consent: recording what a customer agreed to or objected to, withdrawing it, and other grounds.

Nothing is changed afterwards but the day on which something ended. Recorded twice from one form,
it is recorded once.
"""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from vertrauenskonto.core.consent import CHANNELS, PURPOSES, ExistingCustomer
from vertrauenskonto.core.errors import Conflict, Invalid, NotFound, Problem, Text
from vertrauenskonto.db import aliases, models
from vertrauenskonto.db.access import Viewer, customer_id, require
from vertrauenskonto.db.actions.facts import Door
from vertrauenskonto.db.queries import privacy

_PROOF_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Yes:
    """What a customer agreed to: one channel for one purpose, since when, and where it is proven."""

    channel: str
    purpose: str
    since: date
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class No:
    """What a customer objected to: a channel, or "" for everything but the contract."""

    channel: str
    since: date
    proof: str = ""


def record(viewer: Viewer, customer: str, said: Yes | No, *, number: str, door: Door) -> bool:
    """Record what a customer said; False: this form did already.

    Raises:
        NotFound: there is no such customer for this viewer.
        Invalid: something about it is no good; the problems name the fields.
        Conflict: the customer was erased.
        Denied: the viewer may not book.
    """
    pk = _writable(viewer, customer)
    _refuse(_problems(said, door))
    is_yes = isinstance(said, Yes)
    row, is_new = models.Consent.objects.get_or_create(
        number=number,
        defaults={
            "customer_id": pk,
            "sort": "given" if is_yes else "objected",
            "channel": said.channel,
            "purpose": said.purpose if isinstance(said, Yes) else "",
            "since_date": said.since,
            "proof": said.proof.strip(),
            "written_at": door.at,
            "actor": door.actor,
        },
    )
    if row.customer_id != pk:
        raise NotFound(Text(de="Dieses Formular gehört woandershin.", en="Not this form."))
    return is_new


def withdraw(viewer: Viewer, customer: str, number: int, *, on: date, door: Door) -> None:
    """End a consent, or an objection, on a day; done before, it stays as it is.

    Raises:
        NotFound: this customer said no such thing.
        Invalid: the day lies before it was given, or ahead.
        Conflict, Denied: as `record`.
    """
    pk = _writable(viewer, customer)
    family = [pk, *aliases.members([pk]).get(pk, ())]
    with transaction.atomic():
        rows = models.Consent.objects.select_for_update().filter(pk=number, customer__in=family)
        row = rows.first()
        if row is None:
            raise NotFound(Text(de="Das gibt es nicht.", en="There is no such thing."))
        if row.withdrawn_date is not None:
            return
        if not row.since_date <= on <= door.today:
            raise Invalid(
                Text(
                    de=f"Zurückgenommen werden kann es zwischen dem {row.since_date:%d.%m.%Y} und "
                    "heute.",
                    en=f"It can be withdrawn between {row.since_date:%Y-%m-%d} and today.",
                )
            )
        row.withdrawn_date = on
        row.save(update_fields=["withdrawn_date"])


def describe_basis(
    viewer: Viewer,
    customer: str,
    existing: ExistingCustomer | None,
    *,
    presumed_interest: str,
    door: Door,
) -> None:
    """Record whether the exception for existing customers holds (None: not asked), and why a
    company would want a call.

    Raises:
        NotFound, Conflict, Denied: as `record`.
    """
    pk = _writable(viewer, customer)
    columns = {
        "is_answered": existing is not None,
        "presumed_interest": presumed_interest.strip()[:500],
        "written_at": door.at,
        "actor": door.actor,
    }
    for name in ("address_from_sale", "similar_goods", "has_not_objected", "notice_at_collection"):
        columns[name] = existing is not None and bool(getattr(existing, name))
    columns["notice"] = existing.notice.strip()[:500] if existing is not None else ""
    models.ConsentBasis.objects.update_or_create(customer_id=pk, defaults=columns)


def _writable(viewer: Viewer, customer: str) -> int:
    require(viewer, "book")
    pk = customer_id(viewer, customer)
    if privacy.state(pk) == "erased":
        raise Conflict(
            Text(
                de="Die Daten dieses Kontos wurden gelöscht; es wird nichts mehr festgehalten.",
                en="The data of this account were erased; nothing is recorded any more.",
            )
        )
    return pk


def _problems(said: Yes | No, door: Door) -> list[Problem]:
    found = []
    if said.channel not in CHANNELS and not (isinstance(said, No) and not said.channel):
        found.append(_problem("channel", Text("Auf welchem Weg?", "By which channel?")))
    if isinstance(said, Yes) and said.purpose not in PURPOSES[1:]:
        found.append(_problem("purpose", Text("Wofür?", "What for?")))
    if isinstance(said, Yes) and not said.proof.strip():
        found.append(
            _problem(
                "proof",
                Text(
                    "Ohne Nachweis gilt eine Einwilligung nicht: Wo steht sie?",
                    "Without proof a consent does not count: where does it stand?",
                ),
            )
        )
    if len(said.proof) > _PROOF_MAX:
        found.append(
            _problem("proof", Text("Zu lang; höchstens 500 Zeichen.", "Too long; 500 at most."))
        )
    if said.since > door.today:
        found.append(
            _problem("since", Text("Dieser Tag liegt in der Zukunft.", "This day lies ahead."))
        )
    return found


def _problem(field: str, text: Text) -> Problem:
    return Problem(code=f"{field}_wrong", field=field, text=text)


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise Invalid(
            Text("Bitte prüfen Sie Ihre Angaben.", "Please check what you entered."),
            problems=problems,
        )
