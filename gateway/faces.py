"""The faces of a provider: it may speak several dialects, with the same keys and limits.

A client whose dialect is offered is served by that face, as it is; everybody else by the main one.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve

from gateway.attempt import Target
from gateway.errors import GatewayError, UpstreamError
from gateway.hooks import Backend
from gateway.settings import FaceSettings, UpstreamSettings

NO_ROUTE = frozenset({404, 405, 501})
"""What a server of an older version, which lacks the face, answers with."""


def offered(upstream: UpstreamSettings, backends: Mapping[str, Backend]) -> dict[str, FaceSettings]:
    """The further faces that an installed backend can reach, by their dialects."""
    return {name: face for name, face in upstream.also.items() if name in backends}


def facing(
    main: Target, upstream: UpstreamSettings, backends: Mapping[str, Backend], client: str | None
) -> Target:
    """`main`, or the same model at the face for clients of the dialect `client`."""
    face = offered(upstream, backends).get(client or "")
    if face is None or _in_others_words(main, face):
        return main
    return evolve(
        main,
        backend=backends[client or ""].name,
        speaks=client,
        base_url=face.base_url,
        quirks={**main.quirks, **face.quirks},
        params=face.params or {},
        defaults=face.defaults or {},
        main=main,
    )


def why(target: Target, upstream: UpstreamSettings, client: str) -> str:
    """Which face a client of the dialect `client` gets, and why; "" where there is only one."""
    if target.main is not None:
        return f"its {target.speaks} face, since the client speaks that"
    if not upstream.also:
        return ""
    if target.speaks == client:
        return "its main face, which speaks as the client does"
    if client in upstream.also:
        return "its main face, since params or defaults are in that one's words"
    others = ", ".join(upstream.also)
    return f"its main face, since none of the others speaks {client} (there are: {others})"


def is_missing(target: Target, error: GatewayError) -> bool:
    """Whether `error` may mean that the server has no such face, so that the main one is next."""
    return target.main is not None and isinstance(error, UpstreamError) and error.status in NO_ROUTE


def _in_others_words(main: Target, face: FaceSettings) -> bool:
    """Whether settings for the body are written for the main face alone."""
    if face.params is not None or face.defaults is not None:
        return False
    return bool(main.params or main.defaults)
