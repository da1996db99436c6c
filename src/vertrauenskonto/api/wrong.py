"""What is wrong with a field, in both languages with the cure, from what pydantic found."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from vertrauenskonto.api.fields import REASON_PATTERN, Strict
from vertrauenskonto.api.problems import Wrong
from vertrauenskonto.core.errors import Text, did_you_mean

# Fields that hold personal data: their values are not repeated in answers or logs.
PERSONAL = frozenset(
    {
        *("name", "email", "phone", "address", "postcode", "note", "url", "text"),
        *("wording", "told_whom", "evidence", "depends_on", "place"),
    }
)
_VALUE_LENGTH_MAX = 80


def wrongs(errors: Sequence[Mapping[str, Any]], *, skip: int, place: str = "") -> list[Wrong]:
    """Return the errors of pydantic as what is wrong where.

    `skip` is how many leading parts of a location name the place and the parameter; `place` empty:
    the first part says it.
    """
    found = []
    for error in errors:
        where = error["loc"]
        rest = where[skip:]
        # A wrong key of an object is named by itself.
        pointer = "".join(f"/{_escaped(part)}" for part in rest if part != "[key]")
        found.append(
            Wrong(
                place=place or str(where[0]),
                pointer=pointer,
                code=str(error["type"]),
                text=_text(error),
                value=_value(error, rest),
            )
        )
    return found


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _value(error: Mapping[str, Any], where: Sequence[object]) -> str | None:
    if error["type"] == "missing" or any(part in PERSONAL for part in where):
        return None
    value = error.get("input")
    if isinstance(value, dict | list):
        return None
    shown = "null" if value is None else str(value)
    # A lone surrogate cannot be written back.
    shown = shown.encode("utf-8", "backslashreplace").decode().replace("\x00", "\\u0000")
    return shown if len(shown) <= _VALUE_LENGTH_MAX else shown[:_VALUE_LENGTH_MAX] + "…"


def _text(error: Mapping[str, Any]) -> Text:
    context = error.get("ctx") or {}
    if "de" in context and "en" in context:
        return Text(de=str(context["de"]), en=str(context["en"]))
    if error["type"] == "extra_forbidden":
        near = did_you_mean(str(error["loc"][-1]), _fields())
        return Text(
            de=f"Dieses Feld gibt es hier nicht; prüfen Sie die Schreibweise.{near.de}",
            en=f"There is no such field here; check its spelling.{near.en}",
        )
    made = _TEXTS.get(str(error["type"]))
    if error.get("input") is None and (made is None or error["type"].endswith("_type")):
        told = made(context) if made else Text(de="null ist hier nichts.", en="null means nothing.")
        return Text(
            de=f"{told.de} Lassen Sie weg, was Sie nicht wissen, statt es null zu setzen.",
            en=f"{told.en} Leave out what you do not know instead of setting it to null.",
        )
    if made is not None:
        return made(context)
    return Text(
        de="Dieser Wert passt nicht; sehen Sie im OpenAPI-Dokument nach.",
        en="This value does not fit; see the OpenAPI document.",
    )


def _expected(de: str, en: str) -> Callable[[Mapping[str, Any]], Text]:
    return lambda _: Text(de=f"Hier gehört {de} hin.", en=f"This takes {en}.")


@cache
def _fields() -> tuple[str, ...]:
    """Return the names of all fields of all bodies: what a misspelt one may have meant."""
    found: dict[str, None] = {}
    models = list(Strict.__subclasses__())
    while models:
        model = models.pop()
        found |= dict.fromkeys(model.model_fields)
        models += model.__subclasses__()
    return tuple(sorted(found))


def _pattern(context: Mapping[str, Any]) -> Text:
    pattern = context.get("pattern")
    if pattern == REASON_PATTERN:
        return Text(
            de="Hier gehört ein Kennwort hin, kein Satz: Kleinbuchstaben, Ziffern und Unterstrich, "
            "höchstens 40 Zeichen, zum Beispiel „mistake“ oder „wrong_customer“.",
            en="This takes a word for statistics, no sentence: small letters, digits and "
            "underscores, at most 40 characters, e.g. 'mistake' or 'wrong_customer'.",
        )
    return Text(
        de=f"Passt nicht zum Muster {pattern} (ein leerer Text und NUL sind unzulässig, wo etwas "
        "stehen muss).",
        en=f"Does not match {pattern} (empty texts and NUL are refused where something must be "
        "said).",
    )


_TEXTS: Mapping[str, Callable[[Mapping[str, Any]], Text]] = {
    "missing": lambda _: Text(de="Dieses Feld fehlt.", en="This field is missing."),
    "string_type": _expected("ein Text (in Anführungszeichen)", "a text (in quotation marks)"),
    "int_type": _expected("eine ganze Zahl", "a whole number"),
    "int_parsing": _expected("eine ganze Zahl", "a whole number"),
    "bool_type": _expected("true oder false", "true or false"),
    "bool_parsing": _expected("true oder false", "true or false"),
    "list_type": _expected("eine Liste", "a list"),
    "dict_type": _expected("ein Objekt", "an object"),
    "model_type": _expected("ein Objekt", "an object"),
    "model_attributes_type": _expected("ein Objekt", "an object"),
    "string_unicode": lambda _: Text(
        de="Ein halbes Ersatzzeichen (surrogate); schicken Sie gültiges Unicode.",
        en="A lone surrogate; send valid Unicode.",
    ),
    "string_too_short": lambda c: Text(
        de=f"Zu kurz; mindestens {c.get('min_length')} Zeichen.",
        en=f"Too short; at least {c.get('min_length')} characters.",
    ),
    "string_too_long": lambda c: Text(
        de=f"Zu lang; höchstens {c.get('max_length')} Zeichen.",
        en=f"Too long; at most {c.get('max_length')} characters.",
    ),
    "string_pattern_mismatch": _pattern,
    "literal_error": lambda c: Text(
        de=f"Möglich sind: {c.get('expected')}.", en=f"Choose from: {c.get('expected')}."
    ),
    "too_long": lambda c: Text(
        de=f"Zu viele; höchstens {c.get('max_length')}.",
        en=f"Too many; at most {c.get('max_length')}.",
    ),
    "too_short": lambda c: Text(
        de=f"Zu wenige; mindestens {c.get('min_length')}.",
        en=f"Too few; at least {c.get('min_length')}.",
    ),
    "greater_than_equal": lambda c: Text(
        de=f"Mindestens {c.get('ge')}.", en=f"At least {c.get('ge')}."
    ),
    "less_than_equal": lambda c: Text(de=f"Höchstens {c.get('le')}.", en=f"At most {c.get('le')}."),
}
