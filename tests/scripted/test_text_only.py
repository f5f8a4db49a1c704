"""What a model without tools must not be sent is found, wherever it stands."""

from __future__ import annotations

import pytest

from tests.scripted.text_only import native_traces
from tests.scripted.wire import Body

SAID = {"role": "user", "content": [{"type": "text", "text": "tools"}]}
NATIVE: list[tuple[Body, str]] = [
    ({"tools": []}, ".tools"),
    ({"messages": [{"role": "tool", "content": "x"}]}, ".messages[0].role"),
    ({"messages": [SAID, {"content": [{"type": "tool_use"}]}]}, ".messages[1].content[0].type"),
    ({"input": [{"type": "function_call_output"}]}, ".input[0].type"),
    ({"contents": [{"parts": [{"functionCall": {}}]}]}, ".contents[0].parts[0].functionCall"),
]


@pytest.mark.parametrize(("body", "path"), NATIVE)
def test_a_wire_s_own_tools_are_found(body: Body, path: str) -> None:
    assert list(native_traces(body)) == [path]


def test_words_about_tools_are_none() -> None:
    assert list(native_traces({"messages": [SAID]})) == []
