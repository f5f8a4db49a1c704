"""Whose turn it is: shares kept exactly, and conversations that stay."""

from __future__ import annotations

from collections import Counter

import pytest

from gateway.attempt import Target
from gateway.model import ChatRequest, Message, Seal, Text, Thinking
from gateway.rotation import Rotation, affinity, conversation_of, issuer

A, B = Target("a", "m", "openai", speaks="openai"), Target("b", "m", "claude", speaks="claude")


def request(*texts: str, **more: object) -> ChatRequest:
    roles = ("user", "assistant")
    turns = [Message(roles[n % 2], [Text(text)]) for n, text in enumerate(texts)]
    return ChatRequest(model="m", messages=turns, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", [[3, 1], [1, 1, 1], [5, 2, 1], [2]])
def test_each_is_first_as_often_as_it_weighs(weights) -> None:
    rotation = Rotation()

    firsts = Counter(rotation.next(("g",), weights)[0] for _ in range(100 * sum(weights)))

    assert [firsts[n] for n in range(len(weights))] == [100 * weight for weight in weights]


def test_turns_are_spread_and_not_in_blocks() -> None:
    rotation = Rotation()

    assert [rotation.next(("g",), [3, 1])[0] for _ in range(8)] == [0, 0, 1, 0, 0, 0, 1, 0]


def test_who_weighs_nothing_is_last() -> None:
    rotation = Rotation()

    assert {tuple(rotation.next(("g",), [0, 2, 1])) for _ in range(9)} == {(1, 2, 0), (2, 1, 0)}


def test_every_alias_has_turns_of_its_own() -> None:
    rotation = Rotation()

    firsts = [rotation.next((alias,), [1, 1])[0] for _ in range(4) for alias in "xy"]

    assert firsts == [0, 0, 1, 1, 0, 0, 1, 1]


def test_conversations_are_spread_by_shares() -> None:
    places = [(A, "k1", 1.0), (A, "k2", 1.0), (B, "k3", 2.0)]

    chosen = Counter(
        max(places, key=lambda place, n=n: affinity(b"%d" % n, *place))[1] for n in range(2000)
    )

    assert chosen["k1"] == pytest.approx(500, abs=80)
    assert chosen["k3"] == pytest.approx(1000, abs=80)


def test_only_the_conversations_of_a_lost_key_move() -> None:
    keys = [(A, f"k{n}", 1.0) for n in range(5)]

    def chosen(among, n):
        return max(among, key=lambda place: affinity(b"%d" % n, *place))[1]

    before = [chosen(keys, n) for n in range(500)]
    after = [chosen(keys[1:], n) for n in range(500)]

    assert all(old in ("k0", new) for old, new in zip(before, after, strict=True))


def test_a_conversation_is_the_same_while_it_grows() -> None:
    first = conversation_of(request("hello", system=[Text("It is 10:00")]), "anna")
    later = conversation_of(request("hello", "hi", "more", system=[Text("It is 10:07")]), "anna")

    assert first == later


def test_conversations_differ_by_question_by_who_asks_and_by_cache() -> None:
    told = [
        conversation_of(request("hello"), "anna"),
        conversation_of(request("hello"), "bert"),
        conversation_of(request("hello!"), "anna"),
        conversation_of(request("hello", cache_key="s-1"), "anna"),
        conversation_of(request("hello", cache_key="s-2"), "anna"),
    ]

    assert len(set(told)) == 5


def test_a_client_s_own_name_for_its_cache_holds_a_conversation_together() -> None:
    one, other = request("a", cache_key="s"), request("b", cache_key="s")

    assert conversation_of(one, None) == conversation_of(other, None)


def test_a_seal_leads_to_who_issued_it() -> None:
    sealed = Message("assistant", [Thinking("hm", seal=Seal("x", "claude", "b", "m"))])
    asked = ChatRequest(model="m", messages=[Message("user", [Text("q")]), sealed])

    assert issuer(asked, [A, B]) is B
    assert issuer(asked, [A]) is None
    assert issuer(request("q"), [A, B]) is None
