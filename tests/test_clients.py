"""Addresses and lines to paste."""

import pytest

from gateway.clients import base_url, client_variables, key_to_show, shell_lines
from gateway.hooks import Dialect
from gateway.settings import ProxyKey, Settings


@pytest.mark.parametrize(
    ("host", "group", "url"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:11434"),
        ("0.0.0.0", None, "http://127.0.0.1:11434"),
        ("::", None, "http://[::1]:11434"),
        ("::1", "kimi", "http://[::1]:11434/kimi"),
        ("gw.example", "big models", "http://gw.example:11434/big%20models"),
    ],
)
def test_a_client_gets_an_address_that_it_can_reach(host: str, group: str | None, url: str):
    assert base_url(host, 11434, group) == url


def test_only_dialects_with_a_known_client_have_lines():
    plain = Dialect("plain", [], lambda *_: None)
    known = Dialect(
        "claude", [], lambda *_: None, setup=lambda url, key: {"URL": url, "TOKEN": key}
    )

    assert client_variables([plain, known], "http://h:1", "k") == {
        "claude": {"URL": "http://h:1", "TOKEN": "k"}
    }


def test_values_are_quoted_for_the_shell():
    variables = {"A": "http://h:1", "B": "two words; rm"}

    assert shell_lines(variables, "posix") == ["export A=http://h:1", "export B='two words; rm'"]
    assert shell_lines({"A": "http://h:1"}, "nt") == ["$env:A = 'http://h:1'"]


def test_a_keyed_gateway_asks_for_the_reader_s_key():
    keyed = Settings(proxy_keys={"alice": ProxyKey("alice", "d")})

    assert key_to_show(keyed) == "YOUR-PROXY-KEY"
    assert key_to_show(Settings()) == "babelgate"
