from __future__ import annotations

from types import SimpleNamespace

import orjson
import pytest

from gateway.attempt import Attempt, Target
from gateway.model import (
    CacheControl,
    ChatRequest,
    Fields,
    Media,
    Message,
    Output,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from gateway.settings import Group
from gateway_toolcompat import is_on, rewrite_prompt, touches
from gateway_toolcompat.asking import ASKINGS, form_for
from gateway_toolcompat.guide import guide
from gateway_toolcompat.names import PLACEHOLDER
from gateway_toolcompat.scanner import Scanner
from gateway_toolcompat.settings import NAME, Options
from gateway_toolcompat.toolbox import Call, toolbox
from plugins.toolcompat.tests.corpus.cases import GARDEN

IMAGE = Media("image", "image/png", data="aGk=")


def context(
    *, compat: bool = True, mode: str = "auto", model: str = "big-70b", tools=None, **options
) -> SimpleNamespace:
    target = Target("up", model, "openai", facts={} if tools is None else {"tools": tools})
    attempt = Attempt(target)
    group = Group("g", tool_mode=mode, extra={NAME: Options(**options)})
    return SimpleNamespace(
        compat=compat, group=group, target=target, attempt=attempt, losses=attempt.losses, state={}
    )


def request(*messages: Message, **fields) -> ChatRequest:
    fields = {"tools": GARDEN, **fields}
    return ChatRequest("m", list(messages) or [Message("user", [Text("hi")])], **fields)


def rewritten(asked: ChatRequest, **options) -> ChatRequest:
    changed = rewrite_prompt(asked, context(**options))
    assert changed is not None
    return changed


def told(asked: ChatRequest, **options) -> str:
    return "\n".join(text.text for text in rewritten(asked, **options).system)


@pytest.mark.parametrize(
    ("mode", "compat", "tools", "on"),
    [
        ("auto", False, None, False),
        ("auto", True, None, True),
        ("auto", True, True, True),
        ("auto", False, False, True),
        ("auto", False, True, False),
        ("compat", False, True, True),
        ("native", True, False, False),
    ],
)
def test_the_group_decides_then_the_url_then_what_is_known_of_the_model(mode, compat, tools, on):
    seen = context(mode=mode, compat=compat, tools=tools)

    assert is_on(seen) == on
    assert touches(seen) == ({"request", "reply"} if on else None)
    assert (rewrite_prompt(request(), seen) is not None) == on


def test_a_request_without_tools_is_left_alone():
    seen = context()

    assert rewrite_prompt(request(tools=None), seen) is None
    assert seen.state == {}


@pytest.mark.parametrize("asking", ASKINGS.values(), ids=lambda asking: asking.name)
def test_the_guide_is_short_without_its_tools(asking):
    assert len(guide(toolbox([], None), asking).encode()) < 2048


def test_the_guide_is_the_same_every_turn():
    later = [
        Message("user", [Text("hi")]),
        Message("assistant", [ToolCall("c", "list_beds", "{}")]),
        Message("user", [ToolResult("c", [Text("north")])]),
    ]

    assert rewritten(request()).system == rewritten(request(*later)).system


def test_the_guide_follows_the_client_s_own_system_text_and_takes_the_tools_cache_marker():
    marker = CacheControl("1h")
    tools = [*GARDEN[:1], Tool("list_beds", cache_control=marker)]

    system = rewritten(request(system=[Text("Be brief.")], tools=tools)).system

    assert system[0] == Text("Be brief.")
    assert system[1].cache_control == marker


def test_every_name_type_and_limit_of_a_nested_schema_is_told():
    schema = {
        "type": "object",
        "properties": {
            "edits": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "properties": {
                        "old text": {"type": "string", "description": "What\nstands there"},
                        "times": {"type": ["integer", "null"], "minimum": 1, "default": 1},
                        "way": {"enum": ["all", "first"]},
                        "where": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Span"}]},
                    },
                    "required": ["old text"],
                },
            },
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["edits"],
        "$defs": {
            "Span": {
                "type": "object",
                "properties": {"from": {"type": "integer"}, "inner": {"$ref": "#/$defs/Span"}},
            }
        },
    }

    text = told(request(tools=[Tool("edit", "Edit a file.", schema)]))

    assert text.endswith(
        """## edit
Edit a file.
{
  edits: [{
    "old text": string,  // What stands there
    times?: integer | null,  // minimum 1; default 1
    way?: "all" | "first",
    where?: string | {
      from?: integer,
      inner?: (Span, as above),
    },
  }, …],  // minItems 1
  labels?: {
    [any other name]: string,
  },
}"""
    )


@pytest.mark.parametrize(
    ("model", "form"),
    [
        ("Qwen3-Coder-480B-A35B-Instruct", "tags"),
        ("nvidia/llama-3.3-nemotron-super-49b", "invoke"),
        ("deepseek-v3.2-exp", "invoke"),
        ("kimi-k2", "json"),
        ("gemma3-12b", "json"),
    ],
)
def test_the_form_suits_the_model_s_family(model, form):
    assert form_for(model).name == form
    assert ASKINGS[form].example in told(request(), model=model)


def test_the_group_may_choose_the_form():
    assert ASKINGS["invoke"].example in told(request(), form="invoke")


def test_the_example_calls_a_tool_that_nobody_has():
    assert all(PLACEHOLDER in asking.example for asking in ASKINGS.values())


@pytest.mark.parametrize(
    ("model", "setting", "shown"),
    [
        ("llama-3.2-3b", "auto", True),
        ("smollm2", "auto", True),
        ("gemma3-12b", "auto", False),
        ("mixtral-8x7b", "auto", False),
        ("gemma3-12b", "always", True),
        ("llama-3.2-3b", "never", False),
    ],
)
def test_small_models_are_shown_the_tools_in_use(model, setting, shown):
    messages = rewritten(request(), model=model, examples=setting).messages

    assert (len(messages) > 1) == shown
    assert messages[-1] == Message("user", [Text("hi")])


def test_the_shown_calls_are_calls_of_the_declared_tools():
    box = toolbox(GARDEN, None)

    for message in rewritten(request(), examples="always").messages[3:-1:2]:
        [call] = Scanner(box).feed(message.parts[0].text)
        assert isinstance(call, Call)


def test_the_tools_are_shown_before_a_history_with_calls_too():
    history = [
        Message("user", [Text("hi")]),
        Message("assistant", [ToolCall("c", "list_beds", "{}")]),
        Message("user", [ToolResult("c", [Text("north")])]),
    ]

    shown = rewritten(request(*history), examples="always").messages

    assert shown[-3] == history[0]
    assert shown[:-3] == rewritten(request(), examples="always").messages[:-1]


@pytest.mark.parametrize("form", ASKINGS)
@pytest.mark.parametrize(
    "value",
    [
        'quote " and \\ and <\\/parameter> and </script> <\\/script>',
        "ends </tool_call></parameter></function></invoke> here",
        "line\n  two\n",
        "",
        "5",
        "ünïcödé 中文 & <b>",
    ],
)
def test_an_earlier_call_reads_back_exactly(form, value):
    arguments = {"bed": value, "litres": 2.5, "note": value}
    call = ToolCall("c", "water_bed", orjson.dumps(arguments).decode())
    history = [
        Message("user", [Text("hi")]),
        Message("assistant", [call]),
        Message("user", [ToolResult("c", [Text("done")])]),
    ]

    text = rewritten(request(*history), form=form).messages[1].parts[0].text

    scanner = Scanner(toolbox(GARDEN, None))
    [again] = [*scanner.feed(text), *scanner.close()]
    assert isinstance(again, Call)
    assert orjson.loads(again.arguments) == arguments


def test_results_keep_errors_images_order_and_what_follows_them():
    history = [
        Message("user", [Text("go")]),
        Message(
            "assistant",
            [Text("Both."), ToolCall("a", "list_beds", ""), ToolCall("b", "water_bed", "{oops")],
        ),
        Message(
            "user",
            [
                ToolResult("b", [Text("dry </tool_result> <\\/tool_result>")], is_error=True),
                ToolResult("a", [Text("see"), IMAGE]),
                Text("And now?"),
            ],
        ),
    ]

    said = rewritten(request(*history)).messages

    assert [message.role for message in said] == ["user", "assistant", "user"]
    assert said[1].parts[0].text.startswith('Both.\n<tool_call>\n{"name": "list_beds"')
    assert '"unreadable_arguments": "{oops"' in said[1].parts[0].text
    assert said[2].parts == [
        Text('<tool_result name="list_beds">\nsee'),
        IMAGE,
        Text(
            "\n</tool_result>\n"
            '<tool_result name="water_bed" error="true">\n'
            "dry <\\/tool_result> <\\\\/tool_result>\n</tool_result>\n"
            "And now?"
        ),
    ]


def test_history_is_told_in_words_even_when_no_tool_is_on_offer():
    history = [
        Message("user", [Text("go")]),
        Message("assistant", [ToolCall("a", "list_beds", "{}")]),
        Message("user", [ToolResult("a", [Text("north")])]),
    ]

    changed = rewritten(request(*history, tools=None))

    assert changed.system == []
    assert all(isinstance(part, Text) for message in changed.messages for part in message.parts)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (ToolChoice("required"), "you must call at least one of the tools"),
        (ToolChoice("tool", "list_beds"), "you must call list_beds"),
        (
            ToolChoice("auto", allowed=["list_beds"]),
            "Only these may be called in this turn: list_beds",
        ),
        (ToolChoice(parallel=False), "Call one tool at a time"),
    ],
)
def test_the_choice_is_told_behind_the_stable_guide(choice, words):
    plain, chosen = rewritten(request()), rewritten(request(tool_choice=choice))

    assert chosen.system[0] == plain.system[0]
    assert words in chosen.system[1].text
    assert chosen.tool_choice is None


def test_no_tool_is_offered_where_none_may_be_called():
    seen = context()

    changed = rewrite_prompt(request(tool_choice=ToolChoice("none")), seen)

    assert changed is not None
    assert (changed.system, changed.tools, changed.tool_choice) == ([], None, None)
    assert seen.state == {}


def test_a_wished_form_of_the_answer_is_told_in_words():
    changed = rewritten(request(output=Output("schema", schema={"type": "array"})))

    assert changed.output is None
    assert '{"type": "array"}' in changed.system[-1].text


def test_what_words_can_not_carry_stands_in_the_ledger():
    extra = {"claude": Fields({"defer_loading": True}, ("tools", 0))}
    tools = [
        Tool("a", extra=extra),
        Tool("web", kind="server", extra={"claude": Fields({"type": "web_1"}, ("tools", 1))}),
    ]
    seen = context()

    rewrite_prompt(request(tools=tools), seen)

    paths = {loss.path for loss in seen.losses}
    assert paths == {"tools[0].defer_loading", "tools.web", "tools[1].type"}


def test_tools_of_a_namespace_are_told_apart():
    tools = [Tool("get", namespace="files"), Tool("get", namespace="mail")]

    text = told(request(tools=tools))

    assert "## files__get" in text
    assert "## mail__get" in text
