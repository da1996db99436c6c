"""Incoming records: what they hold, what of them cannot be kept, and how they wait."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date, datetime
from typing import Any

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.actions.customers import check_attributes, check_sort
from vertrauenskonto.db.drafts import Draft, Refused, pointed
from vertrauenskonto.db.matching import Keys, keys_of

_LENGTHS = {"source": 80, "source_id": 200, "email": 254, "phone": 40, "name": 200, "postcode": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What a source says of a customer; `ids` by the system that gave them.

    `source` and `source_id` name the record for ever. `draft` is what waits to be booked if the
    record has to wait; its `customer` is filled in then.
    """

    source: str
    source_id: str
    ids: Mapping[str, str] = field(default_factory=dict)
    email: str = ""
    phone: str = ""
    name: str = ""
    postcode: str = ""
    sort: str = "person"
    attributes: Mapping[str, str] = field(default_factory=dict)
    draft: Draft | None = None

    @property
    def keys(self) -> Keys:
        """By what it may be found."""
        return keys_of(
            ids=self.ids,
            email=self.email,
            phone=self.phone,
            name=self.name,
            postcode=self.postcode,
        )


def checked(record: Record, policies: PolicyHistory | None) -> Keys:
    """Return the keys of a record; `policies` None: no rules are in force, so none reads anything.

    Raises:
        Refused: something cannot be kept, or the record names nobody; `field` says where.
        Invalid: the sort or an attribute is not available.
    """
    for name, length in _LENGTHS.items():
        if value := getattr(record, name):
            _refuse_long(name, value, length)
    if not (record.source and record.source_id):
        raise Refused(
            "missing",
            "source_id" if record.source else "source",
            Text(
                de="source und source_id dürfen nicht leer sein; sie benennen den Datensatz.",
                en="source and source_id must not be empty; they name the record.",
            ),
        )
    for system, value in record.ids.items():
        _refuse_long("ids", system, 80)
        _refuse_long(f"ids.{system}", value, 200)
        if not (system.strip() and value.strip()):
            raise Refused(
                "missing",
                pointed("ids", system),
                Text(
                    de=f"ids: „{system}“ = „{value}“ nennt niemanden; lassen Sie die Nummer weg.",
                    en=f"ids: '{system}' = '{value}' names nobody; leave the id out.",
                ),
            )
    check_sort(record.sort)
    check_attributes(record.attributes, policies)
    keys = record.keys
    if not (keys.ids or keys.others):
        raise Refused(
            "customer",
            "",
            Text(
                de="Der Datensatz nennt niemanden, den man finden könnte: nötig ist eine Nummer, "
                "eine E-Mail-Adresse, eine Telefonnummer oder Name und Postleitzahl.",
                en="The record names nobody who could be found: it takes an id, an e-mail address, "
                "a phone number, or name and postcode.",
            ),
        )
    return keys


def _refuse_long(name: str, value: str, length: int) -> None:
    if len(value) > length or "\0" in value:
        raise Refused(
            "too_long" if len(value) > length else "characters",
            pointed(*name.split(".", 1)),
            Text(
                de=f"{name}: höchstens {length} Zeichen, kein Nullzeichen.",
                en=f"{name}: at most {length} characters, no null character.",
            ),
        )


def record_as_json(record: Record) -> dict[str, Any]:
    """Return what a record says, as it is kept while it waits."""
    said = {f.name: getattr(record, f.name) for f in fields(record) if f.name != "draft"}
    return {name: dict(v) if isinstance(v, Mapping) else v for name, v in said.items() if v}


def record_of(row: models.Unmatched) -> Record:
    """Return the record that a row holds, without its draft."""
    return Record(**row.record)


def draft_as_json(draft: Draft) -> dict[str, Any]:
    """Return a draft as it is kept while it waits."""
    plain: dict[str, Any] = {}
    for name, value in asdict(draft).items():
        if isinstance(value, date | datetime):
            plain[name] = value.isoformat()
        elif isinstance(value, tuple):
            plain[name] = list(value)
        elif value not in (None, ""):
            plain[name] = value
    return plain


def draft_from(plain: Mapping[str, Any], customer: str) -> Draft:
    """Return a draft that waited, for the customer it belongs to."""
    values = dict(plain)
    for name, value in plain.items():
        if name.endswith("_date"):
            values[name] = date.fromisoformat(value)
        elif name.endswith("_at"):
            values[name] = datetime.fromisoformat(value)
        elif isinstance(value, list):
            values[name] = tuple(value)
    return Draft(**{**values, "customer": customer})
