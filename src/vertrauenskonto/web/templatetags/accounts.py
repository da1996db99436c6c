"""What the templates of an account's pages need beside the words: names of kinds, signs, addresses."""

from collections.abc import Mapping

from django import template

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.render.numbers import MINUS
from vertrauenskonto.render.words import DIMENSION_SHORT
from vertrauenskonto.web.templatetags.words import spoken

register = template.Library()


@register.simple_tag
def kind_label(labels: Mapping[str, Text], kind: str) -> str:
    """Return what a kind is called; one that no version knows by its own name."""
    return spoken(labels[kind]) if kind in labels else kind


@register.filter
def sign_class(amount: str) -> str:
    """Return the class that colours a printed amount; its sign stands in the text."""
    if amount.startswith("+"):
        return "amount deposit"
    return "amount withdrawal" if amount.startswith(MINUS) else "amount"


@register.filter
def dimension_label(number: int) -> str:
    """Return the short name of the precondition in a column of points, counted from 0."""
    return spoken(DIMENSION_SHORT[DIMENSIONS[number]])
