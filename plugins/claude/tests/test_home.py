"""Law 1: what a client of this dialect sent is written to a Claude target as it was."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from anthropic.types.beta import MessageCreateParams as BetaMessageCreateParams
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.attempt import Attempt, Target
from gateway.losses import Losses
from gateway.wire import InboundWire
from gateway_claude.inbound import read_request
from gateway_claude.outbound import write_count, write_request

MARK = {"type": "ephemeral"}
PNG = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}


def blocks(*content: dict[str, Any], role: str = "user") -> dict[str, Any]:
    return {"messages": [{"role": role, "content": list(content)}]}


def test_every_recorded_request_comes_back_equal(capture, wire, attempt):
    inbound = wire(
        capture["body"], capture["path"], query=capture["query"], headers=capture["headers"]
    )
    one = attempt("claude", model=capture["body"]["model"])

    out = write_request(read_request(inbound, Losses()), one)

    assert orjson.dumps(out.body) == orjson.dumps(capture["body"])
    assert out.path == capture["path"].removeprefix("/v1")
    assert dict(out.query) == capture["query"]
    assert dict(out.headers) == capture["headers"]
    assert one.losses.entries == []


@pytest.mark.parametrize(
    "body",
    [
        {"system": "You are kind."},
        {"system": ""},
        {"system": []},
        {"system": [{"type": "text", "text": "s", "cache_control": {**MARK, "ttl": "1h"}}]},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "user", "content": []}]},
        {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]},
        {"messages": [{"role": "system", "content": "s", "output_config": {"effort": "low"}}]},
        blocks({"type": "text", "text": "a", "citations": [{"type": "x"}]}, role="assistant"),
        blocks({"type": "image", "source": PNG, "cache_control": MARK, "transformations": {}}),
        blocks({"type": "image", "source": {"type": "url", "url": "https://a/b.png"}}),
        blocks({"type": "image", "source": {"type": "file", "file_id": "file_1"}}),
        blocks({"type": "image", "source": {"type": "file", "file_id": "f", "new": 1}}),
        blocks({"type": "image", "source": {"type": "hologram", "x": 1}}),
        blocks(
            {
                "type": "document",
                "source": {"type": "text", "media_type": "text/plain", "data": "Grüße"},
                "title": "T",
                "context": "C",
                "citations": {"enabled": True},
            }
        ),
        blocks({"type": "document", "source": {"type": "content", "content": "words"}}),
        blocks({"type": "search_result", "source": "s", "title": "t", "content": []}),
        blocks({"type": "tool_result", "tool_use_id": "t"}),
        blocks({"type": "tool_result", "tool_use_id": "t", "content": "", "is_error": False}),
        blocks({"type": "tool_result", "tool_use_id": "t", "content": [], "is_error": True}),
        blocks(
            {"type": "thinking", "thinking": "", "signature": "s1"},
            {"type": "redacted_thinking", "data": "d1"},
            {"type": "tool_use", "id": "t", "name": "f", "input": {}, "caller": {"type": "direct"}},
            role="assistant",
        ),
        blocks(
            {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
            {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
            {"type": "text", "text": "so"},
            role="assistant",
        ),
        {"thinking": {"type": "enabled", "budget_tokens": 99_999, "display": "omitted"}},
        {"thinking": {"type": "adaptive", "display": "updates", "block_binding": {}}},
        {"thinking": {"type": "between_tools"}},
        {"output_config": {"task_budget": {"type": "tokens", "total": 5}, "effort": "max"}},
        {"output_config": {}},
        {"output_config": {"format": {"type": "json_schema", "schema": {"a": 1}, "new": 2}}},
        {"output_format": {"type": "json_schema", "schema": {"a": 1}}},
        {"metadata": {}},
        {"metadata": {"user_id": "u", "more": 1}},
        {"tools": []},
        {"tools": [{"name": "f", "type": "custom", "input_schema": {}, "strict": True}]},
        {"tools": [{"name": "f", "input_schema": {"x": 1}, "defer_loading": True}]},
        {"tools": [{"type": "mcp_toolset", "mcp_server_name": "files"}]},
        {"tool_choice": {"type": "any", "disable_parallel_tool_use": False}},
        {"tool_choice": {"type": "tool", "name": "f"}},
        {"tool_choice": {"type": "lottery"}},
        {"temperature": 1, "top_p": 0.5, "top_k": 4, "stop_sequences": ["\n"]},
        {"stream": False, "service_tier": "auto", "container": "c", "cache_control": MARK},
        {"safeguards": [{"type": "dangerous_tool_use", "classifier_context": {"v": 1}}]},
    ],
    ids=lambda body: orjson.dumps(body).decode()[:60],
)
def test_what_claude_knows_comes_back_equal(home, body):
    whole = {"model": "m", "max_tokens": 64, "messages": [], **body}

    assert home(body) == whole


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=4)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text("abc", min_size=1), inner, max_size=2)
    ),
    max_leaves=4,
)
OBJECT = st.dictionaries(st.text("abc", min_size=1), JSON, max_size=2)
MORE = st.dictionaries(st.sampled_from(["later", "x_new"]), JSON, max_size=1)
SOME_TEXT = st.text(min_size=1, max_size=8)


def block(**fields):
    made = {key: st.just(v) if isinstance(v, str) else v for key, v in fields.items()}
    optional = {"cache_control": st.sampled_from([MARK, {**MARK, "ttl": "5m"}])}
    return st.tuples(st.fixed_dictionaries(made, optional=optional), MORE).map(
        lambda both: {**both[1], **both[0]}
    )


PLAIN = st.one_of(
    block(type="text", text=SOME_TEXT),
    block(type="image", source=st.just(PNG)),
    block(type="later_block", payload=JSON),
)
RESULT = block(
    type="tool_result",
    tool_use_id="t",
    content=st.one_of(st.text(max_size=4), st.lists(PLAIN, max_size=2)),
    is_error=st.booleans(),
)
TURN = st.one_of(
    PLAIN,
    RESULT,
    block(type="tool_use", id="t", name="f", input=OBJECT),
    block(type="thinking", thinking=st.text(max_size=4), signature=SOME_TEXT),
)
MESSAGE = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant", "system"]),
        "content": st.one_of(st.text(max_size=5), st.lists(TURN, max_size=3)),
    }
)
BODY = st.tuples(
    MORE,
    st.fixed_dictionaries(
        {
            "model": st.just("m"),
            "max_tokens": st.integers(1, 9000),
            "messages": st.lists(MESSAGE, max_size=3),
        },
        optional={
            "system": st.one_of(st.text(max_size=4), st.lists(block(type="text", text=SOME_TEXT))),
            "stream": st.booleans(),
            "tools": st.lists(block(name="f", description=SOME_TEXT, input_schema=OBJECT)),
            "output_config": st.fixed_dictionaries({}, optional={"effort": SOME_TEXT, "b": JSON}),
        },
    ),
).map(lambda both: {**both[0], **both[1]})


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(BODY)
def test_any_body_comes_back_equal_and_the_same_bytes_each_time(body):
    def once() -> Any:
        wire = InboundWire("POST", "/v1/messages", body=orjson.dumps(body))
        target = Target("anthropic", "m", "claude", "claude")
        return write_request(read_request(wire, Losses()), Attempt(target, client="claude")).body

    assert once() == body
    assert orjson.dumps(once()) == orjson.dumps(once())


def test_the_sdks_beta_types_accept_what_is_written(capture, wire, attempt, judged):
    body = {"max_tokens": 1, **capture["body"]}
    one = attempt("claude", model=body["model"])

    out = write_request(read_request(wire(body), Losses()), one)

    judged(BetaMessageCreateParams, out.body)


def test_us2_counting_sends_the_clients_payload_and_only_what_counts(read, attempt):
    request = read(
        {"temperature": 1, "stream": True, "metadata": {"user_id": "u"}, "tools": []},
        query={"beta": "true"},
        headers={"anthropic-beta": "x"},
    )

    out = write_count(request, attempt("claude", model="m"))

    assert out.path == "/messages/count_tokens"
    assert out.body == {"model": "m", "messages": [], "tools": []}
    assert (out.query, out.headers) == ({"beta": "true"}, {"anthropic-beta": "x"})


def test_a_proxy_key_in_the_query_goes_nowhere(read, attempt):
    request = read({}, query={"key": "cs-secret", "beta": "true"})

    assert write_request(request, attempt("claude")).query == {"beta": "true"}


def test_configured_defaults_lie_beneath_and_params_on_top(home):
    body = home(
        {"temperature": 0.2}, defaults={"temperature": 0.7, "top_k": 5}, params={"max_tokens": 9}
    )

    assert (body["temperature"], body["top_k"], body["max_tokens"]) == (0.2, 5, 9)


def test_ec1_an_empty_text_is_dropped_when_others_remain(home):
    body = home(
        blocks({"type": "text", "text": "a"}, {"type": "text", "text": "", "cache_control": MARK})
    )

    assert body["messages"][0]["content"] == [{"type": "text", "text": "a", "cache_control": MARK}]


def test_pc4_no_empty_block_is_ever_stamped(home):
    result = {
        "type": "tool_result",
        "tool_use_id": "t",
        "content": [{"type": "text", "text": "", "cache_control": MARK}],
    }

    body = home({"system": [{"type": "text", "text": "", "cache_control": MARK}], **blocks(result)})

    assert "cache_control" not in str(body)
    assert "system" not in body


def test_tk5_replayed_thinking_keeps_its_bytes_through_a_tool_loop(wire, attempt):
    """Signed, signature-only and redacted thinking between calls: the same blocks, in order."""
    history = [
        {"role": "user", "content": "go"},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "first \u00e9", "signature": "c2ln"},
                {"type": "redacted_thinking", "data": "b3BhcXVl"},
                {"type": "thinking", "thinking": "", "signature": "b25seQ=="},
                {"type": "text", "text": "Looking."},
                {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"b": 1, "a": 2}},
            ],
        },
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}],
        },
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "second", "signature": "c2lnMg=="},
                {"type": "text", "text": "Done."},
            ],
        },
        {"role": "user", "content": "and?"},
    ]
    body = {"model": "c", "max_tokens": 9, "messages": history}
    one = attempt("claude", model="c")

    out = write_request(read_request(wire(body), Losses()), one)

    assert isinstance(out.body, dict)
    assert orjson.dumps(out.body["messages"]) == orjson.dumps(history)
    assert one.losses.entries == []
