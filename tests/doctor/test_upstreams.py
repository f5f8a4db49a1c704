"""What the doctor says of upstreams: that they are well, or why not and what to do."""

from __future__ import annotations

import socket

import pytest

from gateway import config
from gateway.config_file import Raw
from gateway.doctor.upstreams import nothing, tried
from gateway.plugins import load
from gateway.settings import Plugins as Choice
from gateway.testing.upstreams import Hold, Reply

KEY = "sk-secret-key-of-somebody-1234"
LISTS = {
    "openai": {"object": "list", "data": []},
    "responses": {"object": "list", "data": []},
    "claude": {"data": [], "has_more": False},
    "gemini": {"models": []},
    "ollama": {"models": []},
}
PLUGINS = load(Choice())


def settings_of(url, dialect="openai", keys=(KEY,), **more):
    table = {"dialect": dialect, "base_url": url, "keys": list(keys), **more}
    raw = Raw(tree={"upstreams": {"up": table}})
    return config.build(raw, {}, backends=PLUGINS.backends, setting_classes=PLUGINS.setting_classes)


async def found(url, dialect="openai", patience=20, **more):
    findings = await tried(settings_of(url, dialect, **more), PLUGINS, patience)
    assert not [one for one in findings if KEY in repr(one)]
    return findings


async def one_found(*arguments, **more):
    (finding,) = await found(*arguments, **more)
    return finding


@pytest.mark.parametrize("dialect", LISTS)
async def test_a_healthy_upstream_of_any_dialect_is_good(dialect, fake_upstream):
    fake_upstream.answers(Reply.json(LISTS[dialect]))

    finding = await one_found(fake_upstream.url, dialect)

    assert finding.grade == "good"
    assert "the key is accepted" in finding.what
    seen = fake_upstream.requests[0]
    assert seen.method == "GET"
    assert KEY in " ".join(seen.headers.values())


@pytest.mark.parametrize(
    ("reply", "what", "do"),
    [
        (Reply.json({"error": {"message": "bad key"}}, 401), "the key is refused (401)", "key"),
        (Reply.json({"error": {"message": "no"}}, 403), "the key is refused (403)", "key"),
        (Reply.json({"error": {"message": "pay"}}, 402), "empty or blocked (402)", "pay"),
        (Reply.json({"detail": "Not Found"}, 404), "no such URL (404)", "base_url"),
        (Reply.json({"error": {"message": "oops"}}, 500), "an error (500)", "later"),
        (Reply.json({}, 302, {"location": "/else"}), "a redirect", "base_url"),
        (Reply([b"<html>Welcome</html>"], content_type="text/html"), "a web page", "base_url"),
        (Reply([b"hello"], content_type="text/plain"), "no JSON", "base_url"),
        (Reply.json({"models": []}), "JSON of another kind", "dialect"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_wrong_answer_is_bad_and_says_what_to_do(reply, what, do, fake_upstream):
    fake_upstream.answers(reply)

    finding = await one_found(fake_upstream.url)

    assert finding.grade == "bad"
    assert what in finding.what
    assert finding.why
    assert do in finding.do


async def test_a_rate_limit_is_only_a_note(fake_upstream):
    fake_upstream.answers(Reply.json({"error": {"message": "slow down"}}, 429))

    finding = await one_found(fake_upstream.url)

    assert (finding.grade, finding.do) == ("note", "wait a while")


async def test_a_closed_port_is_told(fake_upstream):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    finding = await one_found(f"http://127.0.0.1:{port}")

    assert finding.grade == "bad"
    assert f"nobody takes connections at 127.0.0.1:{port}: Connection refused" in finding.what
    assert "start it" in finding.do


async def test_a_host_that_does_not_exist_is_told():
    finding = await one_found("https://nowhere.invalid/v1")

    assert finding.grade == "bad"
    assert "there is no host nowhere.invalid" in finding.what


async def test_plain_http_behind_an_https_address_is_told(fake_upstream):
    finding = await one_found(fake_upstream.url.replace("http://", "https://"))

    assert finding.grade == "bad"
    assert "does not speak TLS" in finding.what


async def test_a_silent_upstream_is_told_after_the_time_is_over(fake_upstream):
    hold = Hold()
    fake_upstream.answers(Reply([], before=hold))

    finding = await one_found(fake_upstream.url, patience=0.2)

    assert finding.grade == "bad"
    assert "said nothing for 0.2 s" in finding.what
    hold.release()


async def test_each_key_is_tried_and_none_is_shown(fake_upstream):
    refused = Reply.json({"error": {"message": "bad key"}}, 401)
    fake_upstream.answers(Reply.json(LISTS["openai"]), refused)

    first, second = await found(fake_upstream.url, keys=(KEY, KEY + "-old"))

    assert (first.grade, second.grade) == ("good", "bad")
    assert second.what.startswith("up, key 2 of 2: the key is refused")


async def test_a_clock_that_is_far_off_is_told(fake_upstream):
    date = {"date": "Mon, 01 Jan 2024 00:00:00 GMT"}
    fake_upstream.answers(Reply.json(LISTS["openai"], headers=date))

    well, clock = await found(fake_upstream.url)

    assert well.grade == "good"
    assert (clock.area, clock.grade) == ("clock", "bad")
    assert "minutes ahead" in clock.what


async def test_a_disabled_upstream_is_left_alone(fake_upstream):
    finding = await one_found(fake_upstream.url, disabled=True)

    assert finding.what == "up is disabled"
    assert fake_upstream.requests == []


def test_without_any_upstream_it_says_what_would_answer():
    finding = nothing(PLUGINS, {"OLLAMA_HOST": "127.0.0.1:9"})

    assert finding.grade == "note"
    assert finding.why.endswith("would answer")
