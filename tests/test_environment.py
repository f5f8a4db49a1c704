from __future__ import annotations

import pytest

from gateway.environment import Presets, base_url_of, discover, keys_of
from gateway.hooks import Backend, Preset

GEMINI = Preset("gemini", "https://g.example/", ["GEMINI_API_KEY", "GOOGLE_API_KEY"], "GEMINI_URL")
OLLAMA = Preset("ollama", "http://127.0.0.1:11434/v1", (), "OLLAMA_HOST", keyless=True)
ONE = Backend("one", speaks="openai", presets=[GEMINI, OLLAMA])
TWO = Backend("two", presets=[Preset("gemini", "https://two.example", ["GEMINI_API_KEY"])])
PRESETS = Presets.of({"one": ONE, "two": TWO})


def test_a_key_in_the_environment_makes_an_upstream():
    found = discover(PRESETS, {"GEMINI_API_KEY": "k1, k2", "OTHER_API_KEY": "x"})

    (upstream,) = found.upstreams.values()
    assert (upstream.name, upstream.backend, upstream.preset) == ("gemini", "one", "gemini")
    assert upstream.keys == ("k1", "k2")
    assert upstream.base_url == "https://g.example"
    assert upstream.place == "GEMINI_API_KEY"
    assert upstream.from_environment


def test_an_address_in_the_environment_makes_a_keyless_upstream():
    found = discover(PRESETS, {"OLLAMA_HOST": "10.0.0.2"})

    assert found.upstreams["ollama"].base_url == "http://10.0.0.2:11434/v1"
    assert found.upstreams["ollama"].keys == ()


def test_blank_variables_are_not_set():
    assert discover(PRESETS, {"GEMINI_API_KEY": " ", "OLLAMA_HOST": ""}).upstreams == {}


def test_the_first_variable_that_is_set_holds_the_keys():
    assert keys_of(GEMINI, {"GOOGLE_API_KEY": "b"}) == ("b",)
    assert keys_of(GEMINI, {"GOOGLE_API_KEY": "b", "GEMINI_API_KEY": "a"}) == ("a",)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", "http://127.0.0.1:11434/v1"),
        ("box", "http://box:11434/v1"),
        ("box:99", "http://box:99/v1"),
        (":99", "http://127.0.0.1:99/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("0.0.0.0:99", "http://127.0.0.1:99/v1"),
        ("[::1]", "http://[::1]:11434/v1"),
        ("[::]:99", "http://[::1]:99/v1"),
        ("box:99/api/", "http://box:99/api"),
        ("https://box/x/", "https://box/x"),
    ],
)
def test_a_variable_moves_a_preset_as_its_own_program_reads_it(value, address):
    assert base_url_of(OLLAMA, {"OLLAMA_HOST": value}) == address


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"OLLAMA_HOST": "0.0.0.0"}, "(OLLAMA_HOST) is left out: its address 127.0.0.1:11434"),
        ({"GEMINI_API_KEY": "k", "GEMINI_URL": "http://x:y"}, "must look like"),
        ({"GEMINI_API_KEY": "k", "GEMINI_URL": "https://a:secret@x"}, "must look like"),
    ],
)
def test_what_can_not_be_called_is_left_out_and_said(environ, words):
    found = discover(PRESETS, environ, [("127.0.0.1", 11434)])

    assert found.upstreams == {}
    (why,) = found.ignored.values()
    assert words in why
    assert "secret" not in why


def test_a_preset_of_two_backends_is_the_first_ones_or_the_named_ones():
    assert PRESETS.names() == ["gemini", "ollama"]
    assert PRESETS.find("gemini").backend is ONE
    assert PRESETS.find("gemini", "two").backend is TWO
    assert PRESETS.find("ollama", "two").backend is ONE
    assert PRESETS.find("nobody") is None
