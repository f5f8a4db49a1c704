"""Every endpoint behind every prefix, and clear words for what is none."""

import pytest

from gateway.errors import NotFound, WrongMethod
from gateway.hooks import Dialect, Endpoint
from gateway.routes import Callers, Route, Routes

CHAT = Endpoint("POST", "/v1/chat/completions", "openai", "chat")
MODELS = Endpoint("GET", "/v1/models", "openai", "models")
MODEL = Endpoint("GET", "/v1/models/{model}", "openai", "model")
MESSAGES = Endpoint("POST", "/v1/messages", "claude", "chat")
COUNT = Endpoint("POST", "/v1/messages/count_tokens", "claude", "count_tokens")
CLAUDE_MODELS = Endpoint("GET", "/v1/models", "claude", "models")
CLAUDE_MODEL = Endpoint("GET", "/v1/models/{model_id}", "claude", "model")
GENERATE = Endpoint("POST", "/v1beta/models/{model}:generateContent", "gemini", "chat", False)
STREAM = Endpoint("POST", "/v1beta/models/{model}:streamGenerateContent", "gemini", "chat", True)
BARE = Endpoint("POST", "/models/{model}:generateContent", "gemini", "chat", False)
SLASH = Endpoint("POST", "/v1/models/{model}/generateContent", "gemini", "chat", False)
GEMINI_MODELS = Endpoint("GET", "/v1/models", "gemini", "models")
OLLAMA = Endpoint("POST", "/api/chat", "ollama", "chat")

ROUTES = Routes(
    [
        *(CHAT, MODELS, MODEL, MESSAGES, COUNT, CLAUDE_MODELS, CLAUDE_MODEL),
        *(GENERATE, STREAM, BARE, SLASH, GEMINI_MODELS, OLLAMA),
    ],
    Callers(
        {"x-goog-api-key": "gemini", "anthropic-version": "claude", "x-api-key": "claude"}, "openai"
    ),
)
NO_HEADERS: dict[str, str] = {}


@pytest.mark.parametrize(
    ("prefix", "group", "compat"),
    [
        ("", None, False),
        ("/kimi", "kimi", False),
        ("/switch", "switch", False),
        ("/compat", None, True),
        ("/compat_mode", None, True),
        ("/kimi/compat", "kimi", True),
        ("/kimi/compat_mode", "kimi", True),
        ("/switch/compat_mode", "switch", True),
        ("/big%20models", "big models", False),
    ],
)
@pytest.mark.parametrize("endpoint", [CHAT, COUNT, OLLAMA])
def test_every_endpoint_stands_behind_every_prefix(
    prefix: str, group: str | None, compat: bool, endpoint: Endpoint
):
    route = ROUTES.resolve("POST", prefix + endpoint.path, NO_HEADERS)

    assert route == Route(endpoint, {}, group, compat)


@pytest.mark.parametrize(
    ("path", "endpoint", "model"),
    [
        ("/v1beta/models/gemini-2.5-pro:generateContent", GENERATE, "gemini-2.5-pro"),
        ("/v1beta/models/gemini-2.5-pro%3AgenerateContent", GENERATE, "gemini-2.5-pro"),
        ("/v1beta/models/g:streamGenerateContent?alt=sse", STREAM, "g"),
        ("/v1beta/models/qwen2.5:0.5b:generateContent", GENERATE, "qwen2.5:0.5b"),
        ("/models/meta%2Fllama-3:generateContent", BARE, "meta/llama-3"),
        ("/kimi/models/g:generateContent", BARE, "g"),
        ("/v1/models/g/generateContent", SLASH, "g"),
    ],
)
def test_a_verb_may_follow_the_model(path: str, endpoint: Endpoint, model: str):
    route = ROUTES.resolve("POST", path, NO_HEADERS)

    assert route.endpoint is endpoint
    assert route.args == {"model": model}


def test_a_variable_segment_is_decoded_after_the_path_was_cut():
    route = ROUTES.resolve("GET", "/kimi/v1/models/meta%2Fllama%203%3Afree", NO_HEADERS)

    assert route == Route(MODEL, {"model": "meta/llama 3:free"}, "kimi", False)


@pytest.mark.parametrize(
    ("headers", "endpoint"),
    [
        ({"x-goog-api-key": "k"}, GEMINI_MODELS),
        ({"anthropic-version": "2023-06-01"}, CLAUDE_MODELS),
        ({"x-api-key": "k"}, CLAUDE_MODELS),
        ({"authorization": "Bearer k"}, MODELS),
        ({"x-goog-api-key": "k", "authorization": "Bearer k"}, GEMINI_MODELS),
    ],
)
def test_a_shared_url_goes_by_the_caller_s_headers(headers: dict[str, str], endpoint: Endpoint):
    assert ROUTES.resolve("GET", "/v1/models", headers).endpoint is endpoint


def test_each_dialect_has_its_own_names_for_shared_segments():
    route = ROUTES.resolve("GET", "/v1/models/m", {"anthropic-version": "2023-06-01"})

    assert route.args == {"model_id": "m"}


def test_dialects_say_themselves_what_tells_their_clients():
    def facts(wire, endpoint):
        raise AssertionError

    callers = Callers.of(
        [
            Dialect("a", (), facts, caller_headers=("x-a", "x-aa")),
            Dialect("b", (), facts, usual_caller=True),
        ]
    )

    assert callers == Callers({"x-a": "a", "x-aa": "a"}, "b")


def test_a_shared_url_goes_to_a_dialect_that_is_loaded():
    routes = Routes([CLAUDE_MODELS])

    assert routes.resolve("GET", "/v1/models", {"x-goog-api-key": "k"}).endpoint is CLAUDE_MODELS


def test_head_is_answered_as_get():
    assert ROUTES.resolve("HEAD", "/v1/models", NO_HEADERS).endpoint is MODELS


def test_a_wrong_method_names_those_that_are_allowed():
    with pytest.raises(WrongMethod) as caught:
        ROUTES.resolve("GET", "/kimi/v1/messages", NO_HEADERS)

    assert caught.value.message == "/kimi/v1/messages takes POST, not GET"
    assert caught.value.headers == {"allow": "POST"}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v1/mesages", "near it: POST /v1/messages"),
        ("/kimi/v1/chat/completion", "near it: POST /v1/chat/completions"),
        ("/v1/v1/messages", "it has /v1 twice, so this client's base URL goes without /v1"),
        ("/v1/messages/", "leave out the slash that is too many"),
        ("//v1/messages", "leave out the slash that is too many"),
        ("/somewhere/quite/else", "`babelgate routes` lists what there is"),
        ("/kimi", "`babelgate routes` lists what there is"),
        ("/", "`babelgate routes` lists what there is"),
    ],
)
def test_an_unknown_path_says_what_may_be_meant(path: str, words: str):
    with pytest.raises(NotFound) as caught:
        ROUTES.resolve("POST", path, NO_HEADERS)

    assert caught.value.message.startswith(f"there is no endpoint POST {path}; ")
    assert words in caught.value.message


@pytest.mark.parametrize("first", ["v1", "api", "admin", "health", "v1beta"])
def test_a_reserved_name_is_no_group(first: str):
    with pytest.raises(NotFound):
        ROUTES.resolve("POST", f"/{first}/v1/messages", NO_HEADERS)


def test_a_query_key_stands_in_no_message():
    with pytest.raises(NotFound) as caught:
        ROUTES.resolve("POST", "/v1/mesages?key=secret", NO_HEADERS)

    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("path", "headers", "dialect"),
    [
        ("/kimi/v1/messages", {}, "claude"),
        ("/v1/models", {"x-goog-api-key": "k"}, "gemini"),
        ("/v1/models", {}, "openai"),
        ("/v1/nothing", {"anthropic-version": "2023-06-01"}, "claude"),
        ("/v1/chat/completion", {}, "openai"),
        ("/kimi/api/nothing", {}, "ollama"),
        ("/v1beta/nothing", {}, "gemini"),
        ("/v1/messages/nothing", {}, "claude"),
        ("/nothing", {}, "openai"),
    ],
)
def test_an_error_takes_the_shape_of_the_nearest_dialect(
    path: str, headers: dict[str, str], dialect: str
):
    assert ROUTES.dialect_of(path, headers) == dialect


def test_without_dialects_an_error_has_no_shape():
    assert Routes([]).dialect_of("/v1/messages", NO_HEADERS) == ""
