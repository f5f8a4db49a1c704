"""A configuration: find it, read it, and build the checked settings of it and the environment.

    raw = read(path) if (path := find(option, os.environ)) else None
    settings = build(raw, os.environ, backends=..., setting_classes=...)

Every complaint is a ConfigError with "FILE:LINE" and the dotted path of the value.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from attrs import field, frozen

from gateway.addresses import Address
from gateway.config_file import Raw, find, read
from gateway.config_groups import Groups, GroupTable, target_name
from gateway.config_keys import proxy_keys
from gateway.config_state import admin_key, store, store_table
from gateway.config_tables import Tables, check_claims
from gateway.config_upstream import UpstreamTable
from gateway.config_upstreams import Upstreams
from gateway.environment import Presets
from gateway.errors import ConfigError
from gateway.hooks import Backend, Fallback
from gateway.model import Json
from gateway.secrets import Secrets
from gateway.settings import NONE, Group, Plugins, Server, Settings, TargetName
from gateway.starter import init_text
from gateway.structure import did_you_mean

__all__ = ["Raw", "build", "find", "init_text", "read"]

MODEL_FLAG = "--model"
MODEL_VARIABLE = "BABELGATE_MODEL"


@frozen
class TopTable:
    """The tables of a file. Each is read by a module of its own."""

    server: Mapping[str, Any] = NONE
    upstreams: Mapping[str, Any] = NONE
    groups: Mapping[str, Any] = NONE
    proxy_keys: Mapping[str, Any] = NONE
    proxy_key_defaults: Mapping[str, Any] = NONE
    store: Mapping[str, Any] = NONE
    admin: Mapping[str, Any] = NONE
    plugins: Plugins = field(factory=Plugins)


def build(
    raw: Raw | None,
    environ: Mapping[str, str],
    *,
    backends: Mapping[str, Backend],
    setting_classes: Mapping[str, type],
    every_model: str | None = None,
    own_addresses: Collection[Address] = (),
    fallback: Fallback | None = None,
) -> Settings:
    """The settings of a file and the environment. Raises ConfigError, or PluginError for a claim.

    setting_classes: what plugins claim (`register_settings`), by place.
    every_model: "UPSTREAM/MODEL" of `--model`; None leaves it to $BABELGATE_MODEL.
    own_addresses: where the gateway listens (host, port); no upstream may be there.
    """
    check_claims(setting_classes, {"top": TopTable, "group": GroupTable, "upstream": UpstreamTable})
    raw = raw or Raw()
    tables = Tables(raw, Secrets(environ, raw.folder), setting_classes)
    top, extra = tables.read(raw.tree, TopTable, "top", ())
    upstreams = Upstreams(tables, backends, Presets.of(backends), own_addresses)
    upstreams.read()
    groups = Groups(tables, upstreams.why_missing).read()
    state = store_table(raw)
    answer = _every_model(every_model, environ, groups, upstreams)
    if fallback and not answer and not upstreams.by_name:
        upstreams.by_name[fallback.upstream.name] = fallback.upstream
        answer = TargetName(fallback.upstream.name, fallback.model)
    return Settings(
        server=_server(tables, top.server, groups),
        upstreams=upstreams.by_name,
        groups=groups,
        proxy_keys=proxy_keys(tables, groups),
        plugins=top.plugins,
        admin_key=admin_key(tables),
        store_url=store(raw, environ),
        usage_kept=state.usage_kept if state.usage else None,
        seals=state.seals,
        share_limits=state.share_limits,
        every_model=answer,
        extra=extra,
        source=str(raw.path) if raw.path else None,
        watched=[str(path) for path in (raw.path, *tables.secrets.files) if path],
        warnings=tables.warnings,
    )


def _server(tables: Tables, value: Json, groups: Mapping[str, Group]) -> Server:
    path = ("server",)
    server, _ = tables.read(dict(value), Server, "server", path)
    names = groups or ("default",)
    checks = {
        "host": (bool(server.host), "can't be empty"),
        "port": (0 <= (server.port or 0) <= 65535, "must be from 0 (any free one) to 65535"),
        "max_body": (server.max_body > 0, "must be more than 0 bytes"),
        "active": (
            server.active is None or server.active in names,
            f"there is no such group{did_you_mean(server.active or '', names)}",
        ),
    }
    for name, (good, reason) in checks.items():
        if not good:
            raise tables.wrong((*path, name), reason)
    return server


def _every_model(
    flag: str | None,
    environ: Mapping[str, str],
    groups: Mapping[str, Group],
    upstreams: Upstreams,
) -> TargetName | None:
    """What answers every name: of the flag, else of the variable. Only without groups."""
    text = flag or environ.get(MODEL_VARIABLE)
    place = MODEL_FLAG if flag else MODEL_VARIABLE
    if not text:
        return None
    if groups:
        names = f"the configuration has groups ({', '.join(groups)}), which say what answers"
        if flag:
            raise ConfigError(f"{names}; leave this out", place)
        upstreams.tables.warnings.append(f"{place} is not used: {names}")
        return None
    try:
        target = target_name(text)
    except ValueError as error:
        raise ConfigError(str(error), place) from None
    why = upstreams.why_missing(target.upstream)
    if why:
        raise ConfigError(why, place)
    return target
