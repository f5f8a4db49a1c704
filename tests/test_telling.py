"""Requests as lines for people."""

from gateway.model import ChatRequest, Fields, Message, Text, Tool
from gateway.telling import difference, lines, shortened, told


def test_what_nobody_said_is_not_told():
    extra = {"claude": Fields({"$string": True}, ())}
    request = ChatRequest("m", [Message("user", [Text("hi", extra=extra)], extra=extra)])

    assert told(request) == {
        "model": "m",
        "messages": [{"role": "user", "parts": [{"is": "text", "text": "hi"}]}],
    }


def test_an_empty_list_of_tools_is_told():
    assert told(ChatRequest("m", [], tools=[]))["tools"] == []


def test_lines_are_indented_and_need_no_quotes():
    value = {"a": {"b": "x" * 60, "c": [1, {"d": "one\ntwo"}]}, "e": None}

    assert list(lines(value)) == [
        "a:",
        f"  b: {'x' * 60}",
        "  c:",
        "    - 1",
        "    - d:",
        "        one",
        "        two",
        "e: null",
    ]


def test_control_characters_are_spelled_out():
    assert list(lines({"a\x1b": "\x1b[2J"})) == [r"a\x1b: \x1b[2J"]


def test_long_lists_say_how_many_more():
    assert shortened(list(range(10))) == [0, 1, 2, 3, 4, "… 5 more"]


def test_of_a_schema_the_names_are_left():
    schema = {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}}

    assert shortened(schema) == "(a schema: a, b)"


def test_a_change_inside_a_long_line_can_be_seen():
    before = Tool("t", "a" * 500)
    after = Tool("t", "a" * 300 + "b" + "a" * 199)

    changed = [line for line in difference(before, after) if line.startswith("+")]

    assert len(changed) == 1
    assert "b" in changed[0]


def test_equal_values_have_no_difference():
    assert difference(Tool("t"), Tool("t")) == []
