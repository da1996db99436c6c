"""Both languages side by side in the template, as everywhere else in the program."""

from datetime import date, datetime

from django import template
from django.contrib.messages.storage.base import Message
from django.utils import formats
from django.utils.translation import get_language

from vertrauenskonto.core.errors import Language, NotFound, Text
from vertrauenskonto.db.access import MASKED
from vertrauenskonto.db.queries import policies
from vertrauenskonto.render import numbers

register = template.Library()

# Begins what a message carries so that the entry it tells of can be taken back at once.
UNDO = "undo-"


@register.simple_tag
def words(german: str, english: str) -> str:
    """Return the wording in the language of the page: `{% words "Weiter" "Continue" %}`."""
    return Text(de=german, en=english).in_language(page_language())


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
def undone_by(message: Message) -> str:
    """Return the number of the entry that a message says was just booked, "" if it says none."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""


@register.filter
def actor_words(actor: str) -> str:
    """Return who wrote something: a key, or that it was the machine or a person not named."""
    known = {"": Text("–", "–"), "system": Text("das Programm", "the program")}
    masked = Text("eine Person", "a person")
    return spoken({**known, MASKED: masked}.get(actor, Text(actor, actor)))


def page_language() -> Language:
    """Return the language of the page being made; German unless it is English."""
    return "en" if (get_language() or "").startswith("en") else "de"
