"""A plugin's level is what its laws showed, and the report says what the next one needs."""

from __future__ import annotations

import pytest

from gateway.testing.levels import Case, lines, proofs

SETS = {"Laws": 1, "BackendLaws": 2}
LOADS = "test_the_gateway_loads_it"
ANSWERS = "test_a_plain_question_gets_an_answer"
CLOSES = "test_a_call_may_be_left_early"


def case(law, *, passed=True, face=("backend", "parrot"), sets=None, **more):
    return Case(
        plugin="gateway_parrot",
        face=face,
        law=law,
        name=more.pop("name", law),
        passed=passed,
        sets=sets or SETS,
        **more,
    )


@pytest.mark.parametrize(
    ("passed", "level"),
    [
        ({LOADS: False, ANSWERS: True, CLOSES: True}, 0),
        ({LOADS: True, ANSWERS: False, CLOSES: True}, 1),
        ({LOADS: True, CLOSES: True}, 1),
        ({LOADS: True, ANSWERS: True, CLOSES: False}, 2),
        ({LOADS: True, ANSWERS: True}, 2),
        ({LOADS: True, ANSWERS: True, CLOSES: True}, 4),
    ],
)
def test_the_level_is_the_highest_below_which_nothing_is_missing(passed, level):
    (proof,) = proofs(case(law, passed=good) for law, good in passed.items())["gateway_parrot"]

    assert proof.level == level


def test_an_exception_is_lawful_and_not_faithful():
    cases = [case(LOADS), case(ANSWERS), case(LOADS, excepted=frozenset([CLOSES]))]

    (proof,) = proofs(cases)["gateway_parrot"]

    assert (proof.level, proof.kept, proof.laws) == (3, 2, 3)
    assert proof.missing[4] == [f"{CLOSES} without an exception"]


def test_a_dialect_is_faithful_only_with_captures():
    sets = {"RequestLaws": 1, "ReplyLaws": 0, "BadInputLaws": 0, "ErrorLaws": 0, "Laws": 1}
    face = ("dialect", "parrotese")
    cases = [
        case(LOADS, face=face, sets=sets),
        case(
            "test_a_request_survives_the_trip",
            face=face,
            sets=sets,
            name="test_a_request_survives_the_trip[text]",
        ),
    ]

    report = list(lines(cases))

    assert report[0] == "gateway_parrot: lawful (level 3 of 4)"
    assert "captures" in report[-1]


def test_one_face_of_a_dialect_is_not_all_of_its_laws():
    sets = {"ReplyLaws": 1, "Laws": 1}
    plain = "test_a_stream_survives_the_trip"
    face = ("dialect", "parrotese")
    cases = [
        case(LOADS, face=face, sets=sets),
        case(plain, face=face, sets=sets, name=f"{plain}[text]"),
    ]

    assert list(lines(cases))[-1] == (
        "    for lawful, dialect parrotese needs:"
        " the laws of RequestLaws; the laws of BadInputLaws; the laws of ErrorLaws"
    )


def test_a_face_without_laws_is_told():
    brings = frozenset([("backend", "parrot"), ("dialect", "plain")])
    cases = [case(LOADS, brings=brings), case(ANSWERS), case(CLOSES)]

    assert list(lines(cases))[-1] == "    no law was tried on dialect plain"


def test_the_weakest_face_decides():
    other = ("backend", "macaw")
    cases = [*map(case, (LOADS, ANSWERS, CLOSES)), case(LOADS, face=other)]

    report = list(lines(cases))

    assert report[0] == "gateway_parrot: loads (level 1 of 4)"
    assert report[1:3] == [
        "    backend macaw: 1 of 3 laws, 1 tests",
        "    for speaks, backend macaw needs: a plain question to be tried",
    ]
