"""An Ollama that is found on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import orjson
import pytest

import gateway_ollama
from gateway import config
from gateway.groups import Catalog
from gateway.testing.subject import Subject
from gateway_ollama.fallback import find_ollama
from gateway_ollama.models import write_models

TAGS = {"models": [{"name": "nomic-embed-text:latest"}, {"model": "llama3.2:1b", "name": "x"}]}


@contextmanager
def serving(body: bytes, **headers: str) -> Iterator[str]:
    """A server on loopback that answers everything so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_its_first_model_that_can_chat_answers():
    with serving(orjson.dumps(TAGS)) as url:
        offer = find_ollama({}, url)

    assert (offer.model, offer.upstream.base_url, offer.demo) == ("llama3.2:1b", url, False)
    assert (offer.upstream.backend, offer.upstream.name) == ("ollama", "ollama")
    assert offer.rank < 50


def test_it_answers_every_name_when_nothing_is_configured():
    backends = Subject(gateway_ollama).backends
    with serving(orjson.dumps(TAGS)) as url:
        offer = find_ollama({}, url)

    settings = config.build(None, {}, backends=backends, setting_classes={}, fallback=offer)

    (target,) = Catalog(settings, backends).resolve(None, "gpt-5").targets
    assert (str(target), target.base_url) == ("ollama/llama3.2:1b", url)


@pytest.mark.parametrize("body", [b'{"models":[]}', b"<html>", b"[]", b'{"models":[1,{}]}', b""])
def test_a_server_without_models_is_none(body):
    with serving(body) as url:
        assert find_ollama({}, url) is None


def test_nobody_there_is_none():
    with serving(b"") as url:
        pass

    assert find_ollama({}, url) is None


def test_another_gateway_is_none(ollama):
    reply = write_models(ollama.endpoint("/api/tags"), ["kimi"], {})
    marks = {name.replace("-", "_"): value for name, value in reply.headers.items()}

    with serving(reply.body, **marks) as url:
        assert find_ollama({}, url) is None


def test_an_address_that_was_said_is_not_looked_for():
    with serving(orjson.dumps(TAGS)) as url:
        assert find_ollama({"OLLAMA_HOST": "10.0.0.2"}, url) is None
