"""PC1-PC3: prompt caches keep working across dialects."""

from __future__ import annotations

import json
from typing import Any

from tests.clients.gateway_process import Gateway
from tests.clients.http import PATHS, chat, post
from tests.scripted import Scripted

MARKER = {"type": "ephemeral"}
MARKED = {"type": "text", "text": "A long document.", "cache_control": MARKER}


def test_pc1_cache_markers_of_a_chat_client_reach_claude(
    babelgate: Gateway, upstream: Scripted
) -> None:
    messages = [
        {"role": "system", "content": [MARKED]},
        {"role": "user", "content": [MARKED, {"type": "text", "text": "Sum it up."}]},
    ]

    post(babelgate, "/claude/v1/chat/completions", chat("openai", "say-text", messages=messages))

    body = upstream.last.body
    assert body["system"] == [MARKED]
    assert body["messages"][0]["content"][0] == MARKED


def test_pc2_cache_markers_do_not_leak_to_an_openai_upstream(
    babelgate: Gateway, upstream: Scripted
) -> None:
    tool = {"name": "look", "input_schema": {"type": "object"}, "cache_control": MARKER}
    body = chat(
        "claude",
        "say-text",
        system=[MARKED],
        tools=[tool],
        messages=[{"role": "user", "content": [MARKED]}],
    )

    post(babelgate, "/openai/v1/messages", body)

    assert "cache_control" not in upstream.last.raw
    assert "A long document." in upstream.last.raw


def test_pc2_a_moving_marker_leaves_the_prefix_byte_for_byte_the_same(
    babelgate: Gateway, upstream: Scripted
) -> None:
    first = {"role": "user", "content": [{"type": "text", "text": "One."}]}
    marked = {
        "role": "user",
        "content": [{"type": "text", "text": "One.", "cache_control": MARKER}],
    }
    answer = {"role": "assistant", "content": [{"type": "text", "text": "Two."}]}
    last = {
        "role": "user",
        "content": [{"type": "text", "text": "Three.", "cache_control": MARKER}],
    }

    for messages in ([marked], [first, answer, last]):
        body = chat("claude", "say-text", messages=messages)
        post(babelgate, "/openai/v1/messages", body)

    before, after = (json.dumps(seen.body["messages"]) for seen in upstream.requests)
    assert after.startswith(before.removesuffix("]"))


def test_pc3_the_cache_key_survives_at_home(babelgate: Gateway, upstream: Scripted) -> None:
    body = chat("openai", "say-text", prompt_cache_key="session-7")

    post(babelgate, "/openai/v1/chat/completions", body)

    assert upstream.last.body["prompt_cache_key"] == "session-7"


def test_pc3_a_claude_session_becomes_a_cache_key(babelgate: Gateway, upstream: Scripted) -> None:
    for session in ("one", "one", "two"):
        post(babelgate, "/openai/v1/messages", _of_session(session))

    keys = [seen.body["prompt_cache_key"] for seen in upstream.requests]
    assert all(keys)
    assert keys[0] == keys[1] != keys[2]


def _of_session(session: str) -> dict[str, Any]:
    """Claude Code 2.1 names device, account and session as JSON in a string."""
    user = json.dumps({"device_id": "d", "account_uuid": "", "session_id": session})
    return chat("claude", "say-text", metadata={"user_id": user})


def test_pc3_a_cache_key_of_a_chat_client_is_not_lost_in_silence(
    babelgate: Gateway, upstream: Scripted
) -> None:
    """Claude has no such field; the request goes through and carries nothing unknown."""
    body = chat("openai", "say-text", prompt_cache_key="session-7")

    reply = post(babelgate, f"/claude{PATHS['openai']}", body)

    assert reply.status == 200
    assert "prompt_cache_key" not in upstream.last.body
