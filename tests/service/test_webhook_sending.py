"""Sending one message: only to allowed addresses, within the time, and never following anybody."""

import gc
import ipaddress
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from vertrauenskonto.notify.webhooks import (
    Outcome,
    Parcel,
    is_allowed,
    networks,
    send,
    url_problem,
)

LOOPBACK = networks("127.0.0.1")
SECRET = "whsec_" + "AAAA" * 8


def parcel(url):
    return Parcel(url=url, key="msg_1", body=b"{}", secrets=(SECRET,))


def sent(url, **given):
    return send(parcel(url), at=datetime.now(UTC), **{"allowed": LOOPBACK, **given})


def resolving(monkeypatch, *addresses):
    """Let every name stand for these addresses, as whoever runs its name server may decide."""
    found = [
        (socket.AF_INET6 if ":" in a else socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 443))
        for a in addresses
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_a_message_arrives_with_its_query_and_nothing_of_the_answer_is_needed(receiver):
    assert sent(receiver.url + "?a=b") == Outcome(status=204)
    [(headers, body)] = receiver.messages
    assert body == b"{}"
    assert headers["Content-Type"] == "application/json"


def test_loopback_is_not_reached_unless_the_installation_allows_it(receiver):
    assert sent(receiver.url, allowed=()) == Outcome(status=None, error="address")
    assert receiver.messages == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "::1",
        "fe80::1",
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
    ],
)
def test_names_of_inner_addresses_are_refused(monkeypatch, address):
    resolving(monkeypatch, address)
    assert sent("https://crm.example/", allowed=()) == Outcome(status=None, error="address")


def test_one_inner_address_among_public_ones_is_enough_to_refuse(monkeypatch):
    resolving(monkeypatch, "93.184.216.34", "127.0.0.1")
    assert sent("https://crm.example/", allowed=()).error == "address"


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch, receiver):
    port = int(receiver.url.split(":")[2].split("/")[0])
    asked = []

    def rebinding(host, *_, **__):
        # The second answer would lead elsewhere: nobody may ask a second time.
        asked.append(host)
        where = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (where, port))]

    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *a, **k: rebinding(host) if host == "localhost" else real(host, *a, **k),
    )
    assert sent(f"http://localhost:{port}/hook").status == 204
    assert asked == ["localhost"]


def test_a_public_address_is_allowed_and_own_networks_may_be_named():
    assert is_allowed(ipaddress.ip_address("93.184.216.34"), ())
    assert is_allowed(ipaddress.ip_address("10.1.2.3"), networks("10.0.0.0/8, fd00::/8"))
    assert is_allowed(ipaddress.ip_address("::ffff:10.1.2.3"), networks("10.0.0.0/8"))
    assert not is_allowed(ipaddress.ip_address("10.1.2.3"), networks("fd00::/8"))


def test_what_cannot_be_reached_is_an_outcome(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert sent(f"http://127.0.0.1:{port}/").error == "connection"
    assert sent("http://crm.example/").error == "url"

    def unknown(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert sent("https://crm.example/").error == "name"


def test_a_server_without_the_right_certificate_gets_nothing(receiver):
    assert sent(receiver.url.replace("http://", "https://")).error == "tls"
    assert receiver.messages == []


def test_an_answer_that_never_comes_ends_in_time(receiver):
    receiver.wait = lambda: time.sleep(1)
    started = time.monotonic()
    assert sent(receiver.url, seconds_max=0.2).error in ("timeout", "connection")
    assert time.monotonic() - started < 0.9


def dripping(listening, serving=None):
    """Answer one call a byte at a time for five seconds, as long as somebody listens."""

    def drip():
        connection, _ = listening.accept()
        with connection:
            try:
                spoken = (
                    serving.wrap_socket(connection, server_side=True) if serving else connection
                )
                with spoken:
                    for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 74:
                        spoken.sendall(bytes([byte]))
                        time.sleep(0.05)
            except OSError:
                return

    thread = threading.Thread(target=drip)
    thread.start()
    return thread


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_answer_that_comes_drop_by_drop_ends_in_time_and_leaves_no_socket(scheme, certificate):
    path, key_path = certificate
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path, key_path)
    trusting = ssl.create_default_context(cafile=str(path))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = dripping(listening, serving if scheme == "https" else None)
        started = time.monotonic()
        url = f"{scheme}://localhost:{listening.getsockname()[1]}/"
        outcome = sent(url, seconds_max=0.4, tls=trusting)
        took = time.monotonic() - started
        thread.join()
    assert outcome == Outcome(status=None, error="timeout")
    assert took < 2
    gc.collect()  # a socket left open would say so now


def test_a_receiver_that_never_shakes_hands_ends_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"https://localhost:{listening.getsockname()[1]}/"
        started = time.monotonic()
        assert sent(url, seconds_max=0.4).error == "timeout"
    assert time.monotonic() - started < 2


def test_outcomes_say_what_they_mean():
    assert Outcome(status=299).is_delivered
    assert not Outcome(status=302).is_delivered
    assert not Outcome(status=None, error="tls").is_delivered
    assert Outcome(status=410).is_gone


def test_http_is_for_this_machine_only():
    assert url_problem("http://127.0.0.1:8000/x") is None
    assert url_problem("http://[::1]/x") is None
    assert url_problem("http://localhost/x") is None
    assert url_problem("http://10.0.0.1/x") is not None
    assert url_problem("https://crm.example/" + "x" * 500) is not None
    assert url_problem("https://crm.example:99999/") is not None


def test_networks_are_read_from_a_list_or_refused():
    assert networks("") == ()
    with pytest.raises(ValueError, match="here"):
        networks("here")


@pytest.fixture
def certificate(tmp_path):
    """Return files of a certificate for `localhost`, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, key_path = tmp_path / "certificate.pem", tmp_path / "key.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path, key_path


def test_over_https_the_certificate_must_be_for_the_name_although_an_address_is_called(
    certificate,
):
    path, key_path = certificate
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path, key_path)
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        trusting = ssl.create_default_context(cafile=str(path))
        url = f"https://localhost:{server.server_port}/hook"
        assert sent(url, tls=trusting) == Outcome(status=200)
        wrong_name = f"https://127.0.0.1:{server.server_port}/hook"
        assert sent(wrong_name, tls=trusting) == Outcome(status=None, error="tls")
        assert sent(url) == Outcome(status=None, error="tls")
        assert got == [b"{}"]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
