from __future__ import annotations

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.context import Call
from gateway.errors import UpstreamError
from gateway.events import Delta, Event, PartStart
from gateway.fold import ChatReply, collect
from gateway.hooks import Backend
from gateway.model import ChatRequest, Fields, Message, Text, Thinking, Tool, ToolCall, ToolResult
from gateway.settings import UpstreamSettings
from gateway.upstream import Upstream
from gateway_echo import call_backend, offer_fallback, register_backends
from gateway_echo.shape import sample

WEATHER = Tool(
    "get_weather",
    schema={
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}, "days": {}},
        "required": ["city", "unit"],
    },
)


def asked(text: str, model: str = "echo", **fields) -> Call:
    request = ChatRequest(model, [Message("user", [Text(text)])], **fields)
    return call_of(request, model)


def call_of(request: ChatRequest, model: str = "echo") -> Call:
    [backend] = register_backends()
    upstream = Upstream(UpstreamSettings("practice", "echo"), backend)
    return Call(request, Attempt(Target("practice", model, "echo")), backend, upstream)


async def batches_of(call: Call) -> list[list[Event]]:
    stream = call_backend(call)
    assert stream is not None
    return [batch async for batch in stream]


async def reply_to(call: Call) -> ChatReply:
    return collect(event for batch in await batches_of(call) for event in batch)


async def test_echo_repeats_the_last_words_and_says_that_it_is_echo():
    reply = await reply_to(asked("Good morning"))

    assert reply.parts == [Text("[echo] Good morning")]
    assert reply.finish.reason == "stop"


async def test_token_counts_are_marked_as_estimates():
    reply = await reply_to(asked("Good morning"))

    assert reply.usage is not None
    assert (reply.usage.source, reply.usage.input, reply.usage.output) == ("estimated", 7, 3)


@pytest.mark.parametrize(
    ("text", "model"), [("please echo-tool now", "echo"), ("the weather?", "echo-tool")]
)
async def test_a_word_in_the_message_or_the_model_asks_for_a_tool_call(text, model):
    reply = await reply_to(asked(text, model, tools=[WEATHER]))

    [call] = reply.parts
    assert isinstance(call, ToolCall)
    assert call.name == "get_weather"
    assert orjson.loads(call.arguments) == {"city": "echo", "unit": "C"}
    assert reply.finish.reason == "tool_use"


async def test_after_a_tool_result_echo_answers_with_it_and_calls_no_more():
    history = [
        Message("user", [Text("the weather?")]),
        Message("assistant", [ToolCall("c1", "get_weather", "{}")]),
        Message("user", [ToolResult("c1", [Text("21 degrees")])]),
    ]

    reply = await reply_to(
        call_of(ChatRequest("echo-tool", history, tools=[WEATHER]), model="echo-tool")
    )

    assert reply.parts == [Text("[echo] 21 degrees")]


async def test_without_tools_on_offer_nothing_is_called():
    reply = await reply_to(asked("hello", "echo-tool"))

    assert reply.parts == [Text("[echo] hello")]


async def test_a_free_form_tool_gets_plain_words():
    reply = await reply_to(asked("go", "echo-tool", tools=[Tool("run", kind="custom")]))

    [call] = reply.parts
    assert isinstance(call, ToolCall)
    assert (call.kind, call.arguments) == ("custom", "echo")


async def test_thinking_comes_before_the_text():
    reply = await reply_to(asked("why?", "echo-think"))

    assert reply.parts == [Thinking("[echo] I shall say the same."), Text("[echo] why?")]


async def test_the_slow_scene_gives_one_word_at_a_time():
    batches = await batches_of(asked("one two", "echo-slow"))

    words = [event.text for batch in batches for event in batch if isinstance(event, Delta)]
    assert words == ["[echo] ", "one ", "two"]
    assert all(sum(isinstance(event, Delta) for event in batch) <= 1 for batch in batches)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, "rate_limit"), (401, "authentication"), (500, "server")]
)
async def test_a_failure_has_the_status_that_its_name_asks_for(status, kind):
    with pytest.raises(UpstreamError) as caught:
        await reply_to(asked("hello", f"echo-fail-{status}"))

    assert (caught.value.status, caught.value.kind) == (status, kind)


async def test_what_echo_can_not_read_stands_in_the_ledger():
    call = asked("hello", extra={"openai": Fields({"service_tier": "flex"}, ())})

    await reply_to(call)

    assert [loss.path for loss in call.attempt.losses] == ["service_tier"]


def test_calls_of_other_backends_are_declined():
    call = asked("hello")
    call.backend = Backend("openai")

    assert call_backend(call) is None


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": ["integer", "null"], "minimum": 3}, 3),
        ({"type": "array", "items": {"type": "boolean"}, "minItems": 2}, [True, True]),
        ({"anyOf": [{"const": "a"}, {"type": "null"}]}, "a"),
        (
            {"properties": {"x": {"type": "number"}}, "required": ["x", "y"]},
            {"x": 1.5, "y": "echo"},
        ),
        ({"type": "string", "default": "day"}, "day"),
        (True, "echo"),
    ],
)
def test_arguments_have_the_shape_of_the_schema(schema, value):
    assert sample(schema) == value


async def test_a_call_opens_with_its_name_before_its_arguments():
    batches = await batches_of(asked("go", "echo-tool", tools=[WEATHER]))

    first = next(event for batch in batches for event in batch if isinstance(event, PartStart))
    assert (first.kind, first.name) == ("tool_call", "get_weather")


def test_echo_answers_where_nothing_else_does_and_says_what_it_is():
    offer = offer_fallback()

    assert (offer.upstream.backend, offer.model) == ("echo", "echo")
    assert offer.note.startswith("no model, an echo of what you say")
