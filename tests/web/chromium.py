"""A real browser for what only a browser can do; it is steered over its debugging connection."""

import base64
import json
import os
import re
import shutil
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Unavailable(Exception):
    """There is no Chromium on this machine."""


class Chromium:
    """One tab; `call` is a command of the DevTools protocol, `js` an expression on the page."""

    def __init__(self, url: str) -> None:
        place = re.fullmatch(r"ws://([^:/]+):(\d+)(/.*)", url)
        assert place is not None
        self._socket = socket.create_connection((place[1], int(place[2])), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {place[3]} HTTP/1.1\r\nHost: {place[1]}:{place[2]}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._file = self._socket.makefile("rb")
        while self._file.readline().strip():
            pass
        self._count = 0

    def call(self, method: str, **given: Any) -> Any:
        self._count += 1
        self._send(json.dumps({"id": self._count, "method": method, "params": given}).encode())
        while True:
            said = self._receive()
            if said.get("id") == self._count:
                assert "error" not in said, said
                return said["result"]

    def js(self, expression: str) -> Any:
        """Return what an expression gives; None if the page is just being replaced."""
        found = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def until(self, expression: str, *, seconds: float = 15) -> None:
        """Wait until an expression is true on the page."""
        end = time.monotonic() + seconds
        while not self.js(expression):
            assert time.monotonic() < end, f"{expression}: {self.js('document.body.innerText')}"
            time.sleep(0.05)

    def fill(self, **fields: str) -> None:
        """Write into fields, by id."""
        for name, value in fields.items():
            self.js(f"document.getElementById({name!r}).value = {value!r}")

    def click(self, selector: str) -> None:
        self.js(f"document.querySelector({selector!r}).click()")

    def close(self) -> None:
        self._file.close()
        self._socket.close()

    def _send(self, data: bytes) -> None:
        size = len(data)
        head = bytes([0x81, 0x80 | size]) if size < 126 else b"\x81\xfe" + struct.pack(">H", size)
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self._socket.sendall(head + mask + masked)

    def _receive(self) -> Any:
        text = b""
        while True:
            first, second = self._file.read(2)
            size = second & 127
            if size == 126:
                (size,) = struct.unpack(">H", self._file.read(2))
            elif size == 127:
                (size,) = struct.unpack(">Q", self._file.read(8))
            text += self._file.read(size)
            if first & 0x80:
                return json.loads(text)


@contextmanager
def chromium(folder: Path) -> Iterator[Chromium]:
    """Run a browser for the block, with its profile in a folder.

    Raises:
        Unavailable: there is none.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise Unavailable
    words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    words += ["--remote-allow-origins=*", f"--user-data-dir={folder}", "about:blank"]
    with subprocess.Popen(
        [program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            tab = Chromium(_address(folder))
            for room in ("Page", "Runtime", "WebAuthn"):
                tab.call(f"{room}.enable")
            try:
                yield tab
            finally:
                tab.close()
        finally:
            process.terminate()


def _address(folder: Path) -> str:
    end = time.monotonic() + 20
    while True:
        try:
            port = (folder / "DevToolsActivePort").read_text(encoding="utf-8").split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json", timeout=5) as answer:
                tabs = json.load(answer)
            return str(next(tab for tab in tabs if tab["type"] == "page")["webSocketDebuggerUrl"])
        except (OSError, IndexError, StopIteration):
            assert time.monotonic() < end, "the browser did not start"
            time.sleep(0.05)
