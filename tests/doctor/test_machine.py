"""What the doctor says of this machine."""

from __future__ import annotations

import socket

import pytest

from gateway.doctor.machine import clients, listening, proxies, variables
from gateway.plugins import load
from gateway.settings import Plugins as Choice
from gateway.settings import Server, Settings

PLUGINS = load(Choice())
SETTINGS = Settings(server=Server(port=11999))


def test_variables_are_named_and_never_shown():
    environ = {"OPENAI_API_KEY": "sk-secret", "BABELGATE_MODEL": "openai/gpt-5", "HOME": "/x"}

    (finding,) = variables(PLUGINS, environ)

    assert finding.what == "seen: BABELGATE_MODEL, OPENAI_API_KEY"


def test_an_empty_variable_is_a_note():
    first, second = variables(PLUGINS, {"ANTHROPIC_API_KEY": " "})

    assert (first.grade, first.do) == ("note", "give it a value, or: unset ANTHROPIC_API_KEY")
    assert second.what == "seen: none that the gateway reads"


def test_no_proxy_is_nothing_to_speak_of():
    assert list(proxies({"NO_PROXY": "x"})) == []


def test_a_proxy_that_clients_would_use_for_us_is_a_note():
    secret = "http://user:pass@proxy:3128"

    findings = list(proxies({"https_proxy": secret}))

    assert [one.grade for one in findings] == ["note", "note"]
    assert findings[1].do == "export NO_PROXY=127.0.0.1,localhost"
    assert "pass" not in repr(findings)


def test_a_proxy_that_leaves_this_machine_out_is_only_told_once():
    assert len(list(proxies({"HTTPS_PROXY": "http://p", "no_proxy": "localhost"}))) == 1


def test_a_free_port_is_good():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    (finding,) = listening(Server(port=port))

    assert (finding.grade, finding.what) == ("good", f"{port} is free: no gateway runs there now")


def test_any_port_is_good():
    (finding,) = listening(Server(port=0))

    assert finding.grade == "good"


def test_another_programs_port_is_a_note():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        (finding,) = listening(Server(port=server.getsockname()[1]))

    assert finding.grade == "note"
    assert "taken by another program" in finding.what
    assert finding.why == "the gateway does not start"


@pytest.fixture
def installed(tmp_path):
    """A folder with commands of the well-known clients."""
    for name in ("claude", "codex", "gemini"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return str(tmp_path)


def found(environ):
    return {one.what.split(":")[0].split()[0]: one for one in clients(PLUGINS, SETTINGS, environ)}


def test_clients_that_are_not_installed_are_not_spoken_of(tmp_path):
    assert found({"PATH": str(tmp_path)}) == {}


def test_a_client_without_its_variable_is_shown_the_line_to_type(installed):
    finding = found({"PATH": installed})["claude"]

    assert finding.what == "claude: ANTHROPIC_BASE_URL is not set"
    assert finding.do == 'eval "$(babelgate env claude)"'


def test_a_client_that_points_here_is_good(installed):
    environ = {"PATH": installed, "GOOGLE_GEMINI_BASE_URL": "http://localhost:11999/kimi"}

    finding = found(environ)["gemini"]

    assert (finding.grade, finding.what) == (
        "good",
        "gemini: GOOGLE_GEMINI_BASE_URL leads to this gateway",
    )


def test_a_client_that_points_elsewhere_is_a_note(installed):
    environ = {"PATH": installed, "ANTHROPIC_BASE_URL": "https://user:secret@else.example/v1"}

    finding = found(environ)["claude"]

    assert finding.what == "claude: ANTHROPIC_BASE_URL leads to else.example:443"
    assert "secret" not in repr(finding)


def test_a_client_with_a_file_of_its_own_is_told_of(installed):
    assert "a file of its own" in found({"PATH": installed})["codex"].why
