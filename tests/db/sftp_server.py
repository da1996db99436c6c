"""A real SFTP server on the loopback interface, with the files of a folder."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko

USER, PASSWORD = "konto", "a sentence only they know"


class _Door(paramiko.ServerInterface):  # type: ignore[misc]  # paramiko has no types
    def __init__(self, public):
        self._public = public

    def check_auth_password(self, username, password):
        good = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        return paramiko.AUTH_SUCCESSFUL if key == self._public else paramiko.AUTH_FAILED

    def get_allowed_auths(self, username):
        return "password,publickey"

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):  # type: ignore[misc]  # paramiko has no types
    def stat(self):
        return paramiko.SFTPAttributes.from_stat(os.fstat(self.readfile.fileno()))


class _Files(paramiko.SFTPServerInterface):  # type: ignore[misc]  # paramiko has no types
    root = Path()

    def _path(self, path):
        return self.root / path.lstrip("/")

    def list_folder(self, path):
        folder = self._path(path)
        if not folder.is_dir():
            return paramiko.SFTP_NO_SUCH_FILE
        return [
            paramiko.SFTPAttributes.from_stat(entry.lstat(), entry.name)
            for entry in folder.iterdir()
        ]

    def stat(self, path):
        return paramiko.SFTPAttributes.from_stat(self._path(path).stat())

    def open(self, path, flags, attr):
        handle = _Handle(flags)
        handle.readfile = self._path(path).open("rb")
        return handle


class Running:
    """Where it listens, its key, and how many password attempts it let in."""

    def __init__(self, root: Path) -> None:
        self.key = paramiko.ECDSAKey.generate()
        self.client_key = paramiko.ECDSAKey.generate()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.files = type("Files", (_Files,), {"root": root})

    def serve(self) -> None:
        while True:
            try:
                plain, _ = self.listening.accept()
            except OSError:
                return
            transport = paramiko.Transport(plain)
            transport.add_server_key(self.key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, self.files)
            try:
                transport.start_server(server=_Door(self.client_key))
            except (paramiko.SSHException, EOFError, OSError):
                continue


@contextmanager
def server(root: Path) -> Iterator[Running]:
    found = Running(root)
    thread = threading.Thread(target=found.serve, daemon=True)
    thread.start()
    yield found
    # Whoever waits for the next connection wakes up.
    found.listening.shutdown(socket.SHUT_RDWR)
    found.listening.close()
