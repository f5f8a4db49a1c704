"""The configuration and the plugins: whether they load, and who may come in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from attrs import frozen

from gateway import config
from gateway.auth import Gate, check_bind, is_loopback
from gateway.doctor.finding import Finding, bad, good, note
from gateway.errors import ConfigError, PluginError
from gateway.plugins import INSTALL, Plugins, load
from gateway.settings import Plugins as Choice
from gateway.settings import Settings

AREA = "configuration"
PLUGINS = "plugins"
ACCESS = "access"


@frozen
class Read:
    """settings: None when the configuration is wrong."""

    plugins: Plugins
    settings: Settings | None
    findings: list[Finding]


def read(named: str | None, environ: Mapping[str, str]) -> Read:
    """The configuration that `named` says or that is found, as far as it can be read."""
    try:
        path = config.find(named, environ)
        raw = config.read(path) if path else None
        choice = raw.plugins if raw else Choice()
    except ConfigError as error:
        plugins = load(Choice(), environ=environ)
        return Read(plugins, None, [_wrong(error), *_plugins(plugins)])
    plugins = load(choice, environ=environ)
    findings = list(_plugins(plugins))
    try:
        settings = config.build(
            raw, environ, backends=plugins.backends, setting_classes=plugins.setting_classes
        )
        Gate(settings)
    except (ConfigError, PluginError) as error:
        return Read(plugins, None, [_wrong(error), *findings])
    found = str(path) if path else "no file: the environment alone counts"
    said = [good(AREA, found), *map(_warning, settings.warnings), *findings, *_access(settings)]
    return Read(plugins, settings, said)


def _wrong(error: Exception) -> Finding:
    return bad(
        AREA,
        str(error),
        "the gateway does not start with it, and keeps the old one if it runs",
        "mend it; `babelgate check` says whether it is right",
    )


def _warning(text: str) -> Finding:
    return note(AREA, text, "the gateway starts all the same", "mend it, unless it is meant so")


def _plugins(plugins: Plugins) -> Iterator[Finding]:
    used = [report.name for report in plugins.report if not (report.error or report.disabled)]
    for report in plugins.report:
        if report.error:
            yield bad(
                PLUGINS,
                report.error,
                "what this plugin brings is missing",
                f"mend it, or leave it out: pip uninstall {report.distribution}",
            )
        elif report.disabled:
            why = "the configuration or $BABELGATE_PLUGINS says so"
            yield note(PLUGINS, f"{report.name} is left out", why, "nothing, if that is meant so")
    if not plugins.dialects:
        why = "no client can be served without a dialect"
        yield bad(PLUGINS, "no dialect is in use", why, f"type: {INSTALL}")
    elif used:
        yield good(PLUGINS, ", ".join(used))


def _access(settings: Settings) -> Iterator[Finding]:
    host = settings.server.host
    try:
        check_bind(settings)
    except ConfigError as error:
        yield bad(ACCESS, str(error), "the gateway does not start like that", "do one of the two")
        return
    if settings.proxy_keys:
        yield good(ACCESS, f"{host}, with a proxy key ({len(settings.proxy_keys)} configured)")
    elif is_loopback(host):
        yield good(ACCESS, f"{host}: every program on this machine, without a key")
    else:
        yield note(
            ACCESS,
            f"{host} is OPEN to the network (allow_open = true)",
            "anyone who reaches this address uses your providers' keys",
            "make a key: babelgate keys new NAME",
        )
