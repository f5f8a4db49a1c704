from __future__ import annotations

import pytest

from gateway.addresses import is_address, is_own, shown


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:11434",
        "http://localhost:11434/v1",
        "http://LOCALHOST.:11434",
        "http://x.localhost:11434",
        "http://127.8.9.1:11434/",
        "http://[::1]:11434",
        "http://[::ffff:127.0.0.1]:11434",
        "http://0.0.0.0:11434",
        "http://[::]:11434",
        "http://127.1:11434",
        "http://0x7f000001:11434",
        "http://user:pw@127.0.0.1:11434",
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "0.0.0.0", "localhost"])
def test_every_spelling_of_this_machine_is_own(url, host):
    assert is_own(url, [("10.0.0.1", 1), (host, 11434)])


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:11435", "http://127.0.0.1", "http://10.0.0.2:11434", "http://host:11434"],
)
def test_other_ports_and_hosts_are_not(url):
    assert not is_own(url, [("127.0.0.1", 11434)])


def test_a_named_or_outer_address_is_own_when_it_is_the_same():
    assert is_own("https://gate.example/v1", [("GATE.example", 443)])
    assert is_own("http://10.0.0.2:9000", [("10.0.0.2", 9000)])
    assert not is_own("http://localhost:9000", [("10.0.0.2", 9000)])


@pytest.mark.parametrize("url", ["http://x", "https://api.example.com:8443/v1", "http://[::1]:80"])
def test_an_address_is_http_with_a_host(url):
    assert is_address(url)


@pytest.mark.parametrize(
    "url",
    ["", "x.com/v1", "ftp://x", "http://", "http://x:99999", "http://[::1", "https://me:pw@x.com"],
)
def test_anything_else_is_none_and_never_own(url):
    assert not is_address(url)
    assert not is_own(url, [("127.0.0.1", 80)])


def test_a_password_in_an_address_is_not_shown():
    assert shown("https://me:pw@x.com/v1?key=1") == "x.com:443"
