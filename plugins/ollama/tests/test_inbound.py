"""A client's request, read into the neutral model."""

from __future__ import annotations

import pytest

from gateway.errors import BadRequest
from gateway.model import Media, Output, Reasoning, Text, Thinking, ToolCall, ToolResult

HI = {"role": "user", "content": "hi"}


def asks(*names, **ids):
    calls = [{"function": {"name": name, "arguments": {"n": at}}} for at, name in enumerate(names)]
    for at, call_id in ids.items():
        calls[int(at[1:])]["id"] = call_id
    return {"role": "assistant", "content": "", "tool_calls": calls}


def answers(text, **more):
    return {"role": "tool", "content": text, **more}


def pairs(messages):
    """Which result answers which call, as (tool, number of the call, text)."""
    calls = {p.id: p for m in messages for p in m.parts if isinstance(p, ToolCall)}
    results = [p for m in messages for p in m.parts if isinstance(p, ToolResult)]
    return [(calls[r.call_id].arguments, r.parts[0].text) for r in results]


def test_a_request_without_stream_is_streamed(ollama):
    assert ollama.read({"messages": [HI]}).stream is True
    assert ollama.read({"messages": [HI], "stream": False}).stream is False
    assert ollama.read({"prompt": "hi"}, "/api/generate").stream is True


@pytest.mark.parametrize(
    ("start", "mime"),
    [
        ("iVBORw0KGgoAAAANSUhEUg", "image/png"),
        ("/9j/4AAQSkZJRg", "image/jpeg"),
        ("R0lGODlhAQABAA", "image/gif"),
        ("UklGRhoAAABXRUJQ", "image/webp"),
        ("data:image/avif;base64,AAAA", "image/avif"),
        ("AAAA", "image/png"),
    ],
)
def test_mm1_an_image_is_known_by_its_first_bytes(ollama, start, mime):
    (message,) = ollama.messages({"role": "user", "content": "see", "images": [start]})

    text, image = message.parts
    assert text == Text("see")
    assert (image.kind, image.mime, image.data) == ("image", mime, start.rpartition(",")[2])


def test_thoughts_come_before_what_was_said(ollama):
    _, message = ollama.messages(HI, {"role": "assistant", "content": "a", "thinking": "t"})

    assert message.parts == [Thinking("t"), Text("a")]


def test_results_answer_the_open_calls_of_their_name_in_order(ollama):
    messages = ollama.messages(
        HI,
        asks("f", "g", "f"),
        answers("first f", tool_name="f"),
        answers("the g", tool_name="g"),
        answers("second f", tool_name="f"),
    )

    assert pairs(messages) == [
        ('{"n":0}', "first f"),
        ('{"n":1}', "the g"),
        ('{"n":2}', "second f"),
    ]
    assert [message.role for message in messages] == ["user", "assistant", "user"]


def test_results_without_a_name_answer_in_order(ollama):
    messages = ollama.messages(HI, asks("f", "g"), answers("one"), answers("two"))

    assert pairs(messages) == [('{"n":0}', "one"), ('{"n":1}', "two")]


def test_results_with_an_id_answer_the_call_of_that_id(ollama):
    messages = ollama.messages(
        HI,
        asks("f", "f", _0="a", _1="b"),
        answers("of b", tool_call_id="b", tool_name="f"),
        answers("of a", tool_call_id="a", tool_name="f"),
    )

    assert pairs(messages) == [('{"n":1}', "of b"), ('{"n":0}', "of a")]


def test_an_id_comes_from_position_and_content(ollama):
    def ids(*said):
        parts = [p for m in ollama.messages(*said) for p in m.parts]
        return [p.id for p in parts if isinstance(p, ToolCall)]

    first = ids(HI, asks("f", "f"))

    assert first == ids(HI, asks("f", "f"), answers("x", tool_name="f"))
    assert len(set(first)) == 2
    assert first != ids(HI, HI, asks("f", "f"))


def test_a_prompt_is_a_conversation_of_one_turn(ollama):
    body = {"prompt": "what?", "system": "be kind", "images": ["/9j/4AAQ"], "suffix": "s"}

    request = ollama.read(body, "/api/generate")

    assert request.system == [Text("be kind")]
    assert request.messages[0].parts == [
        Text("what?"),
        Media("image", mime="image/jpeg", data="/9j/4AAQ"),
    ]
    assert request.extra["ollama"]["suffix"] == "s"


@pytest.mark.parametrize(
    ("think", "mode", "effort"),
    [(True, "on", None), (False, "off", None), ("low", "adaptive", "low")],
)
def test_thinking_is_a_switch_or_a_level(ollama, think, mode, effort):
    reasoning = ollama.read({"messages": [HI], "think": think}).reasoning

    assert isinstance(reasoning, Reasoning)
    assert (reasoning.mode, reasoning.effort) == (mode, effort)


def test_options_become_sampling_and_what_is_left_stays_for_home(ollama):
    options = {"temperature": 0.5, "num_predict": 9, "stop": ["x"], "min_p": 0.1, "num_ctx": 4096}

    request = ollama.read({"messages": [HI], "options": options})

    sampling = request.sampling
    assert (sampling.temperature, sampling.max_tokens, sampling.stop) == (0.5, 9, ["x"])
    kept = request.extra["ollama"]
    assert (kept["options.min_p"], kept["options.num_ctx"]) == (0.1, 4096)


def test_a_limit_that_is_none_is_not_a_limit(ollama):
    request = ollama.read({"messages": [HI], "options": {"num_predict": -1}})

    assert request.sampling.max_tokens is None
    assert request.extra["ollama"]["options.num_predict"] == -1


def test_a_format_is_json_or_a_schema(ollama):
    schema = {"type": "object"}

    assert ollama.read({"messages": [HI], "format": "json"}).output == Output("json")
    assert ollama.read({"messages": [HI], "format": schema}).output.schema == schema
    assert ollama.read({"messages": [HI], "format": ""}).output is None


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "wizard"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": []}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "images": [7]}]}, "messages[0].images[0]"),
        ({"messages": [asks("f") | {"tool_calls": [{}]}]}, "messages[0].tool_calls[0].function"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"format": "yaml"}, "format"),
        ({"think": "a lot"}, "think"),
        ({"options": {"temperature": "warm"}}, "options.temperature"),
        ({"options": {"stop": [1]}}, "options.stop[0]"),
        ({"stream": "no"}, "stream"),
    ],
)
def test_a_wrong_value_is_refused_by_its_path(ollama, body, param):
    with pytest.raises(BadRequest) as refused:
        ollama.read(body)

    assert refused.value.param == param
