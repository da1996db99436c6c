"""Consent: on which legal ground a message may go out, and which channels are open for a task.

Every message names its ground; no ground, no sending. What the contract requires needs no consent.
Everything else is advertising, a question about satisfaction too (BGH VI ZR 225/17). By electronic
mail that takes consent or the exception for existing customers, by telephone consent, of a company
at least presumed. Letter and visit stay possible unless the customer objected.

Source: § 7 and § 7a UWG, Art. 21 GDPR; science.md 9. It is no legal advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from vertrauenskonto.core.errors import Denied, Text

Channel = Literal["in_person", "letter", "call", "video", "email", "sms", "fax"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
Purpose = Literal["contract", "recontact", "offer", "survey", "newsletter"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
Ground = Literal["contract", "consent", "existing_customer", "presumed", "none_needed"]
GROUNDS: tuple[Ground, ...] = get_args(Ground)

CHANNEL_LABELS: Mapping[Channel, Text] = {
    "in_person": Text("persönlich", "in person"),
    "letter": Text("Brief", "letter"),
    "call": Text("Anruf", "call"),
    "video": Text("Video", "video"),
    "email": Text("E-Mail", "e-mail"),
    "sms": Text("SMS", "text message"),
    "fax": Text("Fax", "fax"),
}
PURPOSE_LABELS: Mapping[Purpose, Text] = {
    "contract": Text(
        "zum Vertrag: Termin, Verzug, Mangel, Antwort auf eine Beschwerde",
        "on the contract: appointment, delay, defect, answer to a complaint",
    ),
    "recontact": Text("sich wieder melden", "getting in touch again"),
    "offer": Text("Angebot, auch zur Rückgewinnung", "offer, for recovery too"),
    "survey": Text("Befragung zur Zufriedenheit", "survey on satisfaction"),
    "newsletter": Text("Rundbrief", "newsletter"),
}
GROUND_LABELS: Mapping[Ground, Text] = {
    "contract": Text("Vertrag", "contract"),
    "consent": Text("Einwilligung", "consent"),
    "existing_customer": Text("Bestandskunde, § 7 Abs. 3 UWG", "existing customer, § 7(3) UWG"),
    "presumed": Text(
        "mutmaßliche Einwilligung eines Unternehmens", "presumed consent of a company"
    ),
    "none_needed": Text("keine nötig", "none needed"),
}

_TELEPHONE = ("call", "video")
# The exception for existing customers is for electronic mail; a fax is none.
_ELECTRONIC_MAIL = ("email", "sms")
_WITHOUT_CONSENT = ("in_person", "letter")
PROOF_YEARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What somebody consented to: one channel, one purpose, with its proof.

    `proof` says where it is recorded (form, call, double opt-in). `withdrawn_on` is the first day
    on which it no longer holds.
    """

    channel: Channel
    purpose: Purpose
    given_on: date
    proof: str
    withdrawn_on: date | None = None

    def covers(self, channel: Channel, purpose: Purpose, *, on: date) -> bool:
        """Tell whether it holds for this channel and purpose on a day; without proof it does not."""
        return (
            (self.channel, self.purpose) == (channel, purpose)
            and self.given_on <= on
            and (self.withdrawn_on is None or on < self.withdrawn_on)
            and bool(self.proof.strip())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """A customer's "no": on one channel, or (None) to everything but the contract."""

    on: date
    channel: Channel | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingCustomer:
    """The four conditions of § 7(3) UWG, each answered by a person, and the notice itself.

    The notice on the right to object goes with every single message, and was given when the
    address was collected.
    """

    address_from_sale: bool
    similar_goods: bool
    has_not_objected: bool
    notice_at_collection: bool
    notice: str

    @property
    def missing(self) -> tuple[Text, ...]:
        """The conditions that are not fulfilled, in words."""
        conditions = (
            (
                self.address_from_sale,
                Text(
                    "die Adresse stammt nicht aus einem Verkauf an den Kunden",
                    "the address does not come from a sale to the customer",
                ),
            ),
            (
                self.similar_goods,
                Text(
                    "es geht nicht um eigene ähnliche Waren oder Leistungen",
                    "it is not about similar goods or services of our own",
                ),
            ),
            (
                self.has_not_objected,
                Text("der Kunde hat widersprochen", "the customer objected"),
            ),
            (
                self.notice_at_collection,
                Text(
                    "beim Erheben der Adresse fehlte der Hinweis auf das Widerspruchsrecht",
                    "the notice on the right to object was missing when the address was collected",
                ),
            ),
            (
                bool(self.notice.strip()),
                Text(
                    "der Hinweis auf das Widerspruchsrecht für diese Nachricht fehlt",
                    "the notice on the right to object is missing for this message",
                ),
            ),
        )
        return tuple(text for is_met, text in conditions if not is_met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Whom we would write to or call.

    `addresses` are the channels we have an address for; in person needs none. `presumed_interest`
    says why a company would want such a call; "" or a consumer: nothing is presumed.
    """

    is_consumer: bool
    addresses: frozenset[Channel]
    consents: tuple[Consent, ...] = ()
    objections: tuple[Objection, ...] = ()
    existing_customer: ExistingCustomer | None = None
    presumed_interest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whether a channel is open, on which ground (None: closed), and why in words.

    `notice` must stand in the message as it is; "" where none is needed.
    """

    channel: Channel
    ground: Ground | None
    why: Text
    notice: str = ""

    @property
    def is_open(self) -> bool:
        """Tell whether a message may go out by this channel."""
        return self.ground is not None


def open_channels(recipient: Recipient, purpose: Purpose, *, on: date) -> tuple[Decision, ...]:
    """Return the decision for every channel, open or closed, in the order of `CHANNELS`."""
    return tuple(decision(recipient, channel, purpose, on=on) for channel in CHANNELS)


def required_ground(
    recipient: Recipient, channel: Channel, purpose: Purpose, *, on: date
) -> Decision:
    """Return the ground on which a message may be sent.

    Raises:
        Denied: there is none.
    """
    found = decision(recipient, channel, purpose, on=on)
    if not found.is_open:
        raise Denied(found.why)
    return found


def decision(recipient: Recipient, channel: Channel, purpose: Purpose, *, on: date) -> Decision:
    """Return whether a message for a purpose may go out by a channel on a day."""
    if channel != "in_person" and channel not in recipient.addresses:
        return _closed(
            channel,
            Text("Dafür ist keine Adresse oder Nummer bekannt.", "No address or number is known."),
        )
    if purpose == "contract":
        return _open(
            channel,
            "contract",
            Text(
                "Der Vertrag verlangt es; das ist keine Werbung.",
                "The contract requires it; this is no advertising.",
            ),
        )
    objection = _objection(recipient, channel, on)
    if objection is not None:
        return _closed(
            channel,
            Text(
                f"Der Kunde hat am {objection.on:%d.%m.%Y} widersprochen. Erlaubt ist nur, was der "
                "Vertrag verlangt.",
                f"The customer objected on {objection.on}. Only what the contract requires is "
                "permitted.",
            ),
        )
    if channel in _WITHOUT_CONSENT:
        return _open(
            channel,
            "none_needed",
            Text(
                "Ohne Einwilligung möglich, solange der Kunde nicht widerspricht.",
                "Possible without consent as long as the customer does not object.",
            ),
        )
    for consent in recipient.consents:
        if consent.covers(channel, purpose, on=on):
            return _open(
                channel,
                "consent",
                Text(
                    f"Einwilligung vom {consent.given_on:%d.%m.%Y}: {consent.proof.strip()}.",
                    f"Consent of {consent.given_on}: {consent.proof.strip()}.",
                ),
            )
    if channel in _TELEPHONE:
        return _telephone(recipient, channel)
    if channel in _ELECTRONIC_MAIL:
        return _electronic_mail(recipient, channel, purpose)
    return _closed(channel, _NEEDS_CONSENT)


def proof_kept_until(consent: Consent, *, last_used: date | None) -> date:
    """Return until when the proof of consent to calls must be kept: 5 years after the last use.

    `last_used` None: from the day it was given. (§ 7a UWG)
    """
    start = max(consent.given_on, last_used or consent.given_on)
    year = start.year + PROOF_YEARS
    if (start.month, start.day) == (2, 29):
        return date(year, 3, 1)
    return start.replace(year=year)


_NEEDS_CONSENT = Text(
    "Werbung auf diesem Weg braucht eine nachgewiesene Einwilligung. Brief und Besuch gehen ohne.",
    "Advertising by this channel needs proven consent. Letter and visit do without.",
)
_SURVEY = Text(
    " Auch eine Frage nach der Zufriedenheit ist Werbung (BGH VI ZR 225/17).",
    " A question about satisfaction is advertising too (BGH VI ZR 225/17).",
)


def _objection(recipient: Recipient, channel: Channel, on: date) -> Objection | None:
    return next(
        (o for o in recipient.objections if o.on <= on and o.channel in (None, channel)), None
    )


def _telephone(recipient: Recipient, channel: Channel) -> Decision:
    if recipient.is_consumer:
        return _closed(
            channel,
            Text(
                "Werbung am Telefon braucht bei Verbrauchern eine nachgewiesene Einwilligung. Brief "
                "und Besuch gehen ohne.",
                "Advertising by telephone needs a consumer's proven consent. Letter and visit do "
                "without.",
            ),
        )
    interest = recipient.presumed_interest.strip()
    if interest:
        return _open(
            channel,
            "presumed",
            Text(
                f"Mutmaßliche Einwilligung des Unternehmens: {interest}.",
                f"Presumed consent of the company: {interest}.",
            ),
        )
    return _closed(
        channel,
        Text(
            "Werbung am Telefon braucht bei Unternehmen mindestens eine mutmaßliche Einwilligung. "
            "Schreiben Sie auf, warum der Anruf erwünscht ist.",
            "Advertising by telephone needs at least the presumed consent of a company. Write down "
            "why the call is wanted.",
        ),
    )


def _electronic_mail(recipient: Recipient, channel: Channel, purpose: Purpose) -> Decision:
    survey = _SURVEY if purpose == "survey" else Text("", "")
    existing = recipient.existing_customer
    if existing is None:
        return _closed(channel, Text(_NEEDS_CONSENT.de + survey.de, _NEEDS_CONSENT.en + survey.en))
    if existing.missing:
        german = "; ".join(text.de for text in existing.missing)
        english = "; ".join(text.en for text in existing.missing)
        return _closed(
            channel,
            Text(
                f"Keine Einwilligung, und die Ausnahme für Bestandskunden greift nicht: {german}."
                + survey.de,
                f"No consent, and the exception for existing customers does not apply: {english}."
                + survey.en,
            ),
        )
    return _open(
        channel,
        "existing_customer",
        Text(
            "Bestandskunde: alle vier Bedingungen des § 7 Abs. 3 UWG sind erfüllt. Der Hinweis muss "
            "in der Nachricht stehen.",
            "Existing customer: all four conditions of § 7(3) UWG are met. The notice must stand in "
            "the message.",
        ),
        notice=existing.notice.strip(),
    )


def _open(channel: Channel, ground: Ground, why: Text, *, notice: str = "") -> Decision:
    return Decision(channel=channel, ground=ground, why=why, notice=notice)


def _closed(channel: Channel, why: Text) -> Decision:
    return Decision(channel=channel, ground=None, why=why)
