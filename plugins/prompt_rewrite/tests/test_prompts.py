"""Where the text of a rule goes: beside the client's own pieces, and behind what is cached."""

from __future__ import annotations

from attrs import evolve

from gateway.model import (
    CacheControl,
    ChatRequest,
    Fields,
    Media,
    Message,
    Text,
    ToolCall,
    ToolResult,
)
from gateway_prompt_rewrite.prompts import placed
from gateway_prompt_rewrite.settings import PromptRule

HOUR = CacheControl("1h")
SYSTEM = [Text("You are Claude Code."), Text("Long rules.", cache_control=HOUR)]
IMAGE = Media("image", url="https://a.example/b.png")
ASKED = Message("user", [Text("Look."), IMAGE, Text("And?", cache_control=HOUR)])
CALLED = Message("assistant", [ToolCall("c1", "look", "{}")])
RESULT = Message("user", [ToolResult("c1", [Text("A cat.")])])


def system_after(system, **rule):
    return placed(ChatRequest("m", [], system=system), PromptRule(**rule)).system


def messages_after(*messages, **rule):
    request = ChatRequest("m", list(messages))
    return placed(request, PromptRule(position="last_user", **rule)).messages


def test_an_appended_text_is_the_last_behind_every_marker():
    assert system_after(SYSTEM, text="Be brief.") == [*SYSTEM, Text("Be brief.")]


def test_a_prepended_text_is_the_first():
    system = system_after(SYSTEM, text="Be brief.", mode="prepend")

    assert system == [Text("Be brief."), *SYSTEM]


def test_a_prepended_text_takes_over_how_the_system_text_begins():
    notes = {"openai": Fields({"$start": {"role": "developer"}}, ())}

    system = system_after([Text("Rules.", extra=notes)], text="Be brief.", mode="prepend")

    assert system == [Text("Be brief.", extra=notes), Text("Rules.")]


def test_a_replacing_text_takes_over_the_last_marker():
    system = system_after(SYSTEM, text="Be brief.", mode="replace")

    assert system == [Text("Be brief.", cache_control=HOUR)]


def test_a_replacing_text_keeps_the_form_and_nothing_of_the_content():
    extra = {"openai": Fields({"$start": {"role": "developer"}, "name": "x"}, ("messages", 0))}

    [text] = system_after([Text("Rules.", extra=extra)], text="Be brief.", mode="replace")

    assert dict(text.extra["openai"]) == {"$start": {"role": "developer"}}


def test_replacing_by_nothing_leaves_no_system_text():
    assert system_after(SYSTEM, text="", mode="replace") == []


def test_a_request_without_system_text_gets_one():
    for mode in ("append", "prepend", "replace"):
        assert system_after([], text="Be brief.", mode=mode) == [Text("Be brief.")]


def test_a_text_is_put_behind_the_last_message_of_the_user():
    earlier = Message("user", [Text("Hello.")])

    messages = messages_after(earlier, ASKED, text="In English.")

    assert messages == [earlier, evolve(ASKED, parts=[*ASKED.parts, Text("In English.")])]


def test_a_text_is_put_in_front_of_the_last_message_of_the_user():
    [message] = messages_after(ASKED, text="In English.", mode="prepend")

    assert message.parts == [Text("In English."), *ASKED.parts]


def test_a_text_replaces_the_texts_of_the_last_message_and_no_picture():
    [message] = messages_after(ASKED, text="Describe it.", mode="replace")

    assert message.parts == [Text("Describe it.", cache_control=HOUR), IMAGE]


def test_a_text_stays_where_it_was_while_tools_are_called():
    before = messages_after(ASKED, text="In English.")

    after = messages_after(ASKED, CALLED, RESULT, CALLED, RESULT, text="In English.")

    assert after[:1] == before
    assert after[1:] == [CALLED, RESULT, CALLED, RESULT]


def test_results_stay_first_where_no_message_is_without_them():
    mixed = Message("user", [*RESULT.parts, Text("Go on.")])

    for mode, texts in (
        ("prepend", [Text("In English."), Text("Go on.")]),
        ("append", [Text("Go on."), Text("In English.")]),
        ("replace", [Text("In English.")]),
    ):
        [_, message] = messages_after(CALLED, mixed, text="In English.", mode=mode)
        assert message.parts == [*RESULT.parts, *texts]


def test_without_a_message_of_the_user_nothing_happens():
    assert messages_after(CALLED, RESULT, text="In English.") == [CALLED, RESULT]


def test_the_request_that_was_handed_over_is_not_changed():
    request = ChatRequest("m", [ASKED], system=list(SYSTEM))

    placed(request, PromptRule(text="x"))
    placed(request, PromptRule(text="x", position="last_user"))

    assert request == ChatRequest("m", [ASKED], system=SYSTEM)
    assert len(ASKED.parts) == 3
