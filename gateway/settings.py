"""What a configuration says, checked and immutable. `config.py` makes these from TOML.

Durations are seconds. Secrets have been fetched (`env:`, `file:`) and never show in a repr.
A value of None was not said; the field's comment gives what then holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeAlias

from attrs import field, frozen

Seconds: TypeAlias = Annotated[float, "seconds"]
"""A length of time. A configuration writes it as "10s" or "1m30s"; a plugin's settings may too."""
FileText: TypeAlias = Annotated[str, "the text of a file"]
"""What stands in a file. A configuration writes the file's path, which starts at its own folder if
it is relative; a change of the file is a change of the configuration."""
NONE: Mapping[str, Any] = MappingProxyType({})
ToolMode = Literal["auto", "native", "compat"]
LossPolicy = Literal["note", "warn", "refuse"]
SealKeeping = Literal["memory", "store", "off"]
Strategy = Literal["ordered", "rotate", "sticky"]

RESERVED_GROUPS = frozenset(
    [
        *("switch", "compat", "compat_mode", "v1", "v1beta", "api", "models"),
        *("mcp", "sse", "messages", "health", "admin", "metrics"),
    ]
)
"""First segments that the gateway's own URLs start with; no group may have these names."""


@frozen
class Server:
    host: str = "127.0.0.1"
    port: int | None = None
    ping_after: Seconds = 10.0
    active: str | None = None
    ollama_keyless: bool | None = None
    allowed_hosts: Sequence[str] = ()
    allowed_origins: Sequence[str] = ()
    trusted_proxies: Sequence[str] = ()
    max_body: int = 64 << 20
    drain_timeout: Seconds = 30.0
    allow_open: bool = False


@frozen
class FaceSettings:
    """A further dialect of a provider; all that is not said here is as for its main one.

    auth: as in UpstreamSettings. quirks: laid over the upstream's.
    params, defaults: in the place of the upstream's, which are in the words of its main dialect;
    None: not said, so that a model with any is asked by its main dialect.
    """

    base_url: str
    auth: str | None = None
    quirks: Mapping[str, Any] = NONE
    params: Mapping[str, Any] | None = None
    defaults: Mapping[str, Any] | None = None


@frozen
class UpstreamSettings:
    """A provider.

    name: its table's name, or the preset's. place: "FILE:LINE", or the variable it came from.
    base_url: never ends with a slash. headers, query: may hold {uuid} and {random}, which
    `placeholders.fill` makes for each request.
    also: its further faces, by their dialects.
    auth: how a key is carried ("name: text with {key}", or "none"); None: as the dialect does.
    proxies: none, one for all requests, or one for each of the keys.
    """

    name: str
    backend: str
    base_url: str = ""
    keys: Sequence[str] = field(default=(), repr=False)
    preset: str | None = None
    headers: Mapping[str, str] = field(default=NONE, repr=False)
    query: Mapping[str, str] = field(default=NONE, repr=False)
    timeout: float = 300.0
    connect_timeout: float = 10.0
    first_token_timeout: float | None = None
    max_concurrent: int | None = None
    max_queued: int = 100
    queue_timeout: float = 30.0
    also: Mapping[str, FaceSettings] = NONE
    auth: str | None = None
    proxies: Sequence[str] = field(default=(), repr=False)
    quirks: Mapping[str, Any] = NONE
    params: Mapping[str, Any] = NONE
    defaults: Mapping[str, Any] = NONE
    models: Mapping[str, ModelSettings] = NONE
    disabled: bool = False
    extra: Mapping[str, Any] = NONE
    """What plugins have claimed, by name (see `register_settings`)."""
    place: str = ""
    from_environment: bool = False


@frozen
class ModelSettings:
    """What is known of a model (by real name or pattern), and what is set for it."""

    tools: bool | None = None
    images: bool | None = None
    thinking: bool | None = None
    context: int | None = None
    max_output: int | None = None
    params: Mapping[str, Any] = NONE
    defaults: Mapping[str, Any] = NONE
    price: Mapping[str, float] = NONE
    quirks: Mapping[str, Any] = NONE


@frozen
class TargetName:
    """ "upstream/model"; a `*` in the model stands for what the alias's one `*` matched."""

    upstream: str
    model: str

    def __str__(self) -> str:
        return f"{self.upstream}/{self.model}"


@frozen
class Alias:
    """A name or pattern that clients may ask for, and what answers it, in order."""

    name: str
    targets: Sequence[TargetName]
    strategy: Strategy | None = None
    weights: Sequence[int] = ()


@frozen
class Group:
    name: str
    models: Mapping[str, Alias] = NONE
    description: str | None = None
    disabled: bool = False
    tool_mode: ToolMode = "auto"
    on_loss: LossPolicy = "note"
    strategy: Strategy = "ordered"
    extra: Mapping[str, Any] = NONE


@frozen
class Limits:
    """What a proxy key may use. None: as much as it likes."""

    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    tokens_per_minute: int | None = None
    tokens_per_day: int | None = None
    concurrent: int | None = None


NO_LIMITS = Limits()


@frozen
class ProxyKey:
    """A key that clients show. `digest` is its SHA-256 in hex; the key itself is not kept."""

    id: str
    digest: str = field(repr=False)
    groups: Sequence[str] = ("*",)
    models: Sequence[str] = ("*",)
    mcp_servers: Sequence[str] = ("*",)
    expires: datetime | None = None
    limits: Limits = NO_LIMITS


@frozen
class Plugins:
    disabled: Sequence[str] = ()
    only: Sequence[str] | None = None
    order: Sequence[str] = ()


@frozen
class Settings:
    """A whole configuration.

    every_model: what answers every name when there are no groups.
    store_url: `sqlite:///` and a whole path; None keeps nothing. usage_kept: for how long the
    store keeps the usage of an exchange; None: not at all. seals: where seals are kept that
    clients can't carry. share_limits: whether all processes with that store count together what
    proxy keys use.
    source: the file's path, or None without a file. watched: the files whose change makes
    these settings old: the configuration and the secrets that it names.
    """

    server: Server = field(factory=Server)
    upstreams: Mapping[str, UpstreamSettings] = NONE
    groups: Mapping[str, Group] = NONE
    proxy_keys: Mapping[str, ProxyKey] = NONE
    plugins: Plugins = field(factory=Plugins)
    admin_key: str | None = field(default=None, repr=False)
    store_url: str | None = None
    usage_kept: Seconds | None = None
    seals: SealKeeping = "memory"
    share_limits: bool = False
    every_model: TargetName | None = None
    extra: Mapping[str, Any] = NONE
    source: str | None = None
    watched: Sequence[str] = ()
    warnings: Sequence[str] = ()
