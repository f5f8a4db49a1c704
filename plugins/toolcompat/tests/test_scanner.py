from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_toolcompat.asking import ASKINGS
from gateway_toolcompat.formats import LONGEST
from gateway_toolcompat.guide import guide
from gateway_toolcompat.scanner import Broken, Cut, Piece, Scanner, Thought, Words, texts
from gateway_toolcompat.toolbox import Call, toolbox
from plugins.toolcompat.tests.corpus.cases import GARDEN, OWN_CASES
from plugins.toolcompat.tests.corpus.damages import DAMAGES, TRAPS
from plugins.toolcompat.tests.corpus.formats import FORMATS

BOX = toolbox(GARDEN, None)
CALL = '<tool_call>{"name": "list_beds", "arguments": {}}</tool_call>'
REPLIES = {
    f"{form.name}, {row}, {case.name}": made[0]
    for form in FORMATS
    for row, damage in {"clean": None, **DAMAGES, **TRAPS}.items()
    for case in OWN_CASES
    if (made := damage(form, case) if damage else (form.render(case.calls), case.calls))
}


def scanned(text: str, cuts=(), **options) -> list[Piece]:
    """The pieces of a reply that comes in at these cuts, neighbouring words joined."""
    scanner = Scanner(BOX, **options)
    ends = [*cuts, len(text)]
    pieces = []
    for start, end in zip([0, *cuts], ends, strict=True):
        pieces += scanner.feed(text[start:end])
    return joined([*pieces, *scanner.close()])


def joined(pieces: list[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for piece in pieces:
        last = out[-1] if out else None
        if isinstance(piece, Words | Thought) and type(last) is type(piece):
            out[-1] = type(piece)(last.text + piece.text)
        else:
            out.append(piece)
    return out


def names(pieces: list[Piece]) -> list[str]:
    return [piece.tool.name for piece in pieces if isinstance(piece, Call)]


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_every_reply_reads_alike_however_it_is_cut_in_two(form):
    for name, text in REPLIES.items():
        if name.startswith(f"{form.name}, ") and name.endswith(", one"):
            whole = scanned(text)
            for cut in range(1, len(text), 1 if ", clean, " in name else 4):
                assert scanned(text, [cut]) == whole, (name, cut)


@pytest.mark.parametrize("name", [name for name in REPLIES if name.endswith((" two", "nested"))])
def test_every_reply_reads_alike_character_by_character(name):
    text = REPLIES[name]

    assert scanned(text, range(1, len(text))) == scanned(text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                [*list(REPLIES.values())[::7], "<", "```json\n", "{", "\n", "Question:"]
            ),
            st.text("ab <>{}[]`\"'\n/=_", max_size=12),
        ),
        max_size=5,
    ).map("".join),
    st.lists(st.integers(0, 400), max_size=6),
)
def test_any_mixture_reads_alike_however_it_is_cut(text, cuts):
    cuts = sorted({cut for cut in cuts if cut < len(text)})

    assert scanned(text, cuts) == scanned(text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_words_without_a_call_are_neither_lost_nor_doubled_nor_held(text):
    scanner = Scanner(BOX, marks=False)
    seen = ""
    for at, char in enumerate(text, 1):
        seen += texts(scanner.feed(char))
        held = text[:at].removeprefix(seen)
        assert len(held.lstrip()) <= LONGEST
    seen += texts(scanner.close())

    assert seen == text


@pytest.mark.parametrize(
    "text",
    [
        "Use `<tool_call>` to call; <tool_call> is a tag.",
        "if a < b and c[0] > {d}: `x`",
        '{"name": "Alice", "age": 3}',
        '[{"name": "Bob"}]',
        '```json\n{"answer": 42}\n```\nand more',
        "```python\nprint(list_bed())\n```",
        "<div>list_beds</div> <list>x</list>",
        "[see(1)] and [TOOL] and <|x|>",
        "<function_calls> are calls",
    ],
)
def test_text_that_only_looks_like_a_call_goes_on_before_the_reply_ends(text):
    scanner = Scanner(BOX)
    tail = " and so on" * 30

    said = texts(scanner.feed(text + tail))

    assert said == text + tail
    assert scanner.close() == []


def test_words_before_a_call_are_given_as_soon_as_the_tag_opens():
    scanner = Scanner(BOX)

    assert texts(scanner.feed("Let me look.\n<tool_")) == "Let me look.\n"
    assert names(scanner.feed(CALL.removeprefix("<tool_"))) == ["list_beds"]


def test_a_call_is_given_as_soon_as_its_closing_tag_is_there():
    scanner = Scanner(BOX)

    assert names(scanner.feed(CALL)) == ["list_beds"]


@pytest.mark.parametrize("asking", ASKINGS.values(), ids=lambda asking: asking.name)
def test_the_guide_quoted_back_calls_nothing_and_stays_readable(asking):
    quoted = guide(BOX, asking)

    pieces = scanned(quoted)

    assert names(pieces) == []
    assert texts(pieces) == quoted


@pytest.mark.parametrize(
    "invented",
    [
        "\n\nQuestion: And tomorrow?\nAnswer: ",
        "\n**User:** thanks\n",
        "<|im_end|>\n<|im_start|>user\nmore\n",
        "\n<tool_result>\n3 beds\n</tool_result>\n",
        "\n[TOOL_RESULTS] {}",
        "\nObservation: done\n",
    ],
)
def test_an_invented_next_turn_is_cut_off_with_its_calls(invented):
    pieces = scanned(f"Well.\n{CALL}{invented}{CALL} bye")

    assert names(pieces) == ["list_beds"]
    assert texts(pieces) == "Well.\n"
    assert pieces[-1] == Cut()


def test_words_after_a_call_stay_but_calls_after_them_are_not_trusted():
    pieces = scanned(f"{CALL}\nThat was the first.\n{CALL}\nMore.")

    assert names(pieces) == ["list_beds"]
    assert texts(pieces) == "\nThat was the first.\n"


def test_two_calls_after_each_other_are_both_given():
    assert names(scanned(f"{CALL}\n\n{CALL}")) == ["list_beds", "list_beds"]


def test_one_call_at_a_time_ends_the_reply_at_the_first():
    pieces = scanned(f"{CALL}\n{CALL}", one=True)

    assert names(pieces) == ["list_beds"]
    assert pieces[-1] == Cut()


def test_a_marked_thought_is_told_apart_and_calls_in_it_are_not_yet_made():
    pieces = scanned(f" <think>maybe {CALL}?</think>\nNo.")

    assert pieces == [Thought(f"maybe {CALL}?"), Words("\nNo.")]


def test_a_thought_that_never_ends_is_all_thought():
    assert scanned("<think>so it goes") == [Thought("so it goes")]


def test_a_call_that_a_limit_cut_off_stays_text():
    text = '<tool_call>{"name": "water_bed", "arguments": {"bed": "north", "litres": 1'
    scanner = Scanner(BOX)
    pieces = [*scanner.feed(text), *scanner.close(cut_short=True)]

    assert joined(pieces) == [Words(text)]


def test_a_whole_call_whose_tag_a_limit_cut_off_is_made():
    scanner = Scanner(BOX)
    pieces = [*scanner.feed(CALL[:-4]), *scanner.close(cut_short=True)]

    assert names(pieces) == ["list_beds"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (CALL.replace("list_beds", "sell_house"), 'no tool "sell_house"'),
        (CALL.replace("list_beds", "water_bed"), "'bed' is a required property"),
        ("<tool_call>{oops</tool_call>", "could not be read"),
        ('<tool_call>{"name": "water_bed", "arguments": {"bed": "no', "breaks off"),
    ],
)
def test_a_call_that_can_not_be_healed_is_told_with_its_reason_and_source(text, reason):
    [broken] = scanned(text)

    assert isinstance(broken, Broken)
    assert reason in broken.problem.reason
    assert broken.source == text


def test_white_space_around_calls_makes_no_words():
    assert texts(scanned(f"\n \n{CALL}\n\n{CALL}\n \n")) == ""


def test_white_space_alone_is_kept():
    assert scanned(" \n") == [Words(" \n")]


def test_a_closing_tag_inside_a_json_string_ends_nothing():
    text = (
        '<tool_call>{"name": "water_bed", "arguments": {"bed": "</tool_call>", "litres": 1}}'
        "</tool_call>"
    )
    [call] = scanned(text)

    assert isinstance(call, Call)
    assert call.arguments == '{"bed":"</tool_call>","litres":1}'
