"""`/admin/…`: changing a running gateway over HTTP, for whoever has the admin key.

Host and Origin have been checked. Answers and errors are plain JSON, of no dialect.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping

import orjson
from aiohttp import web

from gateway.auth import FINAL
from gateway.errors import (
    BadRequest,
    GatewayError,
    NotAuthenticated,
    NotFound,
    Unavailable,
    WrongMethod,
)
from gateway.log import log
from gateway.model import Json
from gateway.runtime import Runtime
from gateway.store.flags import StoreError

PREFIX = "/admin/"
Action = Callable[[Runtime, web.Request], Awaitable[Json]]


async def answer(
    runtime: Runtime, request: web.Request, headers: Mapping[str, str]
) -> web.Response:
    """Answer a request below /admin. headers: names in lower case."""
    try:
        _authenticate(runtime.settings.admin_key, headers)
        return _json(await _action(request)(runtime, request))
    except GatewayError as error:
        body = {"error": {"type": error.kind, "message": error.message}}
        return _json(body, error.status, error.headers)


async def _show(runtime: Runtime, _: web.Request) -> Json:
    """Which group is active, and which there are."""
    return {"group": _active(runtime), "groups": list(runtime.switch.groups)}


async def _switch(runtime: Runtime, request: web.Request) -> Json:
    """Make another group the active one."""
    group = _group_of(await request.read())
    before = _active(runtime)
    try:
        await asyncio.to_thread(runtime.switch.choose, group)
    except StoreError as error:
        raise Unavailable(str(error)) from None
    log().info("switched", group=group, before=before)
    return {"group": group, "before": before}


ACTIONS: Mapping[str, Mapping[str, Action]] = {
    "/admin/switch": {"GET": _show, "POST": _switch},
}


def _active(runtime: Runtime) -> str | None:
    """The name of the active group; None: nothing says which of several it is."""
    name = runtime.switch.active()
    try:
        return runtime.catalog.group(name).name
    except NotFound:
        return name


def _action(request: web.Request) -> Action:
    methods = ACTIONS.get(request.path)
    if methods is None:
        raise NotFound(f"there is no {request.path}; there is {', '.join(ACTIONS)}")
    action = methods.get(request.method)
    if action is None:
        allowed = ", ".join(methods)
        raise WrongMethod(
            f"{request.path} takes {allowed}, not {request.method}", headers={"allow": allowed}
        )
    return action


def _authenticate(wanted: str | None, headers: Mapping[str, str]) -> None:
    """Raises NotFound where no key is configured, NotAuthenticated for any other than that."""
    if wanted is None:
        raise NotFound("this gateway has no /admin routes: there is no key under [admin]")
    scheme, _, shown = headers.get("authorization", "").partition(" ")
    is_bearer = scheme.lower() == "bearer"
    if not is_bearer or not hmac.compare_digest(shown.strip().encode(), wanted.encode()):
        raise NotAuthenticated(
            "this is not the admin key: send the key under [admin] as `Authorization: Bearer`",
            headers={**FINAL, "www-authenticate": "Bearer"},
        )


def _group_of(body: bytes) -> str:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    group = said.get("group") if isinstance(said, dict) else None
    if not isinstance(group, str):
        raise BadRequest('send {"group": "NAME"}', param="group")
    return group


def _json(body: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        body=orjson.dumps(body), status=status, headers=headers, content_type="application/json"
    )
