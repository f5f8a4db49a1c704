"""Places at an upstream: who waits, who is turned away, and what leaving gives back."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Busy
from gateway.places import Places


class Guest:
    """Someone who takes a place and keeps it until told."""

    def __init__(self, places: Places, name: str, log: list[str]) -> None:
        self.leave = asyncio.Event()
        self.seated = asyncio.Event()
        self.task = asyncio.create_task(self._stay(places, name, log))

    async def _stay(self, places: Places, name: str, log: list[str]) -> None:
        async with places.one():
            log.append(name)
            self.seated.set()
            await self.leave.wait()


async def test_places_are_given_in_the_order_of_arrival() -> None:
    log: list[str] = []
    places = Places("u", 1, 2, 60)
    first, second, third = (Guest(places, name, log) for name in "abc")
    await first.seated.wait()
    assert places.waiting == 2

    for guest in (first, second, third):
        guest.leave.set()
        await guest.task

    assert (log, places.waiting) == (["a", "b", "c"], 0)


async def test_a_full_queue_turns_away_and_says_what_is_full() -> None:
    places = Places("moonshot", 1, 1, 60)
    guests = [Guest(places, name, []) for name in "ab"]
    await guests[0].seated.wait()

    with pytest.raises(Busy, match=r"'moonshot' is busy: .* = 1\), and 1 more wait") as told:
        async with places.one():
            pass

    assert (told.value.status, told.value.kind, told.value.retry_after) == (503, "overloaded", 1.0)
    for guest in guests:
        guest.task.cancel()


async def test_nobody_waits_for_longer_than_it_is_patient() -> None:
    places = Places("u", 1, 1, 0.0)

    async with places.one():
        with pytest.raises(Busy, match="no place came free in 0 s"):
            async with places.one():
                pass

    assert places.waiting == 0


async def test_who_leaves_the_queue_leaves_no_gap() -> None:
    places = Places("u", 1, 2, 60)
    log: list[str] = []
    first, gone, last = (Guest(places, name, log) for name in "abc")
    await first.seated.wait()

    gone.task.cancel()
    first.leave.set()
    await last.seated.wait()

    assert (log, places.waiting) == (["a", "c"], 0)
    last.leave.set()
    await last.task


async def test_a_place_is_given_back_by_who_fails() -> None:
    places = Places("u", 1, 0, 60)

    for _ in range(3):
        with pytest.raises(ValueError, match="no"):
            async with places.one():
                raise ValueError("no")
