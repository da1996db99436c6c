"""Both languages side by side in the template, as everywhere else in the program."""

from datetime import date

from django import template
from django.utils import formats
from django.utils.translation import get_language

from vertrauenskonto.core.errors import Language, NotFound, Text
from vertrauenskonto.db.queries import policies

register = template.Library()


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


def page_language() -> Language:
    """Return the language of the page being made; German unless it is English."""
    return "en" if (get_language() or "").startswith("en") else "de"
