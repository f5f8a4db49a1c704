"""No stream of one dialect can crash or hang another's encoder: any order of events, cut anywhere.

`BABELGATE_EXAMPLES=1000 make test` tries as many for each pair, and new ones in every run.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.events import Failure, Finish
from gateway.testing import strategies
from gateway.testing.journeys import cut, decode, encode
from tests.matrix.generated import many, told
from tests.matrix.pairs import SUBJECT, every_face, pairs


@pairs
@many
@given(data=st.data())
def test_no_order_of_events_and_no_cut_breaks_another_dialect(upstream, client, data):
    written = encode(SUBJECT, upstream, data.draw(strategies.wild_streams(upstream)), stream=True)
    places = data.draw(strategies.cuts(len(written)))

    decoded = told(upstream, client, cut(written, places))

    assert isinstance(decoded[-1], Finish)


@every_face
@many
@given(data=st.data())
def test_no_events_out_of_order_hang_or_crash_an_encoder(dialect, data):
    """An upstream's decoder may be wrong; the client then gets its dialect's end or an error."""
    events = data.draw(strategies.wild_streams(dialect))
    end = data.draw(st.integers(1, len(events)))

    decoded = decode(
        SUBJECT, dialect, [encode(SUBJECT, dialect, events[:end], stream=True)], stream=True
    )

    assert isinstance(decoded[-1], Failure if end < len(events) else Finish)
