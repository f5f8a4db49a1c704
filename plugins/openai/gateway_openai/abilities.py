"""What a model can do, where its server says so: llama.cpp tells it of the chat template.

`GET /props` (tools/server/README.md of llama.cpp, and a server of 2026-10, both read 2026-11):
`chat_template_caps` says whether the template takes tools; without, they are dropped in silence.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.attempt import Target
from gateway.hooks import Inquiry
from gateway.model import Json
from gateway.wire import UpstreamWire
from gateway_openai.quirks import quirks_of

Facts = Mapping[str, Json]


def _write(target: Target) -> UpstreamWire | None:
    if not quirks_of(target).props:
        return None
    return UpstreamWire("/props", method="GET", query={"model": target.model}, at_root=True)


def _read(reply: Json) -> Facts:
    props = _object(reply)
    told = {
        "tools": _object(props.get("chat_template_caps")).get("supports_tools"),
        "images": _object(props.get("modalities")).get("vision"),
    }
    return {name: value for name, value in told.items() if isinstance(value, bool)}


def _object(value: Json) -> Facts:
    return value if isinstance(value, dict) else {}


INQUIRY = Inquiry(_write, _read)
