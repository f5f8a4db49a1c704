"""Upstreams that need no configuration: a preset whose variable is set in the environment."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from attrs import field, frozen

from gateway.addresses import Address, is_address, is_own, shown
from gateway.hooks import Backend, Preset
from gateway.key_header import read_auth
from gateway.secrets import split_keys
from gateway.settings import FaceSettings, UpstreamSettings

UNSPECIFIED = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]", "": "127.0.0.1"}  # noqa: S104 - not bound
"""What a client calls when a variable that servers share (OLLAMA_HOST) says "every address"."""


@frozen
class Known:
    """A preset, and the backend that reaches it."""

    backend: Backend
    preset: Preset


@frozen
class Found:
    """What the environment holds: upstreams by name, and why others were left out, by name."""

    upstreams: Mapping[str, UpstreamSettings] = field(factory=dict)
    ignored: Mapping[str, str] = field(factory=dict)


@frozen
class Presets:
    """Every preset of every backend. A name may come twice, from two backends."""

    all: Sequence[Known]

    @classmethod
    def of(cls, backends: Mapping[str, Backend]) -> Presets:
        return cls([Known(one, preset) for one in backends.values() for preset in one.presets])

    def find(self, name: str, backend: str | None = None) -> Known | None:
        """The preset of this name: of `backend` if it has one, else of the first that has."""
        known = [one for one in self.all if one.preset.name == name]
        at_home = [one for one in known if one.backend.name == backend]
        return next(iter([*at_home, *known]), None)

    def names(self) -> list[str]:
        return list(dict.fromkeys(one.preset.name for one in self.all))


def discover(
    presets: Presets,
    environ: Mapping[str, str],
    own_addresses: Collection[Address] = (),
) -> Found:
    """An upstream for every preset whose keys, or for a keyless one whose address, are set."""
    upstreams: dict[str, UpstreamSettings] = {}
    ignored: dict[str, str] = {}
    for known in presets.all:
        name = known.preset.name
        if name in upstreams or name in ignored or not _is_set(known.preset, environ):
            continue
        made = upstream_of(known, environ)
        why = why_unusable(made, own_addresses)
        if why:
            ignored[name] = why
        else:
            upstreams[name] = made
    return Found(upstreams, ignored)


def upstream_of(known: Known, environ: Mapping[str, str]) -> UpstreamSettings:
    """The upstream that a preset is, with what the environment says of it."""
    preset = known.preset
    variables = (*preset.variables, preset.base_url_variable or "")
    place = next((name for name in variables if environ.get(name, "").strip()), "preset")
    base_url = base_url_of(preset, environ)
    return UpstreamSettings(
        name=preset.name,
        backend=known.backend.name,
        base_url=base_url,
        also=faces_of(preset, base_url),
        keys=keys_of(preset, environ),
        preset=preset.name,
        place=place,
        from_environment=True,
    )


def keys_of(preset: Preset, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The keys in the first of the preset's variables that is set; () when none is."""
    first = next(_set_variables(preset, environ), None)
    return tuple(split_keys(environ[first])) if first else ()


def base_url_of(preset: Preset, environ: Mapping[str, str]) -> str:
    """The preset's address, or the one that its variable moves it to; without a last slash.

    A variable without a scheme (OLLAMA_HOST=10.0.0.2, or :11500) keeps the preset's scheme, and
    its port and path where it says none.
    """
    moved = environ.get(preset.base_url_variable or "", "").strip()
    if not moved:
        return preset.base_url.rstrip("/")
    if "://" in moved:
        return moved.rstrip("/")
    usual = urlsplit(preset.base_url)
    place, slash, path = moved.partition("/")
    host, _, port = place.rpartition(":") if _has_port(place) else (place, "", "")
    port = port or str(usual.port or "")
    start = f"{usual.scheme}://{UNSPECIFIED.get(host, host)}{':' if port else ''}{port}"
    return f"{start}{slash + path if path else usual.path}".rstrip("/")


def faces_of(preset: Preset, base_url: str, auth: str | None = None) -> dict[str, FaceSettings]:
    """The further faces that the preset's provider has at `base_url`.

    A vendor's hold at its own address only: what stands at another may have none, and its key
    must not go to the vendor. auth: how the upstream carries keys, where that was said.
    """
    if base_url != preset.base_url.rstrip("/") and not preset.keyless:
        return {}
    return {
        dialect: FaceSettings(
            (face.base_url or base_url).rstrip("/"),
            auth or (read_auth(face.auth) if face.auth else None),
            face.quirks,
        )
        for dialect, face in preset.also.items()
    }


def why_unusable(upstream: UpstreamSettings, own_addresses: Collection[Address]) -> str | None:
    """Why an upstream that nobody configured is left out; None when it can be used."""
    left_out = f"the upstream {upstream.name!r} ({upstream.place}) is left out: its address"
    if is_own(upstream.base_url, own_addresses):
        return f"{left_out} {shown(upstream.base_url)} is the gateway's own"
    if upstream.base_url and not is_address(upstream.base_url):
        return f'{left_out} must look like "https://api.example.com/v1"'
    return None


def _is_set(preset: Preset, environ: Mapping[str, str]) -> bool:
    if preset.keyless and not preset.variables:
        return bool(environ.get(preset.base_url_variable or ""))
    return bool(keys_of(preset, environ))


def _set_variables(preset: Preset, environ: Mapping[str, str]) -> Iterator[str]:
    return (name for name in preset.variables if environ.get(name, "").strip())


def _has_port(place: str) -> bool:
    """Whether "host:port" or ":port" was written, and not a bare IPv6 address in brackets."""
    return ":" in place.rpartition("]")[2]
