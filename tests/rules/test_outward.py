"""What may be called from here, and the signature under it."""

from __future__ import annotations

import pytest

from portal.errors import NotValid
from portal.rules import outward


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.8", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1", "2001:0:1::1", "2001:db8::1", "x", "", "127.1", "0x7f000001",
    ],
)  # fmt: skip
def test_no_address_but_of_the_public_internet(address):
    assert not outward.is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.2.4.8", "2400:3200::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_the_public_internet_is_public(address):
    assert outward.is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "x", "example.com/hook", "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///x",
        "https://user@example.com/", "https://user:pw@example.com/", "https://example.com/#part", "https://exa mple.com/",
        "https://example.com:99999/", "https://example.com/\r\nHost: x", "https://example.com\\@127.0.0.1/", "javascript:x",
        "https://例子.测试/", "https://example.com/" + "x" * 500, "gopher://127.0.0.1:25/",
    ],
)  # fmt: skip
def test_what_is_no_https_address_is_refused(url):
    with pytest.raises(NotValid) as refusal:
        outward.target(url)
    assert refusal.value.fault == "url"


def test_an_address_is_taken_apart():
    found = outward.target(" https://Hooks.Example.com./a/b?c=d ")
    assert (found.host, found.port, found.path, found.is_tls, found.is_listed) == (
        "hooks.example.com", 443, "/a/b?c=d", True, False,
    )  # fmt: skip
    assert outward.target("https://example.com").path == "/"
    assert outward.target("https://[2400:3200::1]:8443/").port == 8443


def test_a_listed_host_may_be_plain_and_private():
    listed = frozenset({"hooks.internal", "127.0.0.1:9000"})
    assert outward.target("http://hooks.internal/x", listed).is_listed
    assert outward.target("http://127.0.0.1:9000/", listed).is_listed
    with pytest.raises(NotValid):
        outward.target("http://127.0.0.1:9001/", listed)
    assert not outward.target("https://127.0.0.1:9001/", listed).is_listed


def test_the_signature_is_the_one_of_the_convention():
    """The example of the Standard Webhooks reference libraries."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    found = outward.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
