from __future__ import annotations

import pytest

from gateway.errors import PromptTooLong
from gateway.model import ChatRequest, Message, Text
from gateway_local.length import refuse_if_too_long


def words(count: int) -> ChatRequest:
    return ChatRequest("m", [Message("user", [Text("word " * count)])])


def test_a_request_that_fits_passes():
    refuse_if_too_long(words(100), 8192)


def test_a_request_that_is_too_long_says_how_long_and_what_to_do():
    with pytest.raises(PromptTooLong) as caught:
        refuse_if_too_long(words(10_000), 8192)

    assert caught.value.status == 400
    assert caught.value.message.startswith(
        "prompt is too long: about 14004 tokens > 8192 maximum of the demo model"
    )
    assert "ANTHROPIC_API_KEY" in caught.value.message
    assert "OPENAI_API_KEY" in caught.value.message
