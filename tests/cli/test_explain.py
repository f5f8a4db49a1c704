"""`babelgate explain`, with the real plugins, a configuration and requests in files."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from gateway import explaining
from gateway.cli import explain_page, run

ROOT = Path(__file__).parents[2]
CAPTURE = str(ROOT / "plugins/claude/tests/captures/claude-code-003.json")
CANARIES = {
    "KIMI_KEY": "canary-of-kimi",
    "KIMI_KEY_2": "canary-of-kimi-2",
    "GEMINI": "canary-of-gemini",
    "TEAM": "canary-of-team-header",
    "QUERY": "canary-of-the-query",
    "ADMIN": "canary-of-the-admin-key",
}
CONFIG = """
[upstreams.moonshot]
dialect = "openai"
base_url = "https://api.moonshot.example/v1"
keys = ["env:KIMI_KEY", "env:KIMI_KEY_2"]
headers = { x-team = "env:TEAM" }
query = { token = "env:QUERY" }

[upstreams.goog]
dialect = "gemini"
base_url = "https://gemini.example"
keys = ["env:GEMINI"]

[upstreams.ant]
dialect = "claude"
base_url = "https://claude.example"

also.openai = "https://claude.example/openai"

[upstreams.gone]
dialect = "openai"
base_url = "https://gone.example/v1"
disabled = true

[upstreams.echo]
backend = "echo"

[admin]
key = "env:ADMIN"

[groups.kimi]
temperature_ratio = 0.5
models = { "claude-*" = ["gone/x", "goog/gemini-3", "moonshot/k2"], "said" = "echo/echo" }

[[groups.kimi.prompts]]
text = "Be kind, \\u001b[31mand brief."

[groups.strict]
on_loss = "refuse"
models = { "*" = "moonshot/k2" }

[groups.plain]
models = { "*" = "ant/claude-real" }
"""
BODY = {
    "model": "claude-x",
    "max_tokens": 10,
    "temperature": 1.0,
    "top_k": 4,
    "messages": [{"role": "user", "content": "My key is canary-of-kimi-2, by mistake."}],
    "system": "Long. " * 100,
}


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "babelgate.toml").write_text(CONFIG)
    (tmp_path / "body.json").write_text(json.dumps(BODY))


@pytest.fixture
def explained(capsys):
    def call(*arguments):
        status = run(["explain", *arguments])
        out, err = capsys.readouterr()
        assert (status, err) == (0, "")
        return out

    return call


@pytest.fixture
def refused(capsys):
    def call(*arguments):
        status = run(["explain", *arguments])
        out, err = capsys.readouterr()
        assert (status, out) == (2, "")
        return err

    return call


def test_the_page_says_where_it_goes_and_why(explained):
    page = explained("body.json", "--path", "/kimi/v1/messages")

    assert "group     kimi  the URL says so" in page
    assert "alias     claude-*  the longest pattern that matches 'claude-x'" in page
    assert "skipped   gone/x  its upstream is disabled" in page
    assert "> 1. goog/gemini-3  first; backend gemini, 1 key" in page
    assert "2. moonshot/k2  when those before it fail; backend openai, 2 keys in turn" in page
    assert "translated: claude -> gemini" in page
    assert "prompt_rewrite touches the request" in page


@pytest.mark.parametrize(
    ("path", "face", "url"),
    [
        ("messages", "its main face, which speaks as the client does", "claude.example/v1/"),
        ("chat/completions", "its openai face, since the client speaks that", "/openai/v1/chat/"),
        (
            "responses",
            "its main face, since none of the others speaks responses (there are: openai)",
            "claude.example/v1/messages",
        ),
    ],
)
def test_the_face_that_is_asked_comes_with_its_reason(explained, path, face, url):
    Path("body.json").write_text(
        json.dumps({**BODY, "input": "Hello"} | ({"system": None} if path != "messages" else {}))
    )

    page = explained("body.json", "--path", f"/plain/v1/{path}")

    assert face in page
    assert url in page


def test_each_hooks_change_is_a_diff(explained):
    page = explained("body.json", "--path", "/kimi/v1/messages")

    _, _, rest = page.partition("prompt_rewrite, rewrite_prompt\n")
    prompt, _, temperature = rest.partition("prompt_rewrite, adjust_temperature\n")
    assert "+  - is: text\n  +    text: Be kind" in prompt
    assert '-  {"temperature":1.0' not in prompt
    assert '  -sampling: {"temperature":1.0,"top_k":4,"max_tokens":10}' in temperature
    assert '  +sampling: {"temperature":0.5,"top_k":4,"max_tokens":10}' in temperature


def test_long_texts_are_cut_and_say_by_how_much(explained):
    page = explained("body.json", "--path", "/kimi/v1/messages")

    assert "… (+360 characters)" in page


def test_no_text_can_do_anything_to_the_terminal(explained):
    page = explained("body.json", "--path", "/kimi/v1/messages")

    assert "\x1b" not in page
    assert r"\x1b[31mand brief." in page


def test_losses_come_with_weight_and_policy(explained):
    page = explained("body.json", "--path", "/kimi/v1/messages", "--target", "moonshot/k2")

    assert "POST https://api.moonshot.example/v1/chat/completions?token=(configured)" in page
    assert "authorization: bearer (key)" in page.lower()
    assert "x-team: (configured)" in page
    assert "  meaning sampling.top_k  moonshot/k2 has no top_k" in page
    assert 'on_loss = "note": the losses are written down, and the request is sent' in page


def test_a_group_that_refuses_losses_says_so(explained):
    page = explained("body.json", "--path", "/strict/v1/messages")

    assert "never sent: the group refuses losses of meaning, and there are 1" in page
    assert "what would be sent, were it not refused" in page


def test_a_relayed_request_is_shown_as_it_goes(explained):
    out = explained("body.json", "--path", "/plain/v1/messages", "--json")

    (target,) = json.loads(out)["targets"]
    assert target["way"].startswith("relayed")
    assert target["sent"]["url"] == "https://claude.example/v1/messages"
    assert target["sent"]["body"] == {**json.loads(json.dumps(BODY)), "model": "claude-real"} | {
        "messages": [{"role": "user", "content": "My key is (hidden), by mistake."}]
    }


def test_what_no_translator_could_read_may_still_be_relayed(explained):
    Path("odd.json").write_text(json.dumps({**BODY, "temperature": "warm"}))

    page = explained("odd.json", "--path", "/plain/v1/messages")

    assert "it can't be read: temperature must be a number, not a string" in page
    assert '"warm"' in page or "temperature: warm" in page


def test_a_wrong_request_is_refused_by_each_target_that_must_read_it(explained):
    Path("odd.json").write_text(json.dumps({**BODY, "temperature": "warm"}))

    page = explained("odd.json", "--path", "/kimi/v1/messages")

    assert page.count("never sent: 400: temperature must be a number, not a string") == 2


def test_a_backend_without_a_wire_makes_its_request_by_itself(explained):
    Path("said.json").write_text(json.dumps({**BODY, "model": "said"}))

    page = explained("said.json", "--path", "/kimi/v1/messages")

    assert "alias     said  exactly 'said'" in page
    assert "the backend 'echo' makes its request by itself" in page


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.parametrize("group", ["kimi", "strict", "plain"])
def test_no_secret_is_ever_shown(explained, form, group):
    header = ["-H", "authorization=Bearer canary-of-the-client", "-H", "x-api-key=canary-short"]
    path = f"/{group}/v1/messages?key=canary-in-the-query"

    for target in ([], ["--target", "moonshot/k2"]) if group == "kimi" else ([],):
        out = explained("body.json", "--path", path, *header, *form, *target)

        assert "canary" not in out


def test_a_recorded_request_brings_its_path_and_headers(explained):
    out = json.loads(explained(CAPTURE, "--path", "/kimi/v1/messages", "--json"))

    assert (out["model"], out["stream"]) == ("claude-sonnet-5-5", True)
    assert out["targets"][0]["sent"]["url"].endswith("gemini-3:streamGenerateContent?alt=sse")
    assert {one["weight"] for one in out["targets"][0]["losses"]} == {"hint", "meaning"}


@pytest.mark.parametrize("query", [{"alt": "sse"}, [["alt", "sse"]], "?alt=sse", None])
@pytest.mark.parametrize("headers", [{"User-Agent": "cli/1"}, [["User-Agent", "cli/1"]]])
def test_a_recording_may_have_several_forms(explained, query, headers):
    recorded = {"body": BODY, "path": "/kimi/v1/messages", "query": query, "headers": headers}
    Path("recorded.json").write_text(json.dumps(recorded))

    assert json.loads(explained("recorded.json", "--json"))["group"] == "kimi"


def test_alike_losses_share_a_line(explained):
    page = explained(CAPTURE, "--path", "/kimi/v1/messages")

    assert page.count("schema.$schema") == 1
    assert "more like it" in page


def test_the_request_may_come_by_pipe_for_a_dialects_first_endpoint(explained, monkeypatch):
    body = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}
    piped = SimpleNamespace(buffer=io.BytesIO(json.dumps(body).encode()))
    monkeypatch.setattr(sys, "stdin", piped)
    Path("babelgate.toml").write_text(CONFIG.replace("[groups.plain]", "[groups.default]"))

    page = explained("--endpoint", "gemini")

    assert "group     default  the URL names none" in page
    assert "translated: gemini -> claude" in page


def test_nothing_is_written_by_looking(explained, tmp_path):
    before = sorted(tmp_path.iterdir())

    explained("body.json", "--path", "/kimi/v1/messages")

    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["odd.json"], "`headers` and `query` must be objects or lists of pairs"),
        (["body.json"], "say --path PATH, or --endpoint with one of: "),
        (["none.json", "--endpoint", "claude"], "none.json can't be read: No such file"),
        (["body.json", "--endpoint", "klingon"], "there is no dialect 'klingon' (there are: "),
        (["body.json", "--path", "/v2/nothing"], "there is no endpoint POST /v2/nothing"),
        (["body.json", "--path", "/none/v1/messages"], "there is no group 'none'"),
        (["body.json", "--path", "/kimi/v1/messages/count_tokens"], "is no chat request"),
        (["body.json", "--path", "/v1/messages", "-H", "a: s3cret"], "NAME=VALUE, not 'a'"),
        (
            ["body.json", "--path", "/kimi/v1/messages", "--target", "a/b"],
            "'a/b' is not asked (targets: goog/gemini-3, moonshot/k2)",
        ),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(refused, arguments, why):
    Path("odd.json").write_text('{"body": {}, "path": "/v1/messages", "headers": [1]}')

    line = refused(*arguments)

    assert why in line
    assert line.count("\n") == 1
    assert "s3cret" not in line


def test_a_long_change_is_cut_on_the_page():
    change = explaining.Change("p", "rewrite_prompt", ["+x"] * 100)

    lines = [line.plain for line in explain_page._change(change)]

    assert len(lines) == 2 + explain_page.DIFF_LINES + 1
    assert lines[-1] == "  … 40 more lines (--json has all)"
