"""MM1: media are never dropped in silence."""

from __future__ import annotations

from tests.clients.gateway_process import Gateway
from tests.clients.http import chat, error_of, post
from tests.scripted import Scripted

DOT = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGA"
    "WjR9awAAAABJRU5ErkJggg=="
)


def _image(source: dict[str, str]) -> list[dict[str, object]]:
    content = [{"type": "text", "text": "What is it?"}, {"type": "image", "source": source}]
    return [{"role": "user", "content": content}]


def test_mm1_an_image_of_a_claude_client_reaches_a_chat_upstream(
    babelgate: Gateway, upstream: Scripted
) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": DOT}

    post(babelgate, "/openai/v1/messages", chat("claude", "say-text", messages=_image(source)))

    part = upstream.last.body["messages"][0]["content"][1]
    assert part["image_url"]["url"] == f"data:image/png;base64,{DOT}"


def test_mm1_an_image_that_cannot_be_carried_is_refused_where_losses_are(
    babelgate: Gateway, upstream: Scripted
) -> None:
    """A file id of one provider means nothing to another."""
    source = {"type": "file", "file_id": "file_011"}
    body = chat("claude", "say-text", messages=_image(source))

    reply = post(babelgate, "/strict/v1/messages", body)

    assert reply.status == 400
    assert "file_011" in error_of("claude", reply)["message"]
    assert upstream.requests == []


def test_mm1_the_rest_of_the_request_goes_on_where_losses_are_noted(
    babelgate: Gateway, upstream: Scripted
) -> None:
    source = {"type": "file", "file_id": "file_011"}
    body = chat("claude", "say-text", messages=_image(source))

    reply = post(babelgate, "/openai/v1/messages", body)

    assert reply.status == 200
    assert "What is it?" in str(upstream.last.body["messages"])
