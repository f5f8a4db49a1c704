"""The neutral request -> the request of a Newplugin provider."""

from __future__ import annotations

from attrs import evolve

from gateway.attempt import Attempt
from gateway.losses import note_foreign
from gateway.model import ChatRequest
from gateway.testing.corpus import words
from gateway.wire import UpstreamWire

PATH = "/newplugin/chat"


def write_request(request: ChatRequest, attempt: Attempt) -> UpstreamWire:
    """What can't be said goes into the ledger: nothing may be lost in silence."""
    note_foreign(request, "newplugin", attempt.losses)
    sampling = request.sampling
    if sampling.top_k is not None:
        attempt.losses.add("sampling.top_k", "Newplugin has no top_k", "meaning")
        sampling = evolve(sampling, top_k=None)
    said = evolve(request, model=attempt.target.model, sampling=sampling)
    return UpstreamWire(PATH, words.write_request(said))
