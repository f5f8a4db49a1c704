"""What the plugin says of itself."""

from __future__ import annotations

import pytest

import gateway_ollama
from gateway.environment import Presets, discover
from gateway.testing.subject import Subject

SUBJECT = Subject(gateway_ollama)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("10.0.0.2", "http://10.0.0.2:11434"),
        ("box:8080", "http://box:8080"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        (":11500", "http://127.0.0.1:11500"),
        ("https://ollama.example.com/", "https://ollama.example.com"),
    ],
)
def test_the_preset_goes_where_ollama_host_says(value, address):
    found = discover(Presets.of(SUBJECT.backends), {"OLLAMA_HOST": value})

    assert found.upstreams["ollama"].base_url == address
    assert found.upstreams["ollama"].keys == ()


def test_its_clients_need_no_key_on_this_machine():
    dialect = SUBJECT.dialects["ollama"]

    assert dialect.keyless_local
    assert (dialect.ping, dialect.stream_type) == (b"", "application/x-ndjson")
    said = dialect.setup("http://127.0.0.1:11434", "cs-1")
    assert said == {"OLLAMA_HOST": "http://127.0.0.1:11434", "OLLAMA_API_KEY": "cs-1"}


def test_a_key_travels_as_a_bearer():
    assert SUBJECT.backends["ollama"].auth("k") == {"authorization": "Bearer k"}


def test_other_dialects_are_left_alone():
    hook = SUBJECT.manager.hook

    assert hook.encode_error(dialect="other", error=None) is None
