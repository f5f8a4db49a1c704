"""What the answer of an upstream, or its silence, means."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import orjson
from attrs import frozen

from gateway.addresses import shown
from gateway.doctor.finding import Finding, bad, good, note
from gateway.errors import GatewayError
from gateway.hooks import Probe
from gateway.settings import UpstreamSettings
from gateway.upstream import Upstream

AREA = "upstreams"
CLOCK = 300
"""Seconds by which this machine's clock may be off before providers and clients mind."""


STATUSES = (
    (
        ("authentication", "permission"),
        "the key is refused",
        "every request with it fails, or goes to the next key or target",
        "put in a key that is valid",
    ),
    (("billing",), "the account is empty or blocked", "requests are refused", "pay the provider"),
    (
        ("not_found", "method_not_allowed"),
        "there is no such URL",
        "the address leads to something else than the provider's API",
        "correct base_url: it is what the provider's own SDK takes",
    ),
)
"""Kinds of errors, and what they mean for an upstream: what, why, and what to do."""


@frozen
class Question:
    """One probe. what: the upstream and, of several keys, which one; never the key."""

    upstream: Upstream
    probe: Probe
    key: str | None
    what: str

    @property
    def settings(self) -> UpstreamSettings:
        return self.upstream.settings

    @property
    def host(self) -> str:
        return shown(self.settings.base_url)

    def bad(self, what: str, why: str, do: str) -> Finding:
        place = self.settings.place
        return bad(AREA, f"{self.what}: {what}", why, f"{do} ({place})" if place else do)


def answered(question: Question, kind: str, body: bytes, ms: float) -> Finding:
    """Whether an answer is one of this dialect at all."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict) and question.probe.field in said:
        accepted = "the key is accepted" if question.key else "it wants no key"
        return good(AREA, f"{question.what}: {question.host} answers in {ms:.0f} ms, {accepted}")
    page = said is None and "html" in kind
    form = "a web page" if page else "no JSON" if said is None else "JSON of another kind"
    return question.bad(
        f"{question.host} answers with {form}",
        f"what is there does not speak {question.upstream.backend.speaks}",
        "correct base_url, or dialect",
    )


def failed(question: Question, error: GatewayError) -> Finding:
    """What an error reply, or none at all, means."""
    cause = error.__context__
    if isinstance(cause, aiohttp.ClientError | OSError):
        return unreachable(question, cause)
    for kinds, what, why, do in STATUSES:
        if error.kind in kinds:
            return question.bad(f"{what} ({error.status})", why, do)
    if error.kind == "rate_limit":
        why = "the key is known, but has no more requests just now"
        return note(AREA, f"{question.what}: rate limit ({error.status})", why, "wait a while")
    if error.status < 400 or "redirect" in error.message:
        return question.bad("it answers with a redirect", "none is followed", "correct base_url")
    return question.bad(
        f"{question.host} answers with an error ({error.status})",
        "requests would fail, too",
        "try again later; if it stays, ask the provider",
    )


def unreachable(question: Question, error: BaseException) -> Finding:
    """Why no connection came about: the name, the certificate, the port, or silence."""
    host, network = question.host, "requests to it fail"
    match error:
        case aiohttp.ClientConnectorDNSError():
            do = "correct base_url, or this machine's DNS (a VPN that is off?)"
            return question.bad(f"there is no host {error.host}", network, do)
        case aiohttp.ClientConnectorCertificateError():
            do = "let your system trust who signed it (a company's proxy?), or correct base_url"
            return question.bad(f"the certificate of {host} is not trusted", network, do)
        case aiohttp.ClientSSLError():
            do = "correct base_url: http:// where there is no TLS"
            return question.bad(f"{host} does not speak TLS", network, do)
        case aiohttp.ClientConnectorError():
            do = "start it, or correct base_url"
            number = error.os_error.errno
            why = os.strerror(number) if number else type(error.os_error).__name__
            return question.bad(f"nobody takes connections at {host}: {why}", network, do)
        case TimeoutError():
            return silent(question, question.settings.connect_timeout)
    what = f"{host} broke off the connection or sent no HTTP ({type(error).__name__})"
    return question.bad(what, network, "correct base_url (http:// or https://?)")


def silent(question: Question, seconds: float) -> Finding:
    return question.bad(
        f"{question.host} said nothing for {seconds:g} s",
        "clients would wait as long",
        "try again with --timeout 30; look for a firewall or a proxy between",
    )


def clock(date: str | None) -> list[Finding]:
    """A note when this machine's clock is far from the upstream's."""
    try:
        theirs = parsedate_to_datetime(date or "")
    except ValueError:
        return []
    if theirs.tzinfo is None:
        return []
    off = (datetime.now(UTC) - theirs).total_seconds()
    if abs(off) <= CLOCK:
        return []
    way = "ahead" if off > 0 else "behind"
    why = "certificates and keys look expired, or not yet valid"
    what = f"this machine's clock is {abs(off) / 60:.0f} minutes {way}"
    return [bad("clock", what, why, "set it: turn on the system's time service")]
