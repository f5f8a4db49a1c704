"""Ports that are free, taken and impossible."""

import socket
from collections.abc import Iterator

import pytest

from gateway.errors import ConfigError
from gateway.ports import listen

HOST = "127.0.0.1"


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server((HOST, 0)) as sock:
        yield sock.getsockname()[1]


@pytest.fixture
def free() -> int:
    with socket.create_server((HOST, 0)) as sock:
        return sock.getsockname()[1]


def test_an_asked_for_port_is_listened_on(free: int):
    sock, moved = listen(HOST, free)

    with sock:
        assert sock.getsockname() == (HOST, free)
        assert moved is None
        socket.create_connection((HOST, free)).close()


def test_port_0_takes_any_free_one():
    sock, _ = listen(HOST, 0)

    with sock:
        assert sock.getsockname()[1] > 0


def test_an_asked_for_port_that_is_taken_is_one_line(taken: int):
    with pytest.raises(ConfigError) as caught:
        listen(HOST, taken)

    assert str(caught.value) == (
        f"[server]: can't listen on {HOST}:{taken}: it is taken by another program"
    )


def test_the_second_port_is_used_and_said_when_the_usual_one_is_taken(taken: int, free: int):
    sock, moved = listen(HOST, None, usual=taken, second=free)

    with sock:
        assert sock.getsockname()[1] == free
        assert moved == f"port {taken} is taken (Ollama's?), so this gateway listens on {free}"


def test_the_usual_port_needs_no_words(taken: int, free: int):
    sock, moved = listen(HOST, None, usual=free, second=taken)

    with sock:
        assert sock.getsockname()[1] == free
        assert moved is None


def test_two_taken_ports_are_an_error(taken: int):
    with pytest.raises(ConfigError, match="it is taken by another program"):
        listen(HOST, None, usual=taken, second=taken)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("203.0.113.7", 0, "this machine has no such address"),
        ("no such host", 0, "there is no such host"),
        (HOST, 70000, "70000 is no port: they go from 0 to 65535"),
    ],
)
def test_an_impossible_address_says_why(host: str, port: int, words: str):
    with pytest.raises(ConfigError, match=words):
        listen(host, port)
