"""Log lines, and what must never stand in one."""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator

import orjson
import pytest
import structlog

from gateway.context import Record
from gateway.events import Usage
from gateway.log import cutter, exchange_fields, log, log_exchange, log_request, start_logging
from gateway.losses import Loss
from gateway.settings import Settings, UpstreamSettings

REAL = 'real-"key"-of-moonshot'
SETTINGS = Settings(
    upstreams={
        "moonshot": UpstreamSettings(
            "moonshot",
            "openai",
            keys=[REAL],
            headers={"x-team": "blue", "x-token": "another-real-secret"},
        )
    },
    admin_key="admin-secret",
)
RECORD = Record("req_1", 100.0, "/v1/messages", "claude")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    start_logging(SETTINGS, stream, {})
    yield stream
    structlog.reset_defaults()
    root = logging.getLogger()
    root.handlers = [each for each in root.handlers if "gateway" not in type(each).__module__]


def lines(out: io.StringIO) -> list[dict[str, object]]:
    return [orjson.loads(line) for line in out.getvalue().splitlines()]


def test_an_exchange_is_one_line_of_fields(out: io.StringIO):
    log_exchange(
        Record(
            exchange_id="req_1",
            started=100.0,
            endpoint="/v1/messages",
            dialect="claude",
            group="kimi",
            target="moonshot/k2",
            key_id="alice",
            stream=True,
            relayed=True,
            first_byte=100.25,
            ended=101.5,
            status=200,
            finish="stop",
            usage=Usage(input=10, output=2),
            losses=[Loss("sampling.top_k", "none", "meaning")],
        )
    )

    (line,) = lines(out)
    assert line.pop("timestamp")
    assert line == {
        "event": "exchange_done",
        "level": "info",
        "exchange_id": "req_1",
        "endpoint": "/v1/messages",
        "dialect": "claude",
        "group": "kimi",
        "target": "moonshot/k2",
        "key": "alice",
        "stream": True,
        "way": "relay",
        "status": 200,
        "finish": "stop",
        "first_ms": 250,
        "ms": 1500,
        "input": 10,
        "output": 2,
        "usage_from": "provider",
        "losses": ["sampling.top_k"],
        "loss_count": 1,
    }


def test_what_never_came_is_left_out():
    assert exchange_fields(RECORD) == {
        "exchange_id": "req_1",
        "endpoint": "/v1/messages",
        "dialect": "claude",
    }


def test_zero_tokens_are_not_left_out():
    record = Record("req_1", 100.0, "/v1/messages", "claude", usage=Usage(input=0))

    assert exchange_fields(record)["input"] == 0


def test_a_request_s_line_has_no_query(out: io.StringIO):
    log_request("GET", "/health?key=secret", 200, 0.002)

    (line,) = lines(out)
    assert line["path"] == "/health"
    assert line["ms"] == 2


@pytest.mark.parametrize(
    "secret",
    [
        REAL,
        "another-real-secret",
        "admin-secret",
        "cs-" + "a1_-" * 10,
        "sk-ant-api03-" + "b" * 24,
        "AIza" + "C" * 35,
    ],
)
def test_a_secret_stands_in_no_field(out: io.StringIO, secret: str):
    try:
        int(secret)
    except ValueError as error:
        log().error(
            "broke", text=f"a {secret} b", nested={"k": [secret]}, obj={secret}, exc_info=error
        )

    text = out.getvalue()
    assert secret not in text
    assert orjson.dumps(secret).decode()[1:-1] not in text
    assert text.count("[cut]") >= 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("authorization: Bearer abc.def, next", "authorization: Bearer [cut], next"),
        ("GET /v1/models?alt=sse&key=abc&x=1", "GET /v1/models?alt=sse&key=[cut]&x=1"),
        ("proxy http://me:pass@proxy:1 failed", "proxy http://[cut]@proxy:1 failed"),
        ("task-force and disk-usage", "task-force and disk-usage"),
        ("claude-sonnet-4-5-20250929", "claude-sonnet-4-5-20250929"),
    ],
)
def test_what_looks_like_a_key_is_cut_and_nothing_else(text: str, expected: str):
    assert cutter(())(text) == expected


def test_a_short_value_is_a_word_and_not_a_secret():
    assert cutter(["blue"])("the blue team") == "the blue team"


def test_a_longer_secret_is_cut_before_one_that_it_holds():
    assert cutter(["secret", "secret-and-more"])("secret-and-more") == "[cut]"


def test_a_person_reads_words():
    terminal = Terminal()
    start_logging(SETTINGS, terminal, {})

    log().info("reloaded", key=REAL)
    structlog.reset_defaults()

    assert "reloaded" in terminal.getvalue()
    assert not terminal.getvalue().startswith("{")
    assert REAL not in terminal.getvalue()


def test_libraries_write_to_the_same_log(out: io.StringIO):
    logging.getLogger("aiohttp.server").warning("odd %s", REAL)

    (line,) = lines(out)
    assert line["event"] == "odd [cut]"
    assert line["logger"] == "aiohttp.server"


def test_the_level_comes_from_the_environment():
    stream = io.StringIO()
    start_logging(SETTINGS, stream, {"BABELGATE_LOG": "warning"})

    log().info("quiet")
    log().warning("loud")
    structlog.reset_defaults()

    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_starting_twice_does_not_write_twice(out: io.StringIO):
    start_logging(SETTINGS, out, {})

    logging.getLogger("aiohttp.server").warning("once")

    assert len(lines(out)) == 1


def test_the_log_does_not_load_rich():
    code = (
        "import sys; from gateway.log import log; assert 'structlog' not in sys.modules\n"
        "log(); assert 'structlog' in sys.modules; assert 'rich' not in sys.modules\n"
        "import rich.console"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
