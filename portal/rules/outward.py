"""What this site may call by itself, and how it shows that it was this site that called."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from portal.errors import NotValid

LONGEST_ADDRESS = 500
#: networks that carry an IPv4 address inside an IPv6 one: what counts is the address inside
_CARRIES_IPV4 = (ip_network("64:ff9b::/96"), ip_network("2002::/16"), ip_network("2001::/32"))


@dataclass(frozen=True, slots=True)
class Target:
    """An address to be called, taken apart. `is_listed`: the deployment names its host, so it may be a private one."""

    url: str
    host: str
    port: int
    #: path and query as they are sent
    path: str
    is_tls: bool
    is_listed: bool


def target(url: str, listed: frozenset[str] = frozenset(), fault: str = "url") -> Target:
    """Takes an address apart. `listed` has hosts (`host` or `host:port`) that may be plain http and private.

    Raises NotValid for anything that is not an https address of a host by name or number, without user and password.
    """
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise NotValid("地址有误，请填写完整的网址，例如 https://example.gov.cn/hook。", fault=fault) from None
    is_plain = text.isascii() and text.isprintable() and " " not in text and "\\" not in text
    if not (is_plain and host and parts.scheme in ("https", "http") and len(text) <= LONGEST_ADDRESS):
        raise NotValid("地址有误，请填写完整的网址，例如 https://example.gov.cn/hook。", fault=fault)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise NotValid("地址里不要写用户名、密码和“#”。", fault=fault)
    is_tls = parts.scheme == "https"
    port = port if port is not None else 443 if is_tls else 80
    is_listed = host in listed or f"{host}:{port}" in listed
    if not is_tls and not is_listed:
        raise NotValid("地址要以https://开头。", fault=fault)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(text, host, port, path, is_tls, is_listed)


def is_public(address: str) -> bool:
    """Whether a network address is one of the public internet: not private, loopback, link-local, reserved, multicast."""
    try:
        found = ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        inner = found.ipv4_mapped or _carried(found)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved and not found.is_unspecified


def _carried(found: IPv6Address) -> IPv4Address | None:
    for network in _CARRIES_IPV4:
        if found in network:
            if network.prefixlen == 96:
                return IPv4Address(int(found) & 0xFFFFFFFF)
            # 6to4 and Teredo lead into networks that nobody announces: as good as private
            return found.sixtofour if network.prefixlen == 16 else IPv4Address(0)
    return None


SECRET_PREFIX = "whsec_"  # noqa: S105 — what a secret begins with


def secret_of(key: bytes) -> str:
    """How a signing key is written down (Standard Webhooks): whsec_ and base64."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature (Standard Webhooks): v1 and HMAC-SHA256 over id, timestamp and body."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
