"""The server: routes of five wires under any path prefix, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from attrs import evolve
from openai.types.responses import InputTokenCountParams

from tests.scripted import claude, embeddings, gemini, lists, ollama, openai, responses, shapes
from tests.scripted.answer import Answer, Ask
from tests.scripted.embeddings import Embedder
from tests.scripted.faults import Break, Fault, Raw, Refuse
from tests.scripted.record import Seen
from tests.scripted.scenarios import RATE_HEADERS, answer_for, fault_for
from tests.scripted.script import Script
from tests.scripted.wire import Body, Wire
from tests.scripted.write import Reply, send

EMBEDS = {"embedContent", "batchEmbedContents"}
GENERATES = {"generateContent", "streamGenerateContent"}
MAX_BODY = 256 << 20


class Scripted:
    """A running upstream.

    script: what it does now; may be changed at any time. requests: what reached it so far.
    """

    def __init__(self, script: Script | None = None, port: int = 0) -> None:
        self.script = script or Script()
        self.requests: list[Seen] = []
        self.port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def last(self) -> Seen:
        return self.requests[-1]

    @property
    def errors(self) -> list[str]:
        """What a strict provider would have refused in the requests so far."""
        return [f"{seen.path} {error}" for seen in self.requests for error in seen.errors]

    def clear(self) -> None:
        """Forget the requests so far and go back to the plain script."""
        self.script = Script()
        self.requests.clear()

    def release(self) -> None:
        """Let every reply that hangs now go on."""
        self._loop.call_soon_threadsafe(self._release)

    def disconnect(self) -> None:
        """Break every open connection."""
        self._loop.call_soon_threadsafe(self._break_connections)

    def wait_for(self, number: int, seconds: float = 5.0) -> Seen:
        """The request of that number (from 1), waiting for it. Raises TimeoutError."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.requests) >= number, seconds):
                raise TimeoutError(f"{len(self.requests)} of {number} requests came")
        return self.requests[number - 1]

    def __enter__(self) -> Self:
        self._arrived = threading.Condition()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        self._hanging = asyncio.Event()
        self._runner = web.AppRunner(
            self._app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.2
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    def _release(self) -> None:
        self._hanging.set()
        self._hanging = asyncio.Event()

    def _break_connections(self) -> None:
        server = self._runner.server
        for connection in server.connections if server else ():
            if connection.transport:
                connection.transport.abort()

    # --- routes ---

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        any_prefix, add = "/{prefix:(?:.*/)?}", app.router.add_route
        add("POST", any_prefix + "v1/messages/count_tokens", self._claude_count)
        add("POST", any_prefix + "v1/messages", self._generates(claude.WIRE))
        add("POST", any_prefix + "chat/completions", self._generates(openai.WIRE))
        add("POST", any_prefix + "responses/input_tokens", self._responses_count)
        add("POST", any_prefix + "responses", self._generates(responses.WIRE))
        add("POST", any_prefix + "models/{model}:{verb:[a-zA-Z]+}", self._gemini)
        add("POST", any_prefix + "api/{what:chat|generate}", self._generates(ollama.WIRE))
        add("*", any_prefix + "api/{what:version|tags|ps|show}", self._ollama)
        add("POST", any_prefix + "api/{what:embed|embeddings}", self._ollama_embed)
        add("POST", any_prefix + "embeddings", self._openai_embed)
        add("GET", any_prefix + "models", self._models)
        add("*", "/{rest:.*}", self._other)
        return app

    def _generates(self, wire: Wire) -> Any:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._generate(wire, request, {})

        return handle

    async def _gemini(self, request: web.Request) -> web.StreamResponse:
        model, verb = request.match_info["model"], request.match_info["verb"]
        if verb in GENERATES:
            named = {"model": model, "stream": verb != "generateContent"}
            return await self._generate(gemini.WIRE, request, named)
        if verb in EMBEDS:
            return await self._embed(gemini.WIRE, embeddings.GEMINI, request, {"path_model": model})
        await self._record(request, "gemini")
        return web.json_response({"totalTokens": lists.COUNT})

    async def _claude_count(self, request: web.Request) -> web.StreamResponse:
        seen = await self._record(request, "claude")
        if isinstance(fault := fault_for(str(seen.body.get("model"))), Refuse):
            return _refusal(claude.WIRE, fault)
        return web.json_response({"input_tokens": lists.COUNT})

    async def _responses_count(self, request: web.Request) -> web.StreamResponse:
        seen = await self._record(request, "responses")
        seen.errors += shapes.errors_of(InputTokenCountParams, seen.body)
        if isinstance(fault := fault_for(str(seen.body.get("model"))), Refuse):
            return _refusal(responses.WIRE, fault)
        return web.json_response({"object": "response.input_tokens", "input_tokens": lists.COUNT})

    async def _ollama(self, request: web.Request) -> web.StreamResponse:
        await self._record(request, "ollama")
        return web.json_response(lists.ollama_fact(request.match_info["what"]))

    async def _ollama_embed(self, request: web.Request) -> web.StreamResponse:
        return await self._embed(ollama.WIRE, embeddings.OLLAMA, request, {})

    async def _openai_embed(self, request: web.Request) -> web.StreamResponse:
        return await self._embed(openai.WIRE, embeddings.OPENAI, request, {})

    async def _embed(
        self, wire: Wire, embedder: Embedder, request: web.Request, named: Body
    ) -> web.StreamResponse:
        seen = await self._record(request, wire.name)
        body = {**seen.body, **named}
        seen.errors += _judged(embedder, body)
        model = str(named.get("path_model") or body.get("model"))
        match fault_for(model) or self.script.next_fault():
            case Refuse() as fault:
                return _refusal(wire, fault)
            case Raw() as raw:
                kind = raw.content_type
                return web.Response(body=raw.body, status=raw.status, content_type=kind)
        headers = RATE_HEADERS.get(wire.name, {})
        return web.json_response(embedder.reply(body), headers=headers)

    async def _models(self, request: web.Request) -> web.StreamResponse:
        if "anthropic-version" in request.headers:
            wire, body = "claude", lists.claude_models()
        elif "x-goog-api-key" in request.headers or "v1beta" in request.path:
            wire, body = "gemini", lists.gemini_models()
        else:
            wire, body = "openai", lists.openai_models()
        await self._record(request, wire)
        return web.json_response(body)

    async def _other(self, request: web.Request) -> web.StreamResponse:
        await self._record(request, "other")
        return web.json_response(openai.error(404, "no such route"), status=404)

    # --- one generation ---

    async def _generate(self, wire: Wire, request: web.Request, named: Body) -> web.StreamResponse:
        seen = await self._record(request, wire.name, check=wire)
        try:
            ask = evolve(wire.read({**seen.body, **named}), raw=seen.raw)
        except (AttributeError, KeyError, TypeError) as error:
            return _refusal(wire, Refuse(400, f"this can't be read: {error!r}"))
        fault = fault_for(ask.model) or self.script.next_fault()
        match fault:
            case Refuse():
                return _refusal(wire, fault)
            case Raw():
                kind = fault.content_type
                return web.Response(body=fault.body, status=fault.status, content_type=kind)
        try:
            return await send(self._reply(wire, ask, fault), request)
        except (asyncio.CancelledError, ConnectionError):
            seen.left.set()
            raise

    def _reply(self, wire: Wire, ask: Ask, fault: Fault | None) -> Reply:
        answer = answer_for(ask) or self.script.answer(ask)
        return Reply(
            wire=wire,
            ask=ask,
            answer=_with_headers(answer, wire),
            quirks=self.script.quirks,
            fault=fault if isinstance(fault, Break) else None,
            stall=self.script.stall,
            release=self._hanging,
        )

    async def _record(self, request: web.Request, name: str, check: Wire | None = None) -> Seen:
        raw = await request.read()
        body = _parsed(raw)
        head = "\n".join(f"{key}: {value}" for key, value in request.headers.items())
        seen = Seen(
            wire=name,
            method=request.method,
            path=request.path,
            query=dict(request.query),
            headers={key.lower(): value for key, value in request.headers.items()},
            body=body,
            raw=f"{request.path_qs}\n{head}\n\n{raw.decode('utf-8', 'replace')}",
            errors=_judged(check, body) if check else [],
        )
        with self._arrived:
            self.requests.append(seen)
            self._arrived.notify_all()
        return seen


def _judged(wire: Wire | Embedder, body: Any) -> list[str]:
    try:
        return wire.check(body)
    except (AttributeError, KeyError, TypeError) as error:
        return [f"this can't even be judged: {error!r}"]


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        return {"_raw": raw.decode("utf-8", "replace")}


def _refusal(wire: Wire, fault: Refuse) -> web.Response:
    body = wire.error(fault.status, fault.message)
    return web.json_response(body, status=fault.status, headers=fault.headers)


def _with_headers(answer: Answer, wire: Wire) -> Answer:
    return evolve(answer, headers=RATE_HEADERS.get(wire.name, {}))
