"""No stream of one dialect can crash or hang another's encoder: what ends early or holds junk.

`BABELGATE_EXAMPLES=1000 make test` tries as many for each pair, and new ones in every run.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Failure, Finish
from gateway.testing import strategies
from gateway.testing.journeys import encode
from tests.matrix.generated import many, told
from tests.matrix.pairs import SUBJECT, pairs

JUNK = [b"\xff", b"\n", b"\n\n", b"{", b"}", b"null", b"\r", b"data: {}\n\n", b'{"done": true}\n']


@pairs
@many
@given(data=st.data())
def test_no_damage_breaks_another_dialect(upstream, client, data):
    """The upstream's bytes end early, or hold what doesn't belong there."""
    written = encode(SUBJECT, upstream, data.draw(strategies.wild_streams(upstream)), stream=True)
    before, after = sorted(data.draw(st.tuples(share(), share())))
    junk = data.draw(st.sampled_from(JUNK))
    head, tail = written[: at(before, written)], written[at(after, written) :]

    decoded = told(upstream, client, [head, junk, tail])

    assert isinstance(decoded[-1], Finish | Failure)


def share():
    """A place in a stream whose length may vary with the clock."""
    return st.integers(0, strategies.SHARES)


def at(place, data):
    return place * len(data) // strategies.SHARES
