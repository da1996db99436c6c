"""Chat systems: one short message out, one outcome back, through the library apprise.

The library speaks to many services, so it works in a process of its own (`chat_process`) that holds
nothing of ours: no environment, no files, no other programs, only the one address it is given. Each
connection is checked where it is made, and all of it ends after a fixed time.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args
from urllib.parse import parse_qsl

from vertrauenskonto.core.errors import Text
from vertrauenskonto.notify.webhooks import Network

SECONDS_MAX = 20.0
ADDRESS_LENGTH_MAX = 1000

Word = Literal["address", "network", "refused", "timeout", "unreadable", "given_up"]

WORDS: Mapping[str, Text] = {
    "address": Text(
        "Die Adresse ist nicht vollständig oder nicht richtig geschrieben.",
        "The address is not complete or not written correctly.",
    ),
    "network": Text(
        "Dorthin geht nichts: Der Rechner liegt nicht im öffentlichen Netz, oder die Verbindung "
        "wäre unverschlüsselt. Ist es ein eigener Rechner, nennen Sie sein Netz in "
        "VERTRAUENSKONTO_WEBHOOK_NETWORKS.",
        "Nothing goes there: the machine is not in the public network, or the connection would not "
        "be encrypted. If it is a machine of yours, name its network in "
        "VERTRAUENSKONTO_WEBHOOK_NETWORKS.",
    ),
    "refused": Text(
        "Der Dienst war nicht zu erreichen oder hat die Nachricht nicht angenommen. Prüfen Sie "
        "Adresse und Schlüssel.",
        "The service could not be reached or did not take the message. Check address and key.",
    ),
    "timeout": Text(
        f"Der Dienst hat {SECONDS_MAX:.0f} Sekunden lang nicht geantwortet.",
        f"The service did not answer for {SECONDS_MAX:.0f} seconds.",
    ),
    "unreadable": Text(
        "Die Adresse lässt sich nicht mehr lesen, weil sich das Geheimnis der Installation geändert "
        "hat. Geben Sie sie noch einmal ein.",
        "The address cannot be read any more, because the installation's secret has changed. Enter "
        "it once more.",
    ),
    "given_up": Text(
        "Das Versenden ist abgebrochen. Versuchen Sie es noch einmal.",
        "Sending broke off. Try once more.",
    ),
}

# What an address may begin with: the service's name, its module and its class in the library.
# `https` is for addresses that a service shows for copying. Left out is whatever runs programs,
# reads files or fetches settings.
SERVICES: Mapping[str, tuple[str, str]] = {
    "slack": ("slack", "NotifySlack"),
    "workflow": ("workflows", "NotifyWorkflows"),
    "workflows": ("workflows", "NotifyWorkflows"),
    "discord": ("discord", "NotifyDiscord"),
    "gchat": ("google_chat", "NotifyGoogleChat"),
    "gotify": ("gotify", "NotifyGotify"),
    "gotifys": ("gotify", "NotifyGotify"),
    "json": ("custom_json", "NotifyJSON"),
    "jsons": ("custom_json", "NotifyJSON"),
    "matrix": ("matrix.base", "NotifyMatrix"),
    "matrixs": ("matrix.base", "NotifyMatrix"),
    "mmost": ("mattermost", "NotifyMattermost"),
    "mmosts": ("mattermost", "NotifyMattermost"),
    "nctalk": ("nextcloudtalk", "NotifyNextcloudTalk"),
    "nctalks": ("nextcloudtalk", "NotifyNextcloudTalk"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "ntfys": ("ntfy", "NotifyNtfy"),
    "rocket": ("rocketchat", "NotifyRocketChat"),
    "rockets": ("rocketchat", "NotifyRocketChat"),
    "signal": ("signal_api", "NotifySignalAPI"),
    "signals": ("signal_api", "NotifySignalAPI"),
    "tgram": ("telegram", "NotifyTelegram"),
    "webex": ("webexteams", "NotifyWebexTeams"),
    "wxteams": ("webexteams", "NotifyWebexTeams"),
    "zulip": ("zulip", "NotifyZulip"),
}
# These name, after a "?", where in the service a message goes; others could switch off the check of
# certificates, or let a file be read.
_PARAMETERS = frozenset(
    [
        "to",
        "from",
        "mode",
        "token",
        "topic",
        "thread",
        "thread_id",
        "threadkey",
        "channel",
        "channels",
        "key",
        "priority",
        "tags",
        "method",
        "auth",
        "version",
        "v",
        "id",
        "route",
        "pa",
        "powerautomate",
        "api-version",
        "sp",
        "sv",
        "sig",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatMessage:
    """A short message: its title, and its text in plain lines."""

    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOutcome:
    """What became of an attempt: nothing to complain of, or a word of `WORDS`.

    `masked` is the address as it may be shown, where it could be read.
    """

    error: Word | Literal[""] = ""
    masked: str = ""

    @property
    def is_delivered(self) -> bool:
        """Whether the service took the message."""
        return not self.error


def address_problem(address: str) -> Text | None:
    """Return why nothing can be sent to an address at all, or None."""
    scheme, mark, rest = address.partition("://")
    known = ", ".join(sorted({"https", *SERVICES}))
    if not mark or not rest or len(address) > ADDRESS_LENGTH_MAX or not address.isprintable():
        return Text(
            de="Das ist keine Adresse; schreiben Sie sie wie ntfys://ntfy.example/aufgaben.",
            en="This is not an address; write it like ntfys://ntfy.example/duties.",
        )
    if scheme.lower() != "https" and scheme.lower() not in SERVICES:
        return Text(
            de=f"„{scheme[:20]}“ gibt es hier nicht; möglich sind {known}.",
            en=f"'{scheme[:20]}' is not available; choose from {known}.",
        )
    for name, _ in parse_qsl(rest.partition("?")[2], keep_blank_values=True):
        # Headers and fields for a receiver of one's own begin with a sign.
        if name.lower() not in _PARAMETERS and not name.startswith(("+", "-", ":")):
            return Text(
                de=f"Die Angabe „{name[:40]}“ nach dem „?“ ist hier nicht erlaubt.",
                en=f"'{name[:40]}' after the '?' is not allowed here.",
            )
    return None


def look(address: str) -> ChatOutcome:
    """Read an address without sending anything."""
    return _outcome({"address": address, "networks": []}, SECONDS_MAX)


def send(
    address: str,
    message: ChatMessage,
    *,
    allowed: Sequence[Network] = (),
    seconds_max: float = SECONDS_MAX,
) -> ChatOutcome:
    """Send a message once and return what became of it; never raises for the network's sake.

    Args:
        address: where to, as `address_problem` accepts it; it holds secrets.
        message: what to say.
        allowed: networks that are not public but may be reached, and reached without encryption.
        seconds_max: for everything together.
    """
    given = {
        "address": address,
        "title": message.title,
        "text": message.text,
        "networks": [str(network) for network in allowed],
    }
    return _outcome(given, seconds_max)


def _outcome(given: Mapping[str, object], seconds_max: float) -> ChatOutcome:
    if address_problem(str(given["address"])) is not None:
        return ChatOutcome(error="address")
    try:
        # -I: nothing of the environment or the working folder decides what is loaded.
        done = subprocess.run(
            [sys.executable, "-I", "-m", "vertrauenskonto.notify.chat_process"],
            input=json.dumps(given).encode(),
            stdout=subprocess.PIPE,
            # What the library writes about its work would hold the address.
            stderr=subprocess.DEVNULL,
            env={},
            timeout=seconds_max,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return ChatOutcome(error="timeout")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return ChatOutcome(error="given_up")
    assert answer["error"] in ("", *get_args(Word)), "the process answers with our own words"
    return ChatOutcome(error=answer["error"], masked=answer["masked"])
