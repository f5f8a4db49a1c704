"""What is replaced in which texts, and what stays."""

from __future__ import annotations

from gateway.model import CacheControl, ChatRequest, Message, Text, Tool, ToolResult
from gateway_prompt_rewrite.replacements import replaced
from gateway_prompt_rewrite.settings import Replacement

MARKER = CacheControl()
REQUEST = ChatRequest(
    "m",
    [
        Message("user", [Text("Old words", cache_control=MARKER), ToolResult("c", [Text("Old")])]),
        Message("assistant", [Text("Old")]),
        Message("system", [Text("Old reminder")]),
    ],
    system=[Text("Old."), Text("Old and old.", cache_control=MARKER)],
    tools=[Tool("Old", "An Old tool", {"description": "Old"}), Tool("bare")],
)


def test_the_system_text_is_replaced_in_with_its_parts_and_markers():
    out = replaced(REQUEST, Replacement("Old", "New"))

    assert out.system == [Text("New."), Text("New and old.", cache_control=MARKER)]
    assert out.messages == [*REQUEST.messages[:2], Message("system", [Text("New reminder")])]
    assert out.tools is REQUEST.tools


def test_the_user_s_words_are_replaced_in_and_no_results():
    out = replaced(REQUEST, Replacement("Old", "New", scope="user"))

    parts = [Text("New words", cache_control=MARKER), ToolResult("c", [Text("Old")])]
    assert out.messages == [Message("user", parts), *REQUEST.messages[1:]]
    assert out.system is REQUEST.system


def test_descriptions_of_tools_are_replaced_in():
    out = replaced(REQUEST, Replacement("Old", "New", scope="tools"))

    assert out.tools == [Tool("Old", "An New tool", {"description": "Old"}), Tool("bare")]
    assert out.messages is REQUEST.messages


def test_what_matches_nowhere_leaves_the_same_request():
    for scope in ("system", "user", "tools"):
        assert replaced(REQUEST, Replacement("Nowhere", "x", scope=scope)) is REQUEST


def test_a_request_without_tools_gets_none():
    request = ChatRequest("m", [])

    assert replaced(request, Replacement("a", "b", scope="tools")) is request


def test_signs_are_taken_letter_by_letter():
    assert Replacement("a.c", r"\1").in_text("abc a.c") == r"abc \1"


def test_an_expression_fills_in_what_it_found():
    rule = Replacement(r"(?i)as of (?P<y>\d+)", r"in \g<y>, \1", regex=True)

    assert rule.in_text("As of 2026.") == "in 2026, 2026."


def test_a_piece_that_became_empty_is_left_out():
    request = ChatRequest("m", [Message("user", [Text("Old"), Text("words")])])

    out = replaced(request, Replacement("Old", "", scope="user"))

    assert out.messages == [Message("user", [Text("words")])]


def test_a_message_that_became_empty_stays():
    request = ChatRequest("m", [Message("user", [Text("Old")])])

    out = replaced(request, Replacement("Old", "", scope="user"))

    assert out.messages == [Message("user", [Text("")])]
