"""The process in which apprise works: reads one task as JSON, writes one outcome as JSON.

Before the library does anything, the interpreter itself is told (by an audit hook, which nothing
can take back) to refuse connections to addresses that are not allowed, other programs, and files
other than those of the program and of the system's certificates.
"""

import importlib
import ipaddress
import json
import os
import sys
from pathlib import Path
from typing import Any

from vertrauenskonto.notify.chat import SERVICES
from vertrauenskonto.notify.webhooks import Network, is_allowed, networks

_PROGRAMS = (
    "subprocess.Popen",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "pty.spawn",
)
_SERVERS = ("socket.bind", "socket.sendto", "socket.sendmsg")


class _RefusedError(Exception):
    """Something that a message has no business doing."""


class Guard:
    """What this process may do; strict from `close` on."""

    def __init__(self, allowed: tuple[Network, ...]) -> None:
        self.allowed = allowed
        self.is_encrypted = True
        self.is_closed = False
        # Whether a connection was refused: the library takes that for a failure like any other.
        self.has_refused = False
        self._readable = tuple(
            str(Path(folder).resolve())
            for folder in (sys.prefix, sys.base_prefix, Path(__file__).parents[1], *_CERTIFICATES)
        )

    def close(self, *, is_encrypted: bool) -> None:
        """Let nothing happen from now on but messages to allowed addresses."""
        self.is_encrypted = is_encrypted
        self.is_closed = True

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Refuse what is not allowed, as the interpreter asks before it does it."""
        if not self.is_closed:
            return
        if event in _PROGRAMS or event in _SERVERS:
            raise _RefusedError(event)
        if event == "socket.connect" and not self._may_connect(arguments[1]):
            self.has_refused = True
            raise OSError("not allowed")
        if event == "open" and not self._may_open(*arguments[:2]):
            raise _RefusedError(event)

    def _may_connect(self, place: object) -> bool:
        if not isinstance(place, tuple):
            return False
        try:
            address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        except ValueError:
            return False
        # Without encryption only inside one's own networks.
        return is_allowed(address, self.allowed, with_public=self.is_encrypted)

    def _may_open(self, path: object, mode: object) -> bool:
        if not isinstance(path, str | bytes | os.PathLike):
            return True
        if isinstance(mode, str) and set(mode) & set("wax+"):
            return False
        return os.path.realpath(os.fsdecode(path)).startswith(self._readable)


# Where systems keep the certificates they trust and the names of hosts and time zones.
_CERTIFICATES = ("/etc/ssl", "/etc/pki", "/etc/hosts", "/etc/resolv.conf", "/usr/share", "/usr/lib")


def outcome(given: dict[str, Any], guard: Guard) -> dict[str, str]:
    """Do one task: read the address, and send if there is something to say."""
    plugin = _plugin(given["address"])
    if plugin is None:
        return {"error": "address", "masked": ""}
    masked = _masked(plugin)
    if "text" not in given:
        return {"error": "", "masked": masked}
    scheme = given["address"].partition("://")[0].lower()
    guard.close(is_encrypted=scheme not in _plain(plugin))
    try:
        is_sent = plugin.notify(body=given["text"], title=given["title"])
    except Exception:  # noqa: BLE001 - whatever the library stumbles over, the message did not arrive
        is_sent = False
    if is_sent:
        return {"error": "", "masked": masked}
    return {"error": "network" if guard.has_refused else "refused", "masked": masked}


def _masked(plugin: Any) -> str:  # the library is not typed
    """Return an address without its secrets; where the library shows all of a path, without it."""
    shown = str(plugin.url(privacy=True)).partition("?")[0]
    scheme, _, rest = shown.partition("://")
    if SERVICES[scheme][0] not in ("custom_json", "ntfy"):
        return shown
    host, _, path = rest.partition("/")
    return f"{scheme}://{host}/{'…' if path else ''}"


def _plugin(address: str) -> Any:  # the library is not typed
    """Return the library's object for an address, None if it makes nothing of it."""
    from apprise.asset import AppriseAsset  # noqa: PLC0415 - nobody else loads it

    asset = AppriseAsset(
        app_id="Vertrauenskonto",
        app_desc="Vertrauenskonto",
        # No pictures from elsewhere, and nobody sends us elsewhere.
        app_url="",
        image_url_mask="",
        image_url_logo="",
        http_redirects=False,
        async_mode=False,
        allow_templates=False,
        storage_mode="memory",
    )
    scheme = address.partition("://")[0].lower()
    tried = SERVICES.values() if scheme == "https" else [SERVICES[scheme]]
    for module, name in dict.fromkeys(tried):
        kind = getattr(importlib.import_module(f"apprise.plugins.{module}"), name)
        read = kind.parse_native_url if scheme == "https" else kind.parse_url
        found = read(address)
        if found:
            try:
                return kind(**found | {"asset": asset})
            except TypeError:
                # Its word for an address that lacks something.
                return None
    return None


def _plain(plugin: Any) -> tuple[str, ...]:  # as above
    names = plugin.protocol or ()
    return (names,) if isinstance(names, str) else tuple(names)


def main() -> None:
    """Do the task on standard input."""
    given = json.load(sys.stdin)
    guard = Guard(networks(",".join(given["networks"])))
    sys.addaudithook(guard)
    json.dump(outcome(given, guard), sys.stdout)


if __name__ == "__main__":
    main()
