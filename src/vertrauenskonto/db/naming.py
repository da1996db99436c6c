"""By which words a customer is found: those of the name and of the contacts', kept beside them.

Words are compared by their beginnings, without case and accents. "Müller" is found as "mueller", and
as "muller" by who types no umlauts.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from vertrauenskonto.db import models
from vertrauenskonto.db.matching import folded
from vertrauenskonto.db.models.customers import NameWord

WORD_LENGTH_MAX = 40
# Somebody's whole name; what follows in a longer text is not searched for.
_WORDS_MAX = 8
_AT_ONCE = 5_000


def searched_words(text: str) -> tuple[str, ...]:
    """Return the words that a text asks for."""
    return tuple(dict.fromkeys(w[:WORD_LENGTH_MAX] for w in folded(text).split()))[:_WORDS_MAX]


def words_of(names: Iterable[str]) -> set[str]:
    """Return the words by which somebody with these names is found."""
    found = {
        word for name in names for text in (folded(name), _plain(name)) for word in text.split()
    }
    return {word[:WORD_LENGTH_MAX] for word in found}


def name_anew(customer_ids: Collection[int]) -> None:
    """Keep the words of these customers as profile and contacts say now; the caller's transaction."""
    ids = sorted(customer_ids)
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        names: dict[int, list[str]] = {pk: [] for pk in part}
        profiles = models.Profile.objects.filter(pk__in=part).values_list("pk", "name")
        contacts = models.Contact.objects.filter(customer_id__in=part)
        for pk, name in (*profiles, *contacts.values_list("customer_id", "name")):
            names[pk].append(name)
        NameWord.objects.filter(customer_id__in=part).delete()
        NameWord.objects.bulk_create(
            [
                NameWord(customer_id=pk, word=word)
                for pk in part
                for word in sorted(words_of(names[pk]))
            ],
            batch_size=_AT_ONCE,
            ignore_conflicts=True,
        )


def name_the_rest() -> int:
    """Find words for customers who have a name and no words, as after an update; count them."""
    words = NameWord.objects.filter(customer=OuterRef("pk"))
    without = models.Profile.objects.exclude(search_name="").filter(~Exists(words))
    ids = list(without.values_list("pk", flat=True))
    name_anew(ids)
    return len(ids)


# Any: django-stubs cannot name a query of one column.
def named_customers(text: str) -> "QuerySet[Any, Any]":
    """Return a query for the customers who have a word for each of the text's; none for no word."""
    words = sorted(searched_words(text), key=len)
    found = NameWord.objects.none()
    for number, word in enumerate(words):
        also = {"customer__in": found.values("customer")} if number else {}
        found = NameWord.objects.filter(_begins(word), **also)
    return found.values("customer")


def _begins(word: str) -> Q:
    if connection.vendor == "postgresql":
        return Q(word__startswith=word)
    # SQLite compares bytes; its LIKE would look at every word.
    return Q(word__gte=word, word__lt=word + "\U0010ffff")


def _plain(name: str) -> str:
    split = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c for c in split if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters))
