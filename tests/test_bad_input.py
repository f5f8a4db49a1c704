"""Bad input: from clients, from upstreams, and from whoever starts the gateway."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.fixtures import DIALECTS, MAX_BODY, NARROW_KEY, PROXY_KEY
from tests.clients.gateway_process import BABELGATE, Gateway
from tests.clients.http import HEADERS, PATHS, chat, error_of, events, opened, post
from tests.scripted import Scripted

WRONG = {
    "broken JSON": b'{"model": "named", ',
    "no body": b"",
    "not an object": b"[1, 2]",
    "not text": b"\xff\xfe{}",
    "no model": {"messages": [{"role": "user", "content": "x"}], "max_tokens": 9},
    "no messages": {"model": "named", "max_tokens": 9},
    "a model that is a number": chat("", 7),  # type: ignore[arg-type]
    "messages that are text": chat("", "named", messages="Hello"),
    "a message that is text": chat("", "named", messages=["Hello"]),
    "content that is a number": chat("", "named", messages=[{"role": "user", "content": 7}]),
    "an unknown role": chat("", "named", messages=[{"role": "king", "content": "x"}]),
    "tools that are an object": chat("", "named", tools={"name": "x"}),
    "a tool that is text": chat("", "named", tools=["look"]),
    "a temperature of words": chat("", "named", temperature="hot"),
    "a stream that is text": chat("", "named", stream="yes"),
    "deep nesting": b'{"model": "named", "max_tokens": 9, "messages": ' + b"[" * 2000,
}


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["home", "abroad"])
def group(request: pytest.FixtureRequest, dialect: str) -> str:
    """Where the request would go: to its own dialect, or to the other."""
    other = next(name for name in DIALECTS if name != dialect)
    return dialect if request.param == "home" else other


# --- from clients ---


@pytest.mark.parametrize("name", ["User-Agent", "anthropic-beta", "x-app", "x-api-key"])
def test_a_header_that_is_no_text_is_no_failure_of_ours(
    babelgate: Gateway, dialect: str, group: str, name: str
) -> None:
    """aiohttp hands such bytes on as lone surrogates, which once broke the log (2026-11-25)."""
    status = raw_post(babelgate, f"/{group}{PATHS[dialect]}", f"{name}: odd".encode() + b"\xff\xfe")

    assert status in (200, 401)
    assert "Traceback" not in babelgate.log


def raw_post(gateway: Gateway, path: str, header: bytes) -> int:
    """The status of a request with one more header, whose bytes no HTTP library would send."""
    body = json.dumps(chat("", "named")).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{gateway.port}\r\nConnection: close\r\n"
    key = f"Authorization: Bearer {PROXY_KEY}\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as connection:
        connection.sendall((head + key).encode() + header + b"\r\n\r\n" + body)
        return int(connection.makefile("rb").readline().split()[1])


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_body_is_a_400_in_the_endpoints_dialect(
    babelgate: Gateway, upstream: Scripted, dialect: str, wrong: str
) -> None:
    """Told before anything is sent, where the gateway has to understand the request."""
    other = next(name for name in DIALECTS if name != dialect)

    reply = post(babelgate, f"/{other}{PATHS[dialect]}", WRONG[wrong])

    assert reply.status == 400
    assert error_of(dialect, reply)["type"] == "invalid_request_error"
    assert upstream.requests == []


def test_a_tool_without_a_name_is_a_400(
    babelgate: Gateway, upstream: Scripted, dialect: str
) -> None:
    nameless = {"openai": {"type": "function", "function": {}}, "claude": {"input_schema": {}}}
    other = next(name for name in DIALECTS if name != dialect)
    body = chat(dialect, "named", tools=[nameless[dialect]])

    reply = post(babelgate, f"/{other}{PATHS[dialect]}", body)

    assert reply.status == 400
    assert "tools[0]" in error_of(dialect, reply)["message"]
    assert upstream.requests == []


@pytest.mark.parametrize("wrong", ["broken JSON", "no body", "not an object", "no model"])
def test_a_body_without_a_model_is_a_400_at_home_too(
    babelgate: Gateway, upstream: Scripted, dialect: str, wrong: str
) -> None:
    reply = post(babelgate, f"/{dialect}{PATHS[dialect]}", WRONG[wrong])

    assert reply.status == 400
    assert error_of(dialect, reply)["type"] == "invalid_request_error"
    assert upstream.requests == []


def test_broken_json_is_told_with_its_place(babelgate: Gateway, dialect: str) -> None:
    reply = post(babelgate, f"/openai{PATHS[dialect]}", b'{"model": "x",\n "messages": oops}')

    assert "line 2" in error_of(dialect, reply)["message"]


def test_an_unknown_alias_names_the_group_and_its_aliases(babelgate: Gateway, dialect: str) -> None:
    reply = post(babelgate, f"/listed{PATHS[dialect]}", chat(dialect, "quik"))

    assert reply.status == 404
    message = error_of(dialect, reply)["message"]
    assert all(name in message for name in ("quik", "listed", "quick", "clever"))


@pytest.mark.parametrize("path", ["chat", "/v1/models"])
def test_an_unknown_group_is_a_404_and_no_empty_list(
    babelgate: Gateway, dialect: str, path: str
) -> None:
    version = {"anthropic-version": "2023-06-01"} if dialect == "claude" else {}
    method, url = ("POST", PATHS[dialect]) if path == "chat" else ("GET", path)
    body: Any = chat(dialect, "named") if path == "chat" else b""

    reply = post(babelgate, f"/nobody{url}", body, {**HEADERS, **version}, method)

    assert reply.status == 404
    assert "nobody" in error_of(dialect, reply)["message"]


def test_a_body_over_the_limit_is_a_413(babelgate: Gateway, dialect: str, group: str) -> None:
    long = [{"role": "user", "content": "x" * MAX_BODY}]

    reply = post(babelgate, f"/{group}{PATHS[dialect]}", chat(dialect, "named", messages=long))

    assert reply.status == 413
    assert error_of(dialect, reply)


@pytest.mark.parametrize("key", [None, "cs-somebody-else"])
def test_a_missing_or_wrong_key_is_a_401_that_no_client_retries(
    babelgate: Gateway, upstream: Scripted, dialect: str, key: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"

    reply = post(babelgate, f"/openai{PATHS[dialect]}", chat(dialect, "named"), headers)

    assert reply.status == 401
    assert error_of(dialect, reply)["type"] == "authentication_error"
    assert reply.headers["x-should-retry"] == "false"
    assert upstream.requests == []


def test_a_key_without_the_scope_is_a_403(
    babelgate: Gateway, upstream: Scripted, dialect: str
) -> None:
    headers = {**HEADERS, "Authorization": f"Bearer {NARROW_KEY}"}

    refused = post(babelgate, f"/openai{PATHS[dialect]}", chat(dialect, "named"), headers)
    around = post(babelgate, f"/claude{PATHS[dialect]}", chat(dialect, "openai@named"), headers)
    allowed = post(babelgate, f"/claude{PATHS[dialect]}", chat(dialect, "named"), headers)

    assert (refused.status, around.status, allowed.status) == (403, 403, 200)
    assert error_of(dialect, refused)
    assert refused.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("header", ["Authorization", "x-api-key", "x-goog-api-key", "?key="])
def test_a_key_is_taken_from_every_place_that_clients_use(
    babelgate: Gateway, upstream: Scripted, dialect: str, header: str
) -> None:
    key = HEADERS["Authorization"].removeprefix("Bearer ")
    path = f"/openai{PATHS[dialect]}"
    headers = {"Authorization": HEADERS["Authorization"]} if header == "Authorization" else {}
    if header == "?key=":
        path += f"?key={key}"
    elif not headers:
        headers = {header: key}

    assert post(babelgate, path, chat(dialect, "named"), headers).status == 200


def test_a_wrong_method_is_a_405(babelgate: Gateway, dialect: str) -> None:
    reply = post(babelgate, f"/openai{PATHS[dialect]}", b"", HEADERS, "DELETE")

    assert reply.status == 405
    assert error_of(dialect, reply)


@pytest.mark.parametrize("path", ["/v1/nothing", "/openai/v1/nothing", "/a/b/c", "/%2e%2e/etc"])
def test_an_unknown_path_is_a_404(babelgate: Gateway, path: str) -> None:
    reply = post(babelgate, path, {})

    assert reply.status == 404
    assert error_of("openai", reply)


def test_a_foreign_host_is_refused(babelgate: Gateway, upstream: Scripted, dialect: str) -> None:
    headers = {**HEADERS, "Host": "evil.example"}

    reply = post(babelgate, f"/openai{PATHS[dialect]}", chat(dialect, "named"), headers)

    assert reply.status == 403
    assert upstream.requests == []


# --- from upstreams ---

GARBAGE = ["say-html", "say-garbage", "say-half-event", "say-bad-utf8", "say-nothing"]
BREAKS = ["say-reset", "say-early-end", "say-error-inside"]


@pytest.mark.parametrize("model", GARBAGE)
def test_an_upstream_that_sends_no_reply_is_an_error_with_a_status(
    babelgate: Gateway, upstream: Scripted, dialect: str, group: str, model: str
) -> None:
    body = chat(dialect, model, stream=True)

    reply = post(babelgate, f"/{group}{PATHS[dialect]}", body)

    assert reply.status >= 500
    assert error_of(dialect, reply)


@pytest.mark.parametrize("model", BREAKS)
def test_a_stream_that_breaks_ends_in_the_dialects_error_and_never_cleanly(
    babelgate: Gateway, upstream: Scripted, dialect: str, group: str, model: str
) -> None:
    with opened(babelgate, f"/{group}{PATHS[dialect]}", chat(dialect, model, stream=True)) as reply:
        raw = reply.read()

    assert "error" in events(raw)[-1]
    assert b"[DONE]" not in raw
    assert b"message_stop" not in raw
    assert b'"finish_reason":"' not in raw.replace(b" ", b"")


# --- from whoever starts the gateway ---

WRONG_FILES = {
    "broken TOML": ("[server\n", 1),
    "an unknown name": ("[server]\nport = 1\nprot = 2\n", 3),
    "a wrong type": ('[server]\nport = "high"\n', 2),
    "an unknown upstream": ('[groups.default.models]\n"*" = "nobody/x"\n', 2),
    "a reserved group": ("[server]\n\n[groups.admin]\n", 3),
}


@pytest.mark.parametrize("wrong", WRONG_FILES)
def test_a_broken_configuration_is_one_line_with_its_place(wrong: str, tmp_path: Path) -> None:
    text, line = WRONG_FILES[wrong]
    file = tmp_path / "babelgate.toml"
    file.write_text(text)

    ended = _serve(tmp_path, "--config", str(file), "--port", "0")

    assert ended.returncode == 2
    assert re.search(rf"babelgate\.toml:{line}\b", ended.stderr), ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        ended = _serve(tmp_path, "--port", port, "--model", "echo/text")

    assert ended.returncode == 2
    assert port in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_broken_plugin_that_the_configuration_needs_is_one_line(tmp_path: Path) -> None:
    """A distribution by hand: a module that fails as it is imported, and its entry point."""
    (tmp_path / "gateway_broken.py").write_text("raise RuntimeError('out of order')\n")
    info = tmp_path / "babelgate_broken-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: babelgate-broken\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[gateway.plugins]\nbroken = gateway_broken\n")
    file = tmp_path / "babelgate.toml"
    file.write_text('[upstreams.b]\nbackend = "broken"\n\n[groups.default.models]\n"*" = "b/x"\n')

    ended = _serve(tmp_path, "--config", str(file), "--port", "0")

    assert ended.returncode == 2
    missing = [word for word in ("broken", "1.2", "out of order") if word not in ended.stderr]
    assert not missing, ended.stderr
    assert "Traceback" not in ended.stderr


def _serve(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(folder)}
    command = [str(BABELGATE), "serve", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, text=True, timeout=20, check=False
    )
