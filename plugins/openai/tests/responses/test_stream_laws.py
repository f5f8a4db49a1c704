"""Laws of a client's stream, for any order of events; and of flat names."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as some

from gateway.model import Tool
from gateway.testing import strategies
from gateway_openai.responses.offered import Called, Offered

ADDED, DONE = "response.output_item.added", "response.output_item.done"
NAMES = some.text("ab_", min_size=1, max_size=4)
LAW = settings(max_examples=60, deadline=None, derandomize=True)


@LAW
@given(strategies.wild_streams("responses"))
def test_st9_what_opens_closes_once_and_nothing_grows_outside(arrows, events):
    told = arrows.told(events)

    open_items, open_parts = set(), set()
    for event in told:
        at, kind = event.get("output_index"), event["type"]
        place = (at, event.get("content_index"), event.get("summary_index"))
        if kind == ADDED:
            open_items.add(at)
        elif kind == DONE:
            open_items.remove(at)
        elif kind.endswith("_part.added"):
            open_parts.add(place)
        elif kind.endswith("_part.done"):
            open_parts.remove(place)
        elif at is not None:
            assert at in open_items
            assert place in open_parts or place[1:] == (None, None)
    assert not open_items
    assert not open_parts


@LAW
@given(strategies.wild_streams("responses"))
def test_st10_numbers_rise_ids_differ_and_the_end_has_every_item(arrows, events):
    told = arrows.told(events)

    assert [event["sequence_number"] for event in told] == list(range(len(told)))
    done = sorted((e for e in told if e["type"] == DONE), key=lambda e: e["output_index"])
    assert [event["item"] for event in done] == told[-1]["response"]["output"]
    assert [event["output_index"] for event in done] == list(range(len(done)))
    assert len({event["item"]["id"] for event in done}) == len(done)


@LAW
@given(some.lists(some.tuples(some.none() | NAMES, NAMES), unique=True, max_size=6))
def test_th5_a_flat_name_that_only_one_tool_can_mean_is_that_tool(offers):
    offered = Offered([Tool(name, namespace=space) for space, name in offers])
    flat = Counter(name if space is None else f"{space}__{name}" for space, name in offers)

    for space, name in offers:
        assert offered.find(name, space, "function") == Called(name, space, "function")
        whole = name if space is None else f"{space}__{name}"
        if flat[whole] == 1:
            assert offered.find(whole, None, "function") == Called(name, space, "function")
