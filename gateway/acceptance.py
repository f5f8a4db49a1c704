"""Which of the plugins that were found fit together: no name twice, no backend without arrows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve

from gateway.hooks import Backend
from gateway.loading import Candidate


def accept(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The candidates that can be used together; what is wrong with the others is in `error`.

    Where two want one name, the first in order has it. Backends leave here with all the arrows
    that they need.
    """
    fitting: list[Candidate] = []
    for candidate in candidates:
        if candidate.error or candidate.disabled:
            continue
        candidate.error = _clash(candidate, fitting)
        if not candidate.error:
            fitting.append(candidate)
    bases = {each.name: each for one in fitting for each in one.backends if _has_arrows(each)}
    for candidate in fitting:
        candidate.error = _unfinished(candidate, bases)
        candidate.backends = [_completed(each, bases) for each in candidate.backends]
    return [candidate for candidate in fitting if not candidate.error]


def _clash(candidate: Candidate, others: Sequence[Candidate]) -> str | None:
    wanted = _names(candidate)
    if len(set(wanted)) != len(wanted):
        twice = next(each for each in wanted if wanted.count(each) > 1)
        return f"{candidate}: it brings {_said(twice)} twice"
    for other in others:
        taken = set(_names(other))
        for name in wanted:
            if name in taken:
                return (
                    f"{candidate}: {_said(name)} is already that of {other};"
                    f" disable one of them under [plugins]"
                )
    return None


def _names(candidate: Candidate) -> list[tuple[str, str]]:
    """Everything that only one plugin may bring."""
    return [
        *(("dialect", each.name) for each in candidate.dialects),
        *(
            ("endpoint", f"{endpoint.method} {endpoint.path} of dialect '{endpoint.dialect}'")
            for each in candidate.dialects
            for endpoint in each.endpoints
        ),
        *(("backend", each.name) for each in candidate.backends),
        *(("preset", preset.name) for each in candidate.backends for preset in each.presets),
        *(("setting", place) for place in candidate.settings),
    ]


def _said(name: tuple[str, str]) -> str:
    kind, word = name
    return f"{kind} {word}" if kind == "endpoint" else f"{kind} '{word}'"


def _has_arrows(backend: Backend) -> bool:
    return backend.write_request is not None and backend.decoder is not None


def _unfinished(candidate: Candidate, bases: dict[str, Backend]) -> str | None:
    """Why a backend of the candidate could carry nothing; None when all of them can."""
    if candidate.has("call_backend"):
        return None
    for backend in candidate.backends:
        if _has_arrows(backend) or backend.speaks in bases:
            continue
        if backend.speaks is None:
            return f"{candidate}: backend '{backend.name}' has neither arrows nor call_backend"
        return (
            f"{candidate}: backend '{backend.name}' speaks '{backend.speaks}', and no plugin that"
            f" is in use brings that backend; install babelgate-{backend.speaks}"
        )
    return None


def _completed(backend: Backend, bases: dict[str, Backend]) -> Backend:
    base = bases.get(backend.speaks or "")
    if base is None or base is backend or _has_arrows(backend):
        return backend
    return evolve(
        backend,
        version=backend.version or base.version,
        write_request=backend.write_request or base.write_request,
        decoder=backend.decoder or base.decoder,
        embeddings=backend.embeddings or base.embeddings,
        read_error=backend.read_error or base.read_error,
        auth=backend.auth or base.auth,
        headers={**base.headers, **backend.headers},
        reply_headers=backend.reply_headers or base.reply_headers,
    )
