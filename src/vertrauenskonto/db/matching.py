"""By what records are compared: normalised keys, and how much a hit by each of them says.

Pure; `db/queries/matching.py` looks the keys up and `db/actions/matching.py` acts on the hits.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from vertrauenskonto.core.errors import Invalid, Text, did_you_mean

Weight = Literal["certain", "uncertain", "off"]
WEIGHTS: tuple[Weight, ...] = get_args(Weight)

ID_PREFIX = "id:"
# What speaks for a customer where the installation says nothing else.
DEFAULTS: Mapping[str, Weight] = {
    "external_id": "certain",
    "email": "uncertain",
    "phone": "uncertain",
    "name_postcode": "uncertain",
}
# Shorter ones are extensions or mistakes, and belong to anybody.
PHONE_DIGITS_MIN = 6
# Numbers written without a country are taken as German.
HOME_COUNTRY = "49"
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """By what a record may be found: ids by (system, value), and the rest by name of its key."""

    ids: tuple[tuple[str, str], ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def sameness(self) -> str:
        """Return a hash that records naming the same customer in the same way share."""
        named = sorted(self.ids) or sorted(self.others.items())
        return hashlib.sha256(json.dumps(named, ensure_ascii=False).encode()).hexdigest()


def keys_of(*, ids: Mapping[str, str], email: str, phone: str, name: str, postcode: str) -> Keys:
    """Return the keys of a record; parts that are empty or unusable give none."""
    others = {
        "email": email_key(email) if email else "",
        "phone": phone_key(phone) if phone else "",
        "name_postcode": name_postcode_key(name, postcode) if postcode else "",
    }
    return Keys(
        ids=tuple((system.strip(), value.strip()) for system, value in ids.items()),
        others={name: key for name, key in others.items() if key},
    )


def email_key(email: str) -> str:
    """Return an address as it is compared: without case; "" if it is none."""
    key = email.strip().casefold()
    return key if re.fullmatch(r"[^\s@]+@[^\s@]+", key) else ""


def phone_key(phone: str) -> str:
    """Return a number as it is compared: digits with the country; "" if it is too short."""
    written = re.sub(r"\(0\)", "", phone.strip())
    digits = re.sub(r"[^0-9]", "", written)
    if written.startswith("+"):
        key = digits
    elif digits.startswith("00"):
        key = digits[2:]
    elif digits.startswith("0"):
        key = HOME_COUNTRY + digits[1:]
    else:
        key = digits
    return key if len(key) >= PHONE_DIGITS_MIN else ""


def name_postcode_key(name: str, postcode: str) -> str:
    """Return name and postcode as they are compared together; "" unless both are there."""
    # "D-80331" is 80331.
    code = re.sub(r"^[A-Z]{1,3}[- ]+(?=\d)", "", postcode.strip().upper())
    words, code = folded(name), re.sub(r"[^0-9A-Z]", "", code)
    return f"{' '.join(sorted(words.split()))}|{code}" if words and code else ""


def folded(name: str) -> str:
    """Return a name without case, accents and punctuation: "Müller, Zoë" gives "mueller zoe"."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_UMLAUTS))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", letters))


def weight_of_system(system: str, weights: Mapping[str, Weight]) -> Weight:
    """Return how much a hit by an id of this system says."""
    return weights.get(f"{ID_PREFIX}{system}", weights["external_id"])


def check_match_key(name: str, weight: str) -> tuple[str, Weight]:
    """Return a setting of a match key as it is kept, or refuse it.

    Raises:
        Invalid: nothing may match by this key, or the weight does not exist.
    """
    if name.casefold() in ("name", "names", "nachname", "vorname"):
        raise Invalid(
            Text(
                de="Nach dem Namen allein wird nie zugeordnet: viele heißen gleich. Möglich ist "
                "„name_postcode“, der Name zusammen mit der Postleitzahl.",
                en="Nothing is matched by name alone: many share one. Use 'name_postcode', the "
                "name together with the postcode.",
            )
        )
    if name not in DEFAULTS and not (name.startswith(ID_PREFIX) and name != ID_PREFIX):
        near = did_you_mean(name, DEFAULTS)
        raise Invalid(
            Text(
                de=f"„{name}“ ist kein Schlüssel für die Zuordnung; möglich sind "
                f"{', '.join(DEFAULTS)} und {ID_PREFIX}SYSTEM für die Nummern eines Systems."
                f"{near.de}",
                en=f"'{name}' is no match key; choose from {', '.join(DEFAULTS)} and "
                f"{ID_PREFIX}SYSTEM for the ids of one system.{near.en}",
            )
        )
    if weight not in WEIGHTS:
        raise Invalid(
            Text(
                de=f"„{weight}“ gibt es nicht; möglich sind {', '.join(WEIGHTS)}.",
                en=f"'{weight}' is not available; choose from {', '.join(WEIGHTS)}.",
            )
        )
    return name, weight
