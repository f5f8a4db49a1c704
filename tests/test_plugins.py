"""What the typed calls do with real plugin objects."""

import inspect
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import orjson
import pytest
from aiohttp import web

from gateway.attempt import Attempt, Target
from gateway.context import Call, Context, Record
from gateway.errors import BadRequest, ConfigError, GatewayError, PluginError, UpstreamError
from gateway.events import Delta, Event
from gateway.hooks import Backend, Dialect, Endpoint, Fallback, hookimpl
from gateway.losses import Losses
from gateway.model import ChatRequest, Sampling
from gateway.plugins import Plugins, load
from gateway.settings import Group, UpstreamSettings
from gateway.settings import Plugins as Choice
from gateway.wire import InboundWire, WireReply

ALPHA = Endpoint("POST", "/v1/alpha", "alpha", "chat")
WIRE = InboundWire("POST", "/v1/alpha")
REQUEST = ChatRequest("m", [])
NO_PLUGINS = Choice(only=[])


class Alpha:
    """A dialect and a backend with arrows."""

    def __init__(self) -> None:
        self.read: Callable[[InboundWire], ChatRequest | None] = lambda _: REQUEST

    @hookimpl
    def register_dialects(self):
        return [Dialect("alpha", [ALPHA], lambda *_: None)]

    @hookimpl
    def register_backends(self):
        return [Backend("alpha", "alpha", write_request=lambda *_: None, decoder=lambda *_: None)]

    @hookimpl
    def parse_inbound(self, wire):
        return self.read(wire)

    @hookimpl
    def encode_error(self, error):
        return WireReply(error.message.encode(), error.status)


def loaded(*objects: object) -> Plugins:
    return load(NO_PLUGINS, extra=objects, environ={})


def making(**hooks: Callable[..., object]) -> SimpleNamespace:
    """A plugin of these hook functions."""
    return SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})


def context(backend: str = "alpha") -> Context:
    target = Target("up", "real", backend)
    return Context("id", ALPHA, Group("g"), "*", "m", "", False, None, target, Attempt(target))


def call(backend: Backend) -> Call:
    target = Target("up", "real", backend.name)
    return Call(REQUEST, Attempt(target), backend, SimpleNamespace())


async def events_of(stream: AsyncGenerator[list[Event], None]) -> list[Event]:
    return [event async for batch in stream for event in batch]


# --- provide ---


def test_a_dialect_is_read_by_the_plugin_that_owns_it():
    assert loaded(Alpha()).parse_inbound(ALPHA, WIRE, Losses()) is REQUEST


def test_an_owner_is_asked_directly_and_alone():
    seen: list[str] = []
    owner = Alpha()
    owner.read = lambda wire: seen.append(inspect.stack()[2].filename) or REQUEST

    loaded(owner).parse_inbound(ALPHA, WIRE, Losses())

    assert "pluggy" not in seen[0]


def test_a_plugin_may_wrap_how_another_reads():
    class Wrapper:
        @hookimpl(wrapper=True)
        def parse_inbound(self, wire):
            request = yield
            return ChatRequest(request.model + "!", [])

    assert loaded(Alpha(), Wrapper()).parse_inbound(ALPHA, WIRE, Losses()).model == "m!"


def test_a_plugin_without_a_dialect_may_read_for_others():
    own = ChatRequest("own", [])

    class Special:
        @hookimpl(tryfirst=True)
        def parse_inbound(self, wire):
            return own if wire.path == "/special" else None

    plugins = loaded(Alpha(), Special())

    assert plugins.parse_inbound(ALPHA, InboundWire("POST", "/special"), Losses()) is own
    assert plugins.parse_inbound(ALPHA, WIRE, Losses()) is REQUEST


def test_a_request_that_nobody_reads_names_hook_and_dialect():
    owner = Alpha()
    owner.read = lambda _: None

    with pytest.raises(PluginError, match=r"hook parse_inbound gave nothing for dialect 'alpha'"):
        loaded(owner).parse_inbound(ALPHA, WIRE, Losses())


def test_what_breaks_in_a_hook_names_plugin_and_hook():
    owner = Alpha()
    owner.read = lambda _: {}["system"]

    with pytest.raises(PluginError, match=r"plugin 'Alpha#1' .*hook parse_inbound: KeyError"):
        loaded(owner).parse_inbound(ALPHA, WIRE, Losses())


def test_a_bad_request_passes_as_it_is():
    owner = Alpha()

    def read(_: InboundWire) -> ChatRequest:
        raise BadRequest("messages is required")

    owner.read = read

    with pytest.raises(BadRequest, match=r"^messages is required$"):
        loaded(owner).parse_inbound(ALPHA, WIRE, Losses())


def test_an_error_of_a_wrapper_names_the_wrapper():
    class Broken:
        @hookimpl(wrapper=True)
        def parse_inbound(self, wire):
            yield
            raise RuntimeError("no")

    with pytest.raises(PluginError, match=r"'Broken#2'"):
        loaded(Alpha(), Broken()).parse_inbound(ALPHA, WIRE, Losses())


# --- change ---


def test_prompts_are_rewritten_in_the_configured_order():
    def adding(text: str) -> SimpleNamespace:
        return making(rewrite_prompt=lambda request: ChatRequest(request.model + text, []))

    assert loaded(adding("-a"), adding("-b")).rewrite(REQUEST, context()).model == "m-a-b"


def test_a_plugin_that_changes_nothing_hands_on_the_same_request():
    plugins = loaded(making(rewrite_prompt=lambda request, context: None))

    assert plugins.rewrite(REQUEST, context()) is REQUEST


def test_a_rewriter_that_asks_to_be_last_or_first_is():
    class Last:
        @hookimpl(trylast=True)
        def rewrite_prompt(self, request):
            return ChatRequest(request.model + "-last", [])

    class First:
        @hookimpl(tryfirst=True)
        def rewrite_prompt(self, request):
            return ChatRequest(request.model + "-first", [])

    between = making(rewrite_prompt=lambda request: ChatRequest(request.model + "-between", []))

    changed = loaded(Last(), between, First()).rewrite(REQUEST, context())

    assert changed.model == "m-first-between-last"


def test_a_rewriter_must_give_a_request():
    plugins = loaded(making(rewrite_prompt=lambda request: "text"))

    with pytest.raises(PluginError, match=r"hook rewrite_prompt: it gave str, not a ChatRequest"):
        plugins.rewrite(REQUEST, context())


def test_temperature_is_adjusted_after_the_prompt_one_plugin_after_the_other():
    half = making(adjust_temperature=lambda temperature: temperature / 2)
    less = making(adjust_temperature=lambda temperature, context: temperature - 0.25)
    request = ChatRequest("m", [], sampling=Sampling(temperature=1.0, top_p=0.5))

    changed = loaded(half, less).rewrite(request, context())

    assert changed.sampling == Sampling(temperature=0.25, top_p=0.5)
    assert request.sampling.temperature == 1.0


def test_a_temperature_that_the_client_did_not_give_is_left_alone():
    plugins = loaded(making(adjust_temperature=lambda temperature: 0.0))

    assert plugins.rewrite(REQUEST, context()).sampling.temperature is None


def test_a_temperature_must_be_a_number():
    plugins = loaded(making(adjust_temperature=lambda temperature: "cold"))
    request = ChatRequest("m", [], sampling=Sampling(temperature=1.0))

    with pytest.raises(PluginError, match="it gave str, not a number"):
        plugins.rewrite(request, context())


# --- touches ---


def test_nobody_touches_where_only_dialects_are_loaded():
    assert loaded(Alpha()).touches(context()) == frozenset()


def test_a_change_hook_alone_touches_both_sides():
    plugins = loaded(making(rewrite_prompt=lambda request: None))

    assert plugins.touches(context()) == {"request", "reply"}


def test_a_plugin_says_for_itself_what_it_touches():
    plugin = making(
        rewrite_prompt=lambda request: None,
        touches=lambda context: {"request"} if context.group.name == "g" else None,
    )

    assert loaded(plugin).touches(context()) == {"request"}


def test_a_backend_with_a_carrier_of_its_own_is_never_relayed():
    plugin = making(
        register_backends=lambda: [Backend("own")],
        call_backend=lambda call: None,
    )
    plugins = loaded(Alpha(), plugin)

    assert plugins.touches(context("own")) == {"request", "reply"}
    assert plugins.touches(context("alpha")) == frozenset()


def test_a_wrapper_of_calls_touches_every_exchange():
    class Wrapper:
        @hookimpl(wrapper=True)
        def call_backend(self, call):
            return (yield)

    assert loaded(Alpha(), Wrapper()).touches(context()) == {"request", "reply"}


# --- call_backend ---


async def one_word(call: Call) -> AsyncGenerator[list[Event], None]:
    yield [Delta(0, "word")]


async def test_a_plugin_carries_the_calls_of_its_own_backend():
    plugins = loaded(making(register_backends=lambda: [Backend("own")], call_backend=one_word))

    assert await events_of(plugins.call_backend(call(plugins.backends["own"]))) == [
        Delta(0, "word")
    ]


async def test_the_core_carries_the_calls_of_backends_with_arrows():
    plugins = loaded(Alpha())

    stream = plugins.call_backend(call(plugins.backends["alpha"]))

    assert stream.__name__ == "_in_one_batch"
    await stream.aclose()


async def test_an_owner_that_declines_leaves_the_call_to_the_core():
    alpha = Alpha()
    alpha.call_backend = hookimpl(lambda call: None)
    plugins = loaded(alpha)

    stream = plugins.call_backend(call(plugins.backends["alpha"]))

    assert stream.__name__ == "_in_one_batch"
    await stream.aclose()


async def test_a_wrapper_stands_around_the_core_s_own_carrier():
    wrapped: list[object] = []

    class Wrapper:
        @hookimpl(wrapper=True)
        def call_backend(self, call):
            wrapped.append((yield))
            return one_word(call)

    plugins = loaded(Alpha(), Wrapper())

    events = await events_of(plugins.call_backend(call(plugins.backends["alpha"])))

    assert events == [Delta(0, "word")]
    assert inspect.isasyncgen(wrapped[0])
    await wrapped[0].aclose()


async def test_what_breaks_in_a_stream_names_the_plugin():
    async def broken(call: Call) -> AsyncGenerator[list[Event], None]:
        yield [Delta(0, "word")]
        raise KeyError("choices")

    plugins = loaded(making(register_backends=lambda: [Backend("own")], call_backend=broken))

    with pytest.raises(PluginError, match=r"hook call_backend: KeyError: 'choices'"):
        await events_of(plugins.call_backend(call(plugins.backends["own"])))


async def test_an_upstream_s_error_passes_through_a_stream():
    async def refusing(call: Call) -> AsyncGenerator[list[Event], None]:
        raise UpstreamError("no quota", status=429)
        yield []

    plugins = loaded(making(register_backends=lambda: [Backend("own")], call_backend=refusing))

    with pytest.raises(UpstreamError, match=r"^no quota$"):
        await events_of(plugins.call_backend(call(plugins.backends["own"])))


async def test_closing_a_guarded_stream_closes_the_plugin_s():
    closed: list[bool] = []

    async def watched(call: Call) -> AsyncGenerator[list[Event], None]:
        try:
            yield [Delta(0, "word")]
            yield [Delta(0, "more")]
        finally:
            closed.append(True)

    plugins = loaded(making(register_backends=lambda: [Backend("own")], call_backend=watched))
    stream = plugins.call_backend(call(plugins.backends["own"]))
    await anext(stream)

    await stream.aclose()

    assert closed == [True]


def test_a_carrier_must_give_an_async_generator():
    plugins = loaded(
        making(register_backends=lambda: [Backend("own")], call_backend=lambda call: ["event"])
    )

    with pytest.raises(PluginError, match="it must give an async generator, not list"):
        plugins.call_backend(call(plugins.backends["own"]))


# --- the rest ---


async def test_tokens_are_counted_by_the_owner_of_the_backend():
    async def counted(call: Call) -> int:
        return 7

    alpha = Alpha()
    alpha.count_tokens = hookimpl(counted)
    plugins = loaded(alpha)

    waiting = plugins.count_tokens(call(plugins.backends["alpha"]))

    assert waiting is not None
    assert await waiting == 7


def test_tokens_that_nobody_counts_are_none():
    plugins = loaded(Alpha())

    assert plugins.count_tokens(call(plugins.backends["alpha"])) is None


def test_an_error_takes_the_dialect_s_shape():
    reply = loaded(Alpha()).encode_error("alpha", BadRequest("no"))

    assert reply == WireReply(b"no", 400)


def test_an_error_without_a_dialect_is_plain_json():
    reply = loaded().encode_error("", GatewayError("busy", status=503, retry_after=1.2))

    assert orjson.loads(reply.body) == {"error": {"type": "server", "message": "busy"}}
    assert reply.status == 503
    assert reply.headers == {"retry-after": "2"}


def test_a_broken_error_writer_does_not_hide_the_error(capsys: pytest.CaptureFixture[str]):
    alpha = Alpha()
    alpha.encode_error = hookimpl(lambda error: 1 / 0)

    reply = loaded(alpha).encode_error("alpha", BadRequest("no"))

    assert reply.status == 400
    assert "hook encode_error: ZeroDivisionError" in capsys.readouterr().err


def test_a_watcher_that_fails_does_not_stop_the_others(capsys: pytest.CaptureFixture[str]):
    seen: list[Record] = []
    record = Record("id", 0.0, "/v1/alpha", "alpha")

    loaded(
        making(exchange_finished=lambda record: 1 / 0),
        making(exchange_finished=lambda record: seen.append(record) or None),
    ).finished(record)

    assert seen == [record]
    assert "hook exchange_finished: ZeroDivisionError" in capsys.readouterr().err


def test_offers_of_a_fallback_are_gathered():
    offer = Fallback(1, UpstreamSettings("ollama", "ollama"), "llama", "found")

    plugins = loaded(
        making(offer_fallback=lambda environ: None), making(offer_fallback=lambda environ: offer)
    )

    assert plugins.fallbacks({}) == [offer]


def test_a_fallback_that_breaks_is_no_offer(capsys: pytest.CaptureFixture[str]):
    assert loaded(making(offer_fallback=lambda environ: 1 / 0)).fallbacks({}) == []
    assert "hook offer_fallback: ZeroDivisionError" in capsys.readouterr().err


def test_plugins_add_routes_of_their_own():
    app = web.Application()

    async def hello(_: web.Request) -> web.Response:
        return web.Response()

    loaded(making(register_routes=lambda app: app.router.add_get("/hello", hello) and None)).routes(
        app
    )

    assert [resource.canonical for resource in app.router.resources()] == ["/hello"]


async def test_lifespans_are_left_in_reverse_order():
    order: list[str] = []

    def living(name: str) -> SimpleNamespace:
        @asynccontextmanager
        async def span():
            order.append(f"{name} in")
            yield
            order.append(f"{name} out")

        return making(lifespan=lambda app: span())

    async with loaded(living("a"), living("b")).lifespans(web.Application()):
        order.append("serving")

    assert order == ["a in", "b in", "serving", "b out", "a out"]


def test_a_start_without_a_dialect_says_what_to_type():
    with pytest.raises(ConfigError, match=r'pip install "babelgate\[standard\]"'):
        loaded().need_dialect()


def test_a_wrong_object_of_this_program_is_raised_at_once():
    with pytest.raises(PluginError, match="there is no hook 'rewrite'"):
        loaded(making(rewrite=lambda request: None))


def test_hooks_are_traced_when_the_environment_says_so(capsys: pytest.CaptureFixture[str]):
    plugins = load(NO_PLUGINS, [Alpha()], {"BABELGATE_TRACE_HOOKS": "1"})

    plugins.parse_inbound(ALPHA, WIRE, Losses())

    line = orjson.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["hook"], line["gave"]) == (
        "hook_called",
        "parse_inbound",
        "ChatRequest",
    )
