"""The ledger names what was lost, once, by the client's path and by weight."""

from __future__ import annotations

import pytest

from gateway.losses import Loss, Losses, note_foreign, show
from gateway.model import (
    CacheControl,
    ChatRequest,
    Fields,
    Media,
    Message,
    Opaque,
    Output,
    Reasoning,
    Text,
    Tool,
    ToolChoice,
    ToolResult,
)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("messages", 3, "content", 0), "messages[3].content[0]"),
        (("model",), "model"),
        ((), ""),
        ((0, "a"), "[0].a"),
    ],
)
def test_a_path_is_written_as_people_do(path, text):
    assert show(path) == text


@pytest.mark.parametrize(
    ("path", "weight"),
    [
        (("messages", 0, "cache_control"), "hint"),
        (("messages", 0, "content"), "meaning"),
        ("metadata.user_id", "meaning"),
        ("messages[0].cache_control", "hint"),
        (("cache_control", 0), "hint"),
    ],
)
def test_a_fields_name_decides_its_weight(path, weight):
    losses = Losses(frozenset(["cache_control"]))

    losses.add(path, "why")

    assert [loss.weight for loss in losses] == [weight]


def test_a_loss_is_recorded_once():
    losses = Losses()

    losses.add("sampling.top_k", "no such field")
    losses.add("sampling.top_k", "no such field")
    losses.add("sampling.top_k", "another reason", "hint")

    assert len(losses) == 2
    assert losses.of_meaning == [Loss("sampling.top_k", "no such field", "meaning")]


def foreign(path):
    return {"claude": Fields({"x": 1, "$form": True}, path)}


REQUEST = ChatRequest(
    "m",
    [
        Message(
            "user",
            [
                Text("a", extra=foreign(("p", 0))),
                Media("image", url="u", cache_control=CacheControl(extra=foreign(("p", 1)))),
                ToolResult(
                    "c",
                    [Text("b", extra=foreign(("p", 2))), Opaque("claude", {}, path=("p", 3))],
                    extra=foreign(("p", 4)),
                ),
                Opaque("claude", {}, path=("p", 5)),
                Opaque("claude", {}, text="said instead", path=("p", 6)),
            ],
            extra=foreign(("p", 7)),
        )
    ],
    system=[Text("s", extra=foreign(("p", 8)))],
    tools=[Tool("t", extra=foreign(("p", 9)))],
    tool_choice=ToolChoice("auto", extra=foreign(("p", 10))),
    reasoning=Reasoning(extra=foreign(("p", 11))),
    output=Output("json", extra=foreign(("p", 12))),
    extra=foreign(("p", 13)),
)


def test_every_foreign_field_and_piece_is_noted_and_notes_on_form_are_not():
    losses = Losses()

    note_foreign(REQUEST, "openai", losses)

    fields = {f"p[{place}].x" for place in (0, 1, 2, 4, 7, 8, 9, 10, 11, 12, 13)}
    assert {loss.path for loss in losses} == fields | {"p[3]", "p[5]"}


def test_nothing_is_lost_at_home():
    losses = Losses()

    note_foreign(REQUEST, "claude", losses)

    assert len(losses) == 0
