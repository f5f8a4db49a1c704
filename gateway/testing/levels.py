"""How far a plugin is, by the laws that it was seen to keep, and what the next level needs.

1 loads     the gateway takes it: its hooks and what it registers are well formed
2 speaks    a plain question gets there, and a plain answer comes back
3 lawful    it keeps every law of its faces, with generated inputs; exceptions have their reasons
4 faithful  lawful without exceptions; a dialect's clients are proven by requests that were captured
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import field, frozen

LEVELS = ("nothing", "loads", "speaks", "lawful", "faithful")
LOADING = "test_the_gateway_loads_it"
PLAIN = frozenset(
    [
        "test_a_request_survives_the_trip[text]",
        "test_a_stream_survives_the_trip[text]",
        "test_a_plain_question_gets_an_answer",
        "test_any_request_can_be_changed[text]",
    ]
)
"""The cases that make a plugin one that speaks."""
FACES: Mapping[str, Sequence[str]] = {
    "dialect": ("RequestLaws", "ReplyLaws", "BadInputLaws", "ErrorLaws"),
    "backend": ("BackendLaws",),
    "rule": ("RuleLaws",),
}
"""The sets of laws that make each kind of face whole."""
NAMES_SHOWN = 4
Face: TypeAlias = tuple[str, str]
"""What kind of thing was tried ("dialect", "backend", "rule"), and its name."""


@frozen
class Case:
    """One test of a law, and how it ended.

    sets: the sets of laws that its class inherits, and how many laws each holds. excepted: those
    that the class overrides. captured: how many recorded requests it was given. brings: the faces
    that the plugin registers, tried or not.
    """

    plugin: str
    face: Face
    law: str
    name: str
    passed: bool
    sets: Mapping[str, int]
    excepted: frozenset[str] = frozenset()
    captured: int = 0
    brings: frozenset[Face] = frozenset()


@frozen
class Proof:
    """What the cases of one face show. missing: what level (by number) still needs, in words."""

    face: Face
    laws: int
    kept: int
    cases: int
    captured: int
    missing: Mapping[int, Sequence[str]] = field(factory=dict)

    @property
    def level(self) -> int:
        """The highest level that needs nothing, and below which none does."""
        return next((n - 1 for n in range(1, len(LEVELS)) if self.missing[n]), len(LEVELS) - 1)

    def __str__(self) -> str:
        kind, name = self.face
        captured = f", {self.captured} captured requests" if self.captured else ""
        return f"{kind} {name}: {self.kept} of {self.laws} laws, {self.cases} tests{captured}"


def proofs(cases: Iterable[Case]) -> dict[str, list[Proof]]:
    """What was shown of each plugin's faces, by the plugin's name."""
    by_face: dict[tuple[str, Face], list[Case]] = {}
    for case in cases:
        by_face.setdefault((case.plugin, case.face), []).append(case)
    found: dict[str, list[Proof]] = {}
    for (plugin, face), own in sorted(by_face.items()):
        found.setdefault(plugin, []).append(_proof(face, own))
    return found


def lines(cases: Iterable[Case]) -> Iterator[str]:
    """The report: each plugin's level, its faces, and what the next level needs."""
    listed = list(cases)
    for plugin, shown in proofs(listed).items():
        level = min(proof.level for proof in shown)
        yield f"{plugin}: {LEVELS[level]} (level {level} of {len(LEVELS) - 1})"
        for proof in shown:
            yield f"    {proof}"
            if proof.level == level < len(LEVELS) - 1:
                needs = "; ".join(proof.missing[level + 1])
                yield f"    for {LEVELS[level + 1]}, {' '.join(proof.face)} needs: {needs}"
        brought = {face for case in listed if case.plugin == plugin for face in case.brings}
        for kind, name in sorted(brought - {proof.face for proof in shown}):
            yield f"    no law was tried on {kind} {name}"


def _proof(face: Face, cases: Sequence[Case]) -> Proof:
    sets = {name: count for case in cases for name, count in case.sets.items()}
    excepted = frozenset[str]().union(*(case.excepted for case in cases))
    failed = {case.law for case in cases if not case.passed}
    ran = {case.law for case in cases}
    captured = max(case.captured for case in cases)
    missing = {
        1: _not_loading(cases),
        2: [f"{case.name} to pass" for case in cases if case.name in PLAIN and not case.passed]
        or ([] if any(case.name in PLAIN for case in cases) else ["a plain question to be tried"]),
        3: [
            *(f"the laws of {name}" for name in FACES[face[0]] if name not in sets),
            *_listed(failed, "to pass"),
            *_untried(sum(sets.values()) - len(ran | excepted)),
        ],
        4: [*_listed(excepted, "without an exception"), *_uncaptured(face, captured)],
    }
    kept = len(ran - failed - excepted)
    return Proof(face, sum(sets.values()), kept, len(cases), captured, missing)


def _not_loading(cases: Sequence[Case]) -> list[str]:
    loading = [case for case in cases if case.law == LOADING]
    if not loading:
        return [f"{LOADING} to run"]
    return [f"{LOADING} to pass"] if any(not case.passed for case in loading) else []


def _listed(laws: Iterable[str], wish: str) -> list[str]:
    names = sorted(laws)
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return [f"{', '.join(names[:NAMES_SHOWN])}{more} {wish}"] if names else []


def _untried(count: int) -> list[str]:
    return [f"{count} more laws to run, which this run left out"] if count else []


def _uncaptured(face: Face, captured: int) -> list[str]:
    wanted = face[0] == "dialect" and not captured
    return ["`captures`, a folder of real clients' requests"] if wanted else []
