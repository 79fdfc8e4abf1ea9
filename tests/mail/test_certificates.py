"""A mail server that shows a certificate nobody vouches for gets no letter; one that is vouched for does."""

from __future__ import annotations

import dataclasses
import datetime
import ipaddress
import ssl

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal import create_app, mail
from portal.services import outbox
from tests.factories import NOON
from tests.postgres import free_port


class Box(Message):
    """Keeps what it is given."""

    def __init__(self):
        super().__init__()
        self.letters = []

    def handle_message(self, message):
        self.letters.append(message)


def certificate(folder, address):
    """A certificate for an address that vouches for itself, as a server on a bureau's own network has: cert and key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / f"{address}.pem", folder / f"{address}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert, secret


@pytest.fixture
def server(tmp_path):
    """A server that speaks STARTTLS and takes no letter without; its port, its certificate and its box."""
    made = []

    def begin(address="127.0.0.1"):
        cert, key = certificate(tmp_path, address)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key)
        box, port = Box(), free_port()
        controller = Controller(box, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
        controller.start()
        made.append(controller)
        return port, cert, box

    yield begin
    for controller in made:
        controller.stop()


def delivering(settings, seal, port, ca_file):
    app = create_app(
        dataclasses.replace(
            settings, mail_delivery="smtp", mail_server="127.0.0.1", mail_port=port, mail_timeout=5.0,
            mail_use_tls=True, mail_ca_file=str(ca_file),
        )
    )  # fmt: skip
    with app.extensions["database"].transaction() as session:
        outbox.owe(
            session, seal, kind="receipt", recipient="someone@example.com", subject="回执", body="已收到。", at=NOON
        )
    return app


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_a_server_that_is_vouched_for_gets_letters(settings, seal, server):
    port, cert, box = server()
    app = delivering(settings, seal, port, "")
    assert mail.deliver(app, NOON) == mail.Delivery(0, 1)
    assert box.letters == []
    tried = mail.try_server(app.extensions["settings"])
    assert (tried.reached, tried.is_good) == ("connected", False)
    assert "certificate verify failed" in tried.fault
    app.extensions["database"].engine.dispose()

    app = delivering(settings, seal, port, cert)
    assert mail.try_server(app.extensions["settings"]) == mail.Connection("encrypted", "")
    assert mail.deliver(app, NOON + datetime.timedelta(minutes=2)).failed == 0
    assert [letter["To"] for letter in box.letters] == ["someone@example.com"] * 2
    app.extensions["database"].engine.dispose()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_certificate_for_another_machine_is_none(settings, seal, server):
    port, cert, box = server("127.0.0.2")
    app = delivering(settings, seal, port, cert)
    assert mail.deliver(app, NOON) == mail.Delivery(0, 1)
    assert box.letters == []
    app.extensions["database"].engine.dispose()
