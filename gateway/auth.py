"""Who may come in: the Host and Origin of a request, its proxy key, and what the key allows."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from gateway.errors import ConfigError, NotAllowed, NotAuthenticated
from gateway.keys import digest_of
from gateway.settings import ProxyKey, Settings

FORWARDED = ("x-forwarded-for", "forwarded", "via", "x-real-ip")
"""Headers of a request that came through a proxy, whose peer is not who asks."""
EVERYTHING = ("*",)
KEY_HEADERS = ("x-api-key", "x-goog-api-key")
FINAL = {"x-should-retry": "false"}
"""Keeps the official SDKs from asking again what will be refused again."""
HOSTS_KEPT = 256
PORTS = {"http": "80", "https": "443"}
WILDCARDS = frozenset({"", "0.0.0.0", "::", "*"})  # noqa: S104 - to tell them from a safe host


class Gate:
    """Checks requests against one configuration."""

    def __init__(self, settings: Settings) -> None:
        self._server = settings.server
        self._keys = {key.digest: key for key in settings.proxy_keys.values()}
        self._proxies = [_network(each, settings) for each in settings.server.trusted_proxies]
        self._known: set[str] = set()

    def check_origin(self, headers: Mapping[str, str], peer: str | None, target: str = "/") -> None:
        """Keep out web pages and names that only point here. Raises NotAllowed.

        headers: names in lower case. target: the request's target as it was sent.
        """
        if not target.startswith("/"):
            raise NotAllowed("this gateway is no proxy: send a path, not a whole URL")
        host = self._host(headers, peer)
        if host not in self._known:
            self._check_host(host)
        origin = headers.get("origin")
        if origin is not None and not self._may_ask(origin, host):
            raise NotAllowed(
                f"web pages of {origin} may not ask this gateway;"
                f' if they should, add "{origin}" to allowed_origins under [server]'
            )

    def authenticate(
        self,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        peer: str | None,
        keyless: bool,
        now: datetime | None = None,
    ) -> ProxyKey | None:
        """The proxy key of a request; None where none is needed. Raises NotAuthenticated.

        keyless: the dialect's clients can send no key, and on this machine may go without.
        """
        if not self._keys:
            return None
        shown = key_of(headers, query)
        if shown is None:
            if keyless and self._server.ollama_keyless and self._is_local(headers, peer):
                return None
            raise _not_known("this gateway wants a key, and the request has none: send one of its")
        digest = digest_of(shown)
        key = self._keys.get(digest)
        if key is None or not hmac.compare_digest(key.digest, digest):
            raise _not_known(
                "the key of this request is not one of this gateway's: send one of its"
            )
        if key.expires is not None and _aware(key.expires) <= (now or datetime.now(UTC)):
            raise NotAuthenticated(
                f"key '{key.id}' expired on {key.expires:%Y-%m-%d};"
                f" make a new one with `babelgate keys new {key.id}`",
                headers=FINAL,
            )
        return key

    def may_use(self, key: ProxyKey | None, group: str, alias: str, model: str) -> bool:
        """Whether the key's scopes hold the resolved group, and the alias or the name itself."""
        if key is None or (key.groups == EVERYTHING and key.models == EVERYTHING):
            return True
        in_models = alias in key.models or _is_in(model, key.models)
        return in_models and _is_in(group, key.groups)

    def check_scope(self, key: ProxyKey | None, group: str, alias: str, model: str) -> None:
        """Raises NotAllowed, naming what the key may use."""
        if key is None or self.may_use(key, group, alias, model):
            return
        if not _is_in(group, key.groups):
            wrong, what, allowed = group, "group", key.groups
        else:
            wrong, what, allowed = model, "model", key.models
        raise NotAllowed(
            f"key '{key.id}' may not use {what} '{wrong}' ({what}s that it may use:"
            f" {', '.join(allowed) or 'none'})",
            headers=FINAL,
        )

    def _check_host(self, host: str) -> None:
        name = _name_of(host)
        if not self._knows(name):
            raise NotAllowed(
                f"the Host {host!r} is not one of this gateway's;"
                f' if it should be, add "{name}" to allowed_hosts under [server]'
            )
        if len(self._known) < HOSTS_KEPT:
            self._known.add(host)

    def _host(self, headers: Mapping[str, str], peer: str | None) -> str:
        """The host that the client asked for: a trusted proxy says it in a header of its own."""
        forwarded = headers.get("x-forwarded-host")
        if forwarded and self._is_trusted(peer):
            return forwarded.partition(",")[0].strip()
        return headers.get("host", "")

    def _is_trusted(self, peer: str | None) -> bool:
        address = _address(peer or "")
        return address is not None and any(address in network for network in self._proxies)

    def _knows(self, name: str) -> bool:
        if not name:
            return False
        if is_loopback(name) or name == self._server.host.lower():
            return True
        if self._server.host in WILDCARDS and _address(name) is not None:
            return True  # an address can't be pointed elsewhere, as a name can
        return _is_in(name, [each.lower() for each in self._server.allowed_hosts])

    def _may_ask(self, origin: str, host: str) -> bool:
        scheme, _, place = origin.lower().partition("://")
        if place and _with_port(place, scheme) == _with_port(host.lower(), scheme):
            return True
        return _is_in(origin, self._server.allowed_origins)

    def _is_local(self, headers: Mapping[str, str], peer: str | None) -> bool:
        """Whether a program on this machine asks: no web page, and nobody through a proxy."""
        return (
            is_loopback(peer or "")
            and is_loopback(_name_of(headers.get("host", "")))
            and "origin" not in headers
            and not any(name in headers for name in FORWARDED)
        )


def key_of(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The key that a client shows, wherever its dialect puts it: the first that isn't empty."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    shown = [bearer.strip() if scheme.lower() == "bearer" else ""]
    shown += [headers.get(name, "").strip() for name in KEY_HEADERS]
    shown.append(query.get("key", "").strip())
    return next((key for key in shown if key), None)


def check_bind(settings: Settings) -> None:
    """Keep an open gateway on this machine. Raises ConfigError."""
    host = settings.server.host
    if is_loopback(host) or settings.proxy_keys or settings.server.allow_open:
        return
    raise ConfigError(
        f"host {host!r} opens this gateway and its upstreams' keys to the network, and no proxy"
        f" key is configured; make one with `babelgate keys new NAME`, or stay on 127.0.0.1",
        settings.source,
    )


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine alone."""
    address = _address(name)
    if address is None:
        return name == "localhost" or name.endswith(".localhost")
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _not_known(why: str) -> NotAuthenticated:
    return NotAuthenticated(
        f"{why} keys as `Authorization: Bearer`, `x-api-key`, `x-goog-api-key` or `?key=`"
        f" (`babelgate keys new NAME` makes one)",
        headers={**FINAL, "www-authenticate": "Bearer"},
    )


def _aware(moment: datetime) -> datetime:
    """A time without a zone is UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return None


def _network(text: str, settings: Settings) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ConfigError(
            f"server.trusted_proxies: {text!r} is no address or network (10.0.0.0/8)",
            settings.source,
        ) from None


def _name_of(host: str) -> str:
    """The name or address in a Host header, in lower case: no port, brackets or last dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()


def _with_port(place: str, scheme: str) -> str:
    return place.removesuffix(":" + PORTS[scheme]) if scheme in PORTS else place


def _is_in(name: str, patterns: Sequence[str]) -> bool:
    """Whether one of the patterns (`*`, `?`) matches; brackets are plain characters."""
    return any(
        name == pattern or fnmatchcase(name, pattern.replace("[", "[[]")) for pattern in patterns
    )
