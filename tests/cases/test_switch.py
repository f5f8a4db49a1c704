"""/switch with real processes: a group is changed under a running session, and stays so."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests.clients.gateway_process import BABELGATE, Gateway, serve
from tests.clients.http import PATHS, chat, opened, post
from tests.scripted import Scripted

KEY = "admin-key-for-tests-0123456789"
ADMIN = {"Authorization": f"Bearer {KEY}"}
ENVIRON = {"ADMIN_KEY": KEY}
CONFIG = """
[server]
active = "one"
[store]
url = "sqlite:///state/gate.db"
[admin]
key = "env:ADMIN_KEY"
[upstreams.first]
dialect = "openai"
base_url = "{url}/first/v1"
keys = []
[upstreams.second]
dialect = "claude"
base_url = "{url}/second"
keys = []
[groups.one.models]
"*" = "first/*"
[groups.two.models]
"*" = "second/*"
"""
WITHIN = 10.0


@pytest.fixture
def config(upstream: Scripted) -> str:
    return CONFIG.format(url=upstream.url)


def command(folder: Path, *arguments: str) -> str:
    """Run `babelgate switch` beside the gateway's configuration, without its secrets."""
    done = subprocess.run(
        [BABELGATE, "switch", *arguments, "--config", folder / "babelgate.toml"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def answered_by(gateway: Gateway, upstream: Scripted) -> str:
    """Which upstream gets a request to /switch: the first segment of the path that it sees."""
    reply = post(gateway, f"/switch{PATHS['claude']}", chat("claude", "say-text"), {})
    assert reply.status == 200
    return upstream.last.path.split("/")[1]


def test_the_second_request_of_a_session_goes_to_the_new_group(
    config: str, upstream: Scripted, tmp_path: Path
) -> None:
    with serve(config, tmp_path, ENVIRON) as gateway:
        path, body = f"/switch{PATHS['claude']}", chat("claude", "say-text")
        first = post(gateway, path, body, {}).json
        assert upstream.last.path.startswith("/first/")

        assert command(tmp_path, "two") == "/switch leads to two from now on; before: one\n"

        answer = {"role": "assistant", "content": first["content"]}
        body["messages"] += [answer, {"role": "user", "content": "And then?"}]
        assert post(gateway, path, body, {}).status == 200
        assert upstream.last.path.startswith("/second/")
        assert [turn["role"] for turn in upstream.last.body["messages"]] == [
            *("user", "assistant", "user"),
        ]


def test_a_reply_under_way_stays_with_its_group(
    config: str, upstream: Scripted, tmp_path: Path
) -> None:
    with serve(config, tmp_path, ENVIRON) as gateway:
        body = chat("claude", "say-hang", stream=True)
        with opened(gateway, f"/switch{PATHS['claude']}", body, {}) as reply:
            assert reply.status == 200
            assert post(gateway, "/admin/switch", {"group": "two"}, ADMIN).status == 200
            assert answered_by(gateway, upstream) == "second"
            upstream.release()
            assert b"event: message_stop" in reply.read()
        assert upstream.requests[0].path.startswith("/first/")


def test_a_choice_holds_in_every_process_and_after_a_restart(
    config: str, upstream: Scripted, tmp_path: Path
) -> None:
    with serve(config, tmp_path, ENVIRON) as one, serve(config, tmp_path, ENVIRON) as other:
        assert [answered_by(each, upstream) for each in (one, other)] == ["first", "first"]

        assert post(one, "/admin/switch", {"group": "two"}, ADMIN).status == 200
        assert [answered_by(each, upstream) for each in (one, other)] == ["second", "second"]

    with serve(config, tmp_path, ENVIRON) as again:
        assert answered_by(again, upstream) == "second"


def test_a_changed_line_in_the_file_is_the_later_choice(
    config: str, upstream: Scripted, tmp_path: Path
) -> None:
    with serve(config, tmp_path, ENVIRON) as gateway:
        command(tmp_path, "two")
        assert answered_by(gateway, upstream) == "second"

        changed = config.replace('active = "one"\n', "").replace("groups.one.", "groups.default.")
        (tmp_path / "babelgate.toml").write_text(changed)

        assert _comes_to_be(gateway, "default")
        assert answered_by(gateway, upstream) == "first"
        assert "/switch leads to the group for URLs without one" in command(tmp_path)


def _comes_to_be(gateway: Gateway, group: str) -> bool:
    """Wait until the gateway has read its file again and `group` is active."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        if post(gateway, "/admin/switch", b"", ADMIN, "GET").json["group"] == group:
            return True
        time.sleep(0.05)
    return False
