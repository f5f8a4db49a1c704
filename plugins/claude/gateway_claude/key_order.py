"""The order of keys as the client sent it, for a request that goes home.

What a rule did not change looks as it did, to people and to whatever compares requests.
"""

from __future__ import annotations

from gateway.model import Json

LOOK_AHEAD = 64
"""How many items may have been taken out of a list in a row for the rest to be found again."""


def as_sent(written: Json, sent: Json) -> Json:
    """`written`, equal to what it was, its keys in the order of `sent` where that has them.

    >>> as_sent({"role": "user", "content": "b"}, {"content": "a", "role": "user"})
    {'content': 'b', 'role': 'user'}
    """
    if isinstance(written, dict) and isinstance(sent, dict):
        known = {key: as_sent(written[key], sent[key]) for key in sent if key in written}
        return {**known, **{key: written[key] for key in written if key not in sent}}
    if isinstance(written, list) and isinstance(sent, list):
        if len(written) == len(sent):
            return [as_sent(one, other) for one, other in zip(written, sent, strict=True)]
        return _found_again(written, sent)
    return written


def _found_again(written: list[Json], sent: list[Json]) -> list[Json]:
    """Items of a list that grew or shrank; those that are as the client sent them are its own."""
    out: list[Json] = []
    at = 0
    for item in written:
        ahead = range(at, min(at + LOOK_AHEAD, len(sent)))
        found = next((place for place in ahead if sent[place] == item), None)
        out.append(item if found is None else sent[found])
        at = at if found is None else found + 1
    return out
