from __future__ import annotations

from gateway.losses import Loss, Losses
from gateway.model import (
    ChatRequest,
    Media,
    Message,
    Opaque,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from gateway_local.words import in_words

IMAGE = Media("image", "image/png", data="aGk=")


def test_text_alone_stays_as_it_is():
    request = ChatRequest("m", [Message("user", [Text("hello")])])
    losses = Losses()

    assert in_words(request, losses) == request
    assert not list(losses)


def test_tools_are_left_out_and_recorded_as_losses_of_meaning():
    request = ChatRequest("m", [], tools=[Tool("f")], tool_choice=ToolChoice("required"))
    losses = Losses()

    changed = in_words(request, losses)

    assert (changed.tools, changed.tool_choice) == (None, None)
    assert [loss.path for loss in losses.of_meaning] == ["tools", "tool_choice"]


def test_calls_and_results_of_earlier_turns_are_told_in_words():
    request = ChatRequest(
        "m",
        [
            Message("assistant", [ToolCall("c", "weather", '{"city":"Paris"}')]),
            Message("user", [ToolResult("c", [Text("mild"), IMAGE, Opaque("claude", {})])]),
        ],
    )
    losses = Losses()

    call, result = in_words(request, losses).messages

    assert call.parts == [Text('[called weather with {"city":"Paris"}]')]
    assert result.parts == [Text("[result] mild\n[image left out]\n")]


def test_an_image_leaves_a_mark_and_a_loss():
    losses = Losses()

    [message] = in_words(ChatRequest("m", [Message("user", [IMAGE])]), losses).messages

    assert message.parts == [Text("[image left out]")]
    assert list(losses) == [Loss("media.image", "the demo model can't read image parts", "meaning")]
