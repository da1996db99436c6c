"""Which language the user reads: asked for with `--language`, else what the system is set to."""

from collections.abc import Mapping, Sequence

from vertrauenskonto.core.errors import Invalid, Language, Text

FLAG = "--language"
# In the order in which gettext and the C library look.
_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def chosen_language(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> tuple[Language, list[str]]:
    """Return the language and the arguments without `--language`, which may stand anywhere.

    Raises:
        Invalid: the language asked for is neither `de` nor `en`.
    """
    asked, rest = "", []
    given = iter(arguments)
    for word in given:
        if word == "--":
            rest += [word, *given]
        elif word == FLAG:
            asked = next(given, "?")
        elif word.startswith(f"{FLAG}="):
            asked = word.removeprefix(f"{FLAG}=")
        else:
            rest.append(word)
    if asked in ("de", "en"):
        return ("de" if asked == "de" else "en"), rest
    if asked:
        raise Invalid(
            Text(
                de=f"{FLAG}: „{asked}“ gibt es hier nicht; wählen Sie de oder en.",
                en=f"{FLAG}: '{asked}' is not available; choose de or en.",
            )
        )
    return system_language(environment), rest


def system_language(environment: Mapping[str, str]) -> Language:
    """Return German where the environment asks for it first, else English."""
    for variable in _VARIABLES:
        value = environment.get(variable, "")
        if value:
            return "de" if value.split(":")[0].lower().startswith("de") else "en"
    return "en"
