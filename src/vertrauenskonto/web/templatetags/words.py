"""Both languages side by side in the template, as everywhere else in the program."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.contrib.messages.storage.base import Message
from django.utils import formats
from django.utils.translation import get_language

from vertrauenskonto.core.consent import CHANNEL_LABELS, PURPOSE_LABELS, Channel, Purpose
from vertrauenskonto.core.errors import Language, NotFound, Text
from vertrauenskonto.core.promises import STATES, State
from vertrauenskonto.core.relations.cadence import Rhythm
from vertrauenskonto.db.access import MASKED
from vertrauenskonto.db.queries import policies
from vertrauenskonto.render import numbers

register = template.Library()

# Where something was promised, and how a customer is told.
CHANNELS = {
    "call": Text("am Telefon", "by phone"),
    "visit": Text("persönlich", "in person"),
    "mail": Text("per E-Mail", "by e-mail"),
    "letter": Text("im Brief", "by letter"),
    "chat": Text("im Chat", "by chat"),
    "offer": Text("im Angebot", "in the offer"),
    "other": Text("anders", "otherwise"),
}
# Begins what a message carries so that the entry it tells of can be taken back at once.
UNDO = "undo-"


@register.simple_tag
def words(german: str, english: str) -> str:
    """Return the wording in the language of the page: `{% words "Weiter" "Continue" %}`."""
    return Text(de=german, en=english).in_language(page_language())


@register.simple_tag
def counted(n: int, eines: str, mehrere: str, one: str, many: str) -> str:
    """Return a number and what it counts: `{% counted n "Konto" "Konten" "account" "accounts" %}`."""
    told = (eines, mehrere) if page_language() == "de" else (one, many)
    return numbers.counted(n, page_language(), one=told[0], many=told[1])


@register.simple_tag
def current_language() -> Language:
    """Return the language of the page, for `lang`."""
    return page_language()


@register.filter
def spoken(text: Text) -> str:
    """Return a message in the language of the page."""
    return text.in_language(page_language())


@register.filter
def kind_words(kind: str) -> str:
    """Return how the newest version of the policy that knows a kind calls it."""
    try:
        versions = policies.history().versions
    except NotFound:
        return kind
    known = next((v.kinds[kind] for v in reversed(versions) if kind in v.kinds), None)
    return kind if known is None else spoken(known.label)


@register.filter(expects_localtime=True)
def day_words(day: date) -> str:
    """Return a day, or an instant's day here, as the language of the page writes it."""
    return formats.date_format(day, "j. F Y" if page_language() == "de" else "j F Y")


@register.filter
def amount(points: float) -> str:
    """Return a balance or threshold in points: `−6,2`."""
    return numbers.number(points, page_language())


@register.filter
def signed(points: float) -> str:
    """Return what a booking adds or takes, with its sign: `+5,0`."""
    return numbers.number(points, page_language(), signed=True)


@register.filter
def whole(value: int) -> str:
    """Return a whole number with separators for thousands."""
    return numbers.count(value, page_language())


@register.filter
def short_day(day: date) -> str:
    """Return a day of equal width for columns: `14.03.2026`, `14 Mar 2026`."""
    return numbers.short_day(day, page_language())


@register.filter(expects_localtime=True)
def moment(at: datetime) -> str:
    """Return an instant by the clocks here: `14.03.2026, 08:05`."""
    return f"{numbers.short_day(at.date(), page_language())}, {at:%H:%M}"


@register.filter
def promise_state(state: State) -> str:
    """Return how a promise stands, in words."""
    return spoken(STATES[state])


@register.filter
def promise_due(promise: object) -> str:
    """Return until when something was promised: a day, or a day and time where the customer is."""
    day, at = getattr(promise, "due_date", None), getattr(promise, "due_at", None)
    if day is not None:
        return day_words(day)
    if at is None:
        return "–"
    zone = ZoneInfo(getattr(promise, "zone", "") or settings.TIME_ZONE)
    local = at.astimezone(zone)
    clock = f"{local:%H:%M}"
    return f"{day_words(local.date())}, {clock}"


@register.filter
def channel_words(channel: str) -> str:
    """Return where something was said or how the customer was told."""
    known = CHANNELS.get(channel)
    return channel if known is None else spoken(known)


@register.filter
def rhythm_words(rhythm: Rhythm) -> str:
    """Return how often something comes: `alle 2 Wochen`, `jeden Monat`."""
    once = {
        "days": Text("jeden Tag", "every day"),
        "weeks": Text("jede Woche", "every week"),
        "months": Text("jeden Monat", "every month"),
    }
    several = {
        "days": ("Tage", "days"),
        "weeks": ("Wochen", "weeks"),
        "months": ("Monate", "months"),
    }
    german, english = several[rhythm.unit]
    text = Text(f"alle {rhythm.every} {german}", f"every {rhythm.every} {english}")
    return spoken(once[rhythm.unit] if rhythm.every == 1 else text)


@register.filter
def way_words(channel: Channel) -> str:
    """Return how a way to a customer is called."""
    return spoken(CHANNEL_LABELS[channel])


@register.filter
def purpose_words(purpose: Purpose) -> str:
    """Return what a message is for."""
    return spoken(PURPOSE_LABELS[purpose])


@register.filter
def undone_by(message: Message) -> str:
    """Return the number of the entry that a message says was just booked, "" if it says none."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""


@register.filter
def actor_words(actor: str) -> str:
    """Return who wrote something: a key, or that it was the machine or a person not named."""
    known = {
        "": Text("–", "–"),
        "system": Text("das Programm", "the program"),
        "customer": Text("der Kunde selbst", "the customers themselves"),
    }
    masked = Text("eine Person", "a person")
    return spoken({**known, MASKED: masked}.get(actor, Text(actor, actor)))


def page_language() -> Language:
    """Return the language of the page being made; German unless it is English."""
    return "en" if (get_language() or "").startswith("en") else "de"
