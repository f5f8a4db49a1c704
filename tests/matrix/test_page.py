"""docs/matrix.md is what the translators do today."""

from __future__ import annotations

import pytest

from gateway.losses import Loss
from gateway.testing import corpus
from tests.matrix import page
from tests.matrix.pairs import FACES


def test_the_page_is_as_the_results_are():
    assert page.PAGE.read_text() == page.page(), "write it anew: make matrix"


def test_a_loss_is_seen():
    cell = page.request_cell("claude", "openai", page.REQUESTS["top_k"])

    assert cell == page.Cell(
        [Loss("sampling.top_k", "upstream/real-model has no top_k", "meaning")]
    )
    assert page._shown(cell) == "**top_k**"


def test_what_a_dialect_has_no_words_for_is_no_loss():
    assert page.request_cell("claude", "openai", page.REQUESTS["seed"]) == page.Cell(None)


def test_a_refused_body_is_seen():
    assert page._shown(page.body_cell("claude", "openai", {"model": "m"})) == page.REFUSED


@pytest.mark.parametrize("name", page.REQUESTS)
def test_every_feature_is_shown_by_its_own_request(name):
    """A slip in a feature's mark would make every cell of its row say that nobody has it."""
    feature = page.REQUESTS[name]

    assert feature.shows in page.said(feature.make("claude"))


@pytest.mark.parametrize("dialect", FACES)
def test_text_is_lossless_from_and_to_everybody(dialect):
    for other in FACES:
        assert page.request_cell(dialect, other, page.REQUESTS["text, several turns"]).losses == []


def test_a_changed_reply_is_seen():
    told = page.essence(corpus.stream("text"))
    heard = page.evolve(told, text="", finish="length")

    assert [loss.path for loss in page._unlike(told, heard)] == ["finish", "text"]


def test_what_embeddings_lose_and_who_refuses_them_is_seen():
    title = page.vectors_cell("gemini", "openai", "a document's title")

    assert page._shown(title) == "**title**"
    assert page._shown(page.vectors_cell("openai", "claude", "one text")) == page.REFUSED
    assert page._shown(page.vectors_cell("openai", "responses", "token numbers")) == page.LOSSLESS
    assert page.vectors_cell("ollama", "openai", "token numbers") == page.Cell(None)
