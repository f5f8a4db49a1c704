"""What comes back into a history: seals, thoughts and ids, at their places."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.attempt import Target
from gateway.events import Delta, Event, Finish, PartEnd, PartStart, Sealed, Start
from gateway.model import ChatRequest, Message, Seal, Text, Thinking, ToolCall, ToolResult
from gateway.store.flags import StoreError
from gateway.store.turns import MemoryTurns
from gateway.vault.vault import Vault

TARGET = Target("up", "m", "claude", "claude")
ASKED = Message("user", [Text("Hello")])


def sealed(value: str, model: str = "m") -> Seal:
    return Seal(value, "claude", "up", model)


def part(index: int, kind: Any, text: str, seal: Seal | None = None, **more: Any) -> list[Event]:
    said: list[Event] = [Delta(index, text)] if text else []
    closing: list[Event] = [Sealed(index, seal)] if seal else []
    return [PartStart(index, kind, **more), *said, *closing, PartEnd(index)]


def reply(*parts: list[Event]) -> list[Event]:
    return [Start(), *(event for one in parts for event in one), Finish("stop")]


async def kept(events: list[Event], owner: str | None = None) -> Vault:
    vault = Vault(MemoryTurns())
    keeper = vault.keeper(ChatRequest("m", [ASKED]), TARGET, owner)
    if keeper.feed(events):
        await vault.keep(keeper)
    return vault


def back(vault: Vault, *messages: Message, target: Target = TARGET) -> list[Message]:
    return vault.restored(ChatRequest("m", list(messages)), target, None).messages


def said(*parts: Any) -> Message:
    return Message("assistant", list(parts))


async def test_thoughts_stand_where_they_stood() -> None:
    vault = await kept(
        reply(
            part(0, "thinking", "one", sealed("s1")),
            part(1, "text", "Let me see.\n"),
            part(2, "thinking", "two", sealed("s2")),
            part(3, "tool_call", '{"a": 1, "b": 2}', id="c1", name="look"),
        )
    )
    call = ToolCall("c1", "look", '{"b":2,"a":1}')

    _, turn = back(vault, ASKED, said(Text("Let me see."), call))

    assert turn.parts == [
        Thinking("one", seal=sealed("s1")),
        Text("Let me see."),
        Thinking("two", seal=sealed("s2")),
        call,
    ]


async def test_a_thought_that_came_back_bare_gives_way_to_the_whole_one() -> None:
    vault = await kept(reply(part(0, "thinking", "one", sealed("s")), part(1, "text", "Hi")))

    _, turn = back(vault, ASKED, said(Thinking("one"), Text("Hi")))

    assert turn.parts == [Thinking("one", seal=sealed("s")), Text("Hi")]


async def test_what_the_client_carries_itself_is_left_alone() -> None:
    vault = await kept(reply(part(0, "thinking", "one", sealed("s")), part(1, "text", "Hi")))
    carried = Thinking("one", seal=sealed("s"))

    _, turn = back(vault, ASKED, said(carried, Text("Hi")))

    assert turn.parts == [carried, Text("Hi")]


async def test_redacted_thoughts_texts_and_lone_seals_come_back() -> None:
    vault = await kept(
        reply(
            part(0, "thinking", "", sealed("r"), redacted=True),
            part(1, "text", "Hi", sealed("t")),
            part(2, "text", "", sealed("end")),
        )
    )

    _, turn = back(vault, ASKED, said(Text("Hi")))

    assert turn.parts == [
        Thinking("", redacted=True, seal=sealed("r")),
        Text("Hi", sealed("t")),
        Text("", sealed("end")),
    ]


async def test_ids_that_the_client_made_up_become_the_models_own() -> None:
    vault = await kept(reply(part(0, "tool_call", "{}", sealed("s"), id="real", name="look")))
    result = Message("user", [ToolResult("made", [Text("found")])])

    _, turn, answer = back(vault, ASKED, said(ToolCall("made", "look", "{}")), result)

    assert turn.parts == [ToolCall("real", "look", "{}", seal=sealed("s"))]
    assert answer.parts == [ToolResult("real", [Text("found")])]


async def test_a_call_is_found_by_its_id_where_the_history_before_it_has_changed() -> None:
    vault = await kept(reply(part(0, "tool_call", "{}", sealed("s"), id="c", name="look")))
    other = Message("user", [Text("Something else")])

    _, turn = back(vault, other, said(ToolCall("c", "look", "{}")))

    assert turn.parts == [ToolCall("c", "look", "{}", seal=sealed("s"))]


@pytest.mark.parametrize("call", [ToolCall("c", "look", '{"at": 1}'), ToolCall("c", "other", "{}")])
async def test_another_call_under_the_same_id_gets_nothing(call: ToolCall) -> None:
    vault = await kept(reply(part(0, "tool_call", "{}", sealed("s"), id="c", name="look")))

    assert back(vault, ASKED, said(call)) == [ASKED, said(call)]


@pytest.mark.parametrize(
    "target",
    [Target("up", "n", "claude", "claude"), Target("down", "m", "claude", "claude")],
)
async def test_another_target_gets_nothing(target: Target) -> None:
    vault = await kept(reply(part(0, "text", "Hi", sealed("s"))))

    assert back(vault, ASKED, said(Text("Hi")), target=target) == [ASKED, said(Text("Hi"))]


async def test_a_seal_that_passed_through_from_somebody_else_is_not_given_to_the_target() -> None:
    vault = await kept(reply(part(0, "text", "Hi", sealed("s", "other"))))

    _, turn = back(vault, ASKED, said(Text("Hi")))

    assert turn.parts == [Text("Hi")]


async def test_a_reply_without_a_seal_or_an_end_is_not_kept() -> None:
    whole = reply(part(0, "text", "Hi"))
    cut = reply(part(0, "text", "Hi", sealed("s")))[:-1]

    for events in (whole, cut):
        vault = await kept(events)
        assert not vault.turns.has("up/m/claude")


async def test_a_store_that_fails_stops_no_exchange() -> None:
    class Broken(MemoryTurns):
        def has(self, origin: str) -> bool:
            raise StoreError("the disk is gone")

        async def put(self, *_: object) -> None:
            raise StoreError("the disk is gone")

    vault = Vault(Broken())
    keeper = vault.keeper(ChatRequest("m", [ASKED]), TARGET, None)
    assert keeper.feed(reply(part(0, "text", "Hi", sealed("s"))))
    await vault.keep(keeper)

    assert back(vault, ASKED) == [ASKED]
