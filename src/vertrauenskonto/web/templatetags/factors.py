"""What the pages of the second factor say of secrets that cannot be read any more."""

from typing import Any

from django import template

from vertrauenskonto.web import second_factor

register = template.Library()


# Any: allauth's wrapper around a row, which has no types.
@register.filter
def is_readable(factor: Any) -> bool:
    """Tell whether the secret of an app or of recovery codes can be read."""
    return second_factor.is_readable(factor.instance)


@register.filter
def has_unreadable(person: object) -> bool:
    """Tell whether a person has codes that cannot be checked any more."""
    return second_factor.has_unreadable(person)
