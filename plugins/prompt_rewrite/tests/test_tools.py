"""Which tools are kept back, and what becomes of the choice."""

from __future__ import annotations

import pytest

from gateway.model import ChatRequest, Message, Tool, ToolCall, ToolChoice
from gateway_prompt_rewrite.settings import Pattern
from gateway_prompt_rewrite.tools import without

READ, FETCH, SEARCH = Tool("Read"), Tool("WebFetch"), Tool("web_search", kind="server")


def after(*denied, tools=(READ, FETCH, SEARCH), choice=None):
    request = ChatRequest("m", [], tools=list(tools), tool_choice=choice)
    return without(request, [Pattern.from_toml(name) for name in denied])


def names(request):
    return [tool.name for tool in request.tools]


@pytest.mark.parametrize(
    ("denied", "kept"),
    [
        (["WebFetch"], ["Read", "web_search"]),
        (["Web*"], ["Read", "web_search"]),
        (["*eb*"], ["Read"]),
        (["R?ad"], ["WebFetch", "web_search"]),
        (["webfetch", "Web"], ["Read", "WebFetch", "web_search"]),
        (["web_search", "Read"], ["WebFetch"]),
    ],
)
def test_tools_are_denied_by_name_and_by_pattern(denied, kept):
    assert names(after(*denied)) == kept


def test_a_tool_in_a_namespace_has_two_names():
    tool = Tool("read", namespace="files")

    for pattern in ("read", "files__*"):
        assert names(after(pattern, tools=[READ, tool])) == ["Read"]


@pytest.mark.parametrize(
    ("choice", "left"),
    [
        (None, None),
        (ToolChoice("auto", parallel=False), ToolChoice("auto", parallel=False)),
        (ToolChoice("required"), ToolChoice("required")),
        (ToolChoice("tool", "Read"), ToolChoice("tool", "Read")),
        (ToolChoice("tool", "WebFetch", parallel=False), ToolChoice("auto", parallel=False)),
        (
            ToolChoice("required", allowed=["Read", "WebFetch"]),
            ToolChoice("required", allowed=["Read"]),
        ),
        (ToolChoice("required", allowed=["WebFetch"]), ToolChoice("auto")),
        (ToolChoice("auto", allowed=["WebFetch"]), ToolChoice("none")),
        (ToolChoice("auto", allowed=["Read"]), ToolChoice("auto", allowed=["Read"])),
    ],
)
def test_the_choice_is_made_among_what_is_left(choice, left):
    assert after("WebFetch", choice=choice).tool_choice == left


def test_without_any_tool_there_is_no_choice():
    out = after("*", choice=ToolChoice("required"))

    assert (out.tools, out.tool_choice) == (None, None)


def test_a_request_without_denied_tools_stays_the_same():
    request = ChatRequest("m", [], tools=[READ])

    assert without(request, [Pattern.from_toml("Web*")]) is request
    assert without(request, []) is request


def test_an_empty_list_of_tools_stays_a_list():
    assert without(ChatRequest("m", [], tools=[]), [Pattern.from_toml("*")]).tools == []


def test_calls_that_have_happened_stay():
    history = [Message("assistant", [ToolCall("c", "Read", "{}")])]
    request = ChatRequest("m", history, tools=[READ])

    assert without(request, [Pattern.from_toml("Read")]).messages == history
