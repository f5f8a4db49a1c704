"""Whatever order a client sends calls and results in, nothing is lost and nothing doubled."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.history import MISSING, merged, paired
from gateway.losses import Losses
from gateway.model import Message, Text, ToolCall, ToolResult


def call(id: str, name: str = "f") -> ToolCall:
    return ToolCall(id, name, "{}")


def result(id: str, text: str = "done", **more) -> ToolResult:
    return ToolResult(id, [Text(text)], **more)


def user(*parts) -> Message:
    return Message("user", list(parts))


def assistant(*parts) -> Message:
    return Message("assistant", list(parts))


def test_an_ordered_history_comes_back_as_the_same_list():
    history = [user(Text("go")), assistant(call("a"), call("b")), user(result("b"), result("a"))]

    assert paired(history, Losses()) is history


def test_calls_of_the_last_turn_wait_for_their_results():
    history = [user(Text("go")), assistant(Text("well"), call("a"), Text("then"), call("b"))]

    assert paired(history, Losses()) is history


def test_th1_results_spread_over_turns_stand_right_after_their_calls():
    history = [
        assistant(call("a"), call("b")),
        user(Text("look"), result("a")),
        Message("system", [Text("note")]),
        user(result("b"), Text("more")),
    ]

    assert paired(history, Losses()) == [
        assistant(call("a"), call("b")),
        user(result("a"), result("b")),
        user(Text("look")),
        Message("system", [Text("note")]),
        user(Text("more")),
    ]


def test_a_call_without_a_result_gets_one_that_says_so():
    losses = Losses()

    out = paired([assistant(call("a"), call("b")), user(result("a"))], losses)

    missing = ToolResult("b", [Text(MISSING)], name="f", is_error=True)
    assert out == [assistant(call("a"), call("b")), user(result("a"), missing)]
    assert [loss.path for loss in losses] == ["tool_calls.b"]


def test_a_call_before_another_turn_of_the_assistant_gets_a_result_even_if_that_is_empty():
    out = paired([assistant(call("a")), assistant(), user(Text("hm"))], Losses())

    assert out[1].parts[0].call_id == "a"


def test_a_result_before_its_call_becomes_text_once():
    history = [user(result("a", "early")), assistant(call("a")), user(Text("hm"))]

    out = paired(history, Losses())

    assert out == [
        user(Text("[result of tool call a]"), Text("early")),
        assistant(call("a")),
        user(ToolResult("a", [Text(MISSING)], name="f", is_error=True)),
        user(Text("hm")),
    ]


def test_a_second_result_of_one_call_becomes_text():
    out = paired([assistant(call("a")), user(result("a", "1"), result("a", "2"))], Losses())

    assert out == [
        assistant(call("a")),
        user(result("a", "1")),
        user(Text("[result of tool call a]"), Text("2")),
    ]


def test_th10_an_error_that_nobody_asked_for_stays_an_error():
    out = paired([user(result("x", "boom", is_error=True))], Losses())

    assert out == [user(Text("[error of tool call x]"), Text("boom"))]


def test_an_id_that_is_used_again_pairs_in_order():
    history = [
        assistant(call("a")),
        user(result("a", "1")),
        assistant(call("a")),
        user(result("a", "2")),
    ]

    assert paired(history, Losses()) is history


def test_two_calls_of_one_id_in_a_turn_take_their_results_in_order():
    history = [assistant(call("a"), call("a")), user(result("a", "1"), result("a", "2"))]

    assert paired(history, Losses()) == history


def test_a_result_in_the_assistants_own_turn_moves_to_the_user():
    out = paired([assistant(call("a")), assistant(result("a"), Text("so"))], Losses())

    assert out == [assistant(call("a")), user(result("a")), assistant(Text("so"))]


def test_neighbours_of_one_role_are_joined_and_system_messages_are_not():
    history = [user(Text("1")), user(Text("2")), *[Message("system", [Text("s")])] * 2]

    assert merged(history) == [user(Text("1"), Text("2")), *history[2:]]


IDS = st.sampled_from("abc")
TEXTS = st.integers(0, 99).map(lambda n: Text(f"t{n}"))
MESSAGES = st.lists(
    st.one_of(
        st.lists(st.one_of(TEXTS, IDS.map(call)), max_size=4).map(lambda p: assistant(*p)),
        st.lists(
            st.one_of(TEXTS, st.builds(result, IDS, st.integers(0, 99).map(str))), max_size=4
        ).map(lambda p: user(*p)),
        TEXTS.map(lambda t: Message("system", [t])),
    ),
    max_size=6,
)


def words(messages: list[Message]) -> Counter[str]:
    """Every text and call of a history, wherever it stands, without what pairing adds."""
    found: Counter[str] = Counter()
    for part in [part for message in messages for part in message.parts]:
        if isinstance(part, ToolCall):
            found[f"call {part.id}"] += 1
        inner = part.parts if isinstance(part, ToolResult) else [part]
        found.update(p.text for p in inner if isinstance(p, Text) and not _added(p.text))
    return found


def _added(text: str) -> bool:
    return text == MISSING or text.startswith("[result of tool call")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(MESSAGES)
def test_nothing_is_lost_and_nothing_is_doubled(history):
    assert words(paired(history, Losses())) == words(history)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(MESSAGES)
def test_pairing_and_merging_twice_is_the_same_as_once(history):
    once = merged(paired(history, Losses()))

    assert merged(paired(once, Losses())) == once


@settings(max_examples=200, deadline=None, derandomize=True)
@given(MESSAGES)
def test_every_call_but_the_last_turns_is_answered_right_after_it(history):
    out = merged(paired(history, Losses()))

    for index, message in enumerate(out[:-1]):
        asked = Counter(part.id for part in message.parts if isinstance(part, ToolCall))
        following = out[index + 1].parts[: sum(asked.values())]
        assert Counter(p.call_id for p in following if isinstance(p, ToolResult)) == asked
