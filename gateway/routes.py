"""Which endpoint a URL means: every endpoint, behind every prefix.

    [/{group} | /switch] [/compat | /compat_mode] ENDPOINT

Look-ups in dicts, one for each segment of the path; fixed segments beat group names.
"""

from __future__ import annotations

import difflib
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import pairwise
from urllib.parse import unquote

from attrs import define, field, frozen

from gateway.errors import NotFound, WrongMethod
from gateway.hooks import Dialect, Endpoint
from gateway.settings import RESERVED_GROUPS

REMEMBERED = 1024
LONGEST_REMEMBERED = 256
SWITCH = "switch"
"""The group that is active now; `Route.group` has this name, and the catalog knows which it is."""
COMPAT = frozenset({"compat", "compat_mode"})


@frozen
class Callers:
    """Who calls a URL that several dialects share.

    headers: dialects by the header that tells their clients. usual: whose clients send none.
    """

    headers: Mapping[str, str] = field(factory=dict)
    usual: str | None = None

    @classmethod
    def of(cls, dialects: Iterable[Dialect]) -> Callers:
        """What the dialects say of their own clients."""
        known = list(dialects)
        named = {header: each.name for each in known for header in each.caller_headers}
        return cls(named, next((each.name for each in known if each.usual_caller), None))

    def told(self, dialects: Container[str], headers: Mapping[str, str]) -> str | None:
        """The dialect among these that the request's headers tell; None when they don't."""
        for header, dialect in self.headers.items():
            if header in headers and dialect in dialects:
                return dialect
        return None

    def one_of(self, dialects: Mapping[str, object], headers: Mapping[str, str]) -> str:
        """Which of the dialects at one URL the caller speaks."""
        told = self.told(dialects, headers) if len(dialects) > 1 else None
        usual = self.usual if self.usual in dialects else None
        return told or usual or next(iter(dialects))


@frozen
class Route:
    """What a URL means. group: as it stands in the URL; None when it names none."""

    endpoint: Endpoint
    args: Mapping[str, str]
    group: str | None
    compat: bool


@define(eq=False)
class _Node:
    """One segment of paths. verbs: for a last segment `{name}:verb`, by the verb."""

    fixed: dict[str, _Node] = field(factory=dict)
    variable: _Node | None = None
    verbs: dict[str, _Node] = field(factory=dict)
    endpoints: dict[str, dict[str, _Named]] = field(factory=dict)


@frozen
class _Named:
    """An endpoint with the names of its variable segments, in order."""

    endpoint: Endpoint
    names: Sequence[str]


@frozen
class _Match:
    node: _Node
    values: tuple[str, ...]
    group: str | None = None
    compat: bool = False


class Routes:
    """All endpoints of the dialects that are loaded."""

    def __init__(self, endpoints: Iterable[Endpoint], callers: Callers | None = None) -> None:
        self._callers = callers or Callers()
        self._endpoints = list(endpoints)
        self._dialects = list(dict.fromkeys(each.dialect for each in self._endpoints))
        self._matches: dict[str, _Match | None] = {}
        self._root = _Node()
        for endpoint in self._endpoints:
            _add(self._root, endpoint)

    def resolve(self, method: str, raw_path: str, headers: Mapping[str, str]) -> Route:
        """The endpoint that a request means, by its path as it was sent (percent-encoded).

        headers: names in lower case. HEAD is answered as GET is. Raises NotFound, WrongMethod.
        """
        path = raw_path.partition("?")[0]
        match = self._match(path)
        if match is None:
            raise self._unknown(method, path)
        callers = match.node.endpoints.get("GET" if method == "HEAD" else method)
        if callers is None:
            allowed = ", ".join(sorted(match.node.endpoints))
            raise WrongMethod(f"{path} takes {allowed}, not {method}", headers={"allow": allowed})
        named = callers[self._callers.one_of(callers, headers)]
        args = dict(zip(named.names, match.values, strict=True))
        return Route(named.endpoint, args, match.group, match.compat)

    def dialect_of(self, raw_path: str, headers: Mapping[str, str]) -> str:
        """Whose shape an error for this URL takes; "" when no dialect is loaded.

        A known path says so; else the caller's headers; else the dialect whose paths are nearest.
        """
        if not self._dialects:
            return ""
        path = raw_path.partition("?")[0]
        match = self._match(path)
        if match is not None:
            dialects = dict.fromkeys(name for by in match.node.endpoints.values() for name in by)
            return self._callers.one_of(dialects, headers)
        return self._callers.told(self._dialects, headers) or self._nearest(path)

    def _match(self, path: str) -> _Match | None:
        """What a path means, worked out once for the paths that come first."""
        if path in self._matches:
            return self._matches[path]
        match = self._found(path)
        if len(self._matches) < REMEMBERED and len(path) < LONGEST_REMEMBERED:
            self._matches[path] = match
        return match

    def _found(self, path: str) -> _Match | None:
        segments = path.split("/")[1:]
        if not segments or "" in segments:
            return None
        return _find(self._root, segments) or self._behind_prefix(segments)

    def _behind_prefix(self, segments: list[str]) -> _Match | None:
        first, *rest = segments
        if first in COMPAT:
            return _behind(self._root, rest, None, compat=True)
        group = unquote(first)
        if group in RESERVED_GROUPS and group != SWITCH:
            return None
        found = _behind(self._root, rest, group, compat=False)
        if found is None and rest and rest[0] in COMPAT:
            found = _behind(self._root, rest[1:], group, compat=True)
        return found

    def _unknown(self, method: str, path: str) -> NotFound:
        return NotFound(f"there is no endpoint {method} {path}{self._advice(path)}")

    def _advice(self, path: str) -> str:
        segments = path.split("/")[1:]
        if path != "/" and self._match(path.replace("//", "/").rstrip("/")) is not None:
            return "; leave out the slash that is too many"
        for first, second in pairwise(segments):
            if first == second and first in self._root.fixed:
                return f"; it has /{first} twice, so this client's base URL goes without /{first}"
        known = list(dict.fromkeys(endpoint.path for endpoint in self._endpoints))
        tails = ["/" + "/".join(segments[start:]) for start in range(min(3, len(segments)))]
        near = [one for tail in tails for one in difflib.get_close_matches(tail, known, 2, 0.7)]
        listed = ", ".join(self._said(one) for one in dict.fromkeys(near))
        return f"; near it: {listed}" if listed else "; `babelgate routes` lists what there is"

    def _said(self, path: str) -> str:
        methods = sorted({each.method for each in self._endpoints if each.path == path})
        return f"{'/'.join(methods)} {path}"

    def _nearest(self, path: str) -> str:
        segments = path.split("/")[1:]
        shared = dict.fromkeys(self._dialects, 0)
        for endpoint in self._endpoints:
            path_segments = endpoint.path.split("/")[1:]
            count = max(_shared(segments[start:], path_segments) for start in range(3))
            shared[endpoint.dialect] = max(shared[endpoint.dialect], count)
        best = max(shared.values())
        dialects = [name for name, count in shared.items() if count == best]
        return usual if (usual := self._callers.usual) in dialects else dialects[0]


def _add(root: _Node, endpoint: Endpoint) -> None:
    node, names = root, []
    for segment in endpoint.path.split("/")[1:]:
        if not segment.startswith("{"):
            node = node.fixed.setdefault(segment, _Node())
            continue
        name, _, verb = segment[1:].partition("}")
        names.append(name)
        if verb:
            node = node.verbs.setdefault(verb.removeprefix(":"), _Node())
        else:
            node.variable = node.variable or _Node()
            node = node.variable
    node.endpoints.setdefault(endpoint.method, {})[endpoint.dialect] = _Named(endpoint, names)


def _find(root: _Node, segments: Sequence[str]) -> _Match | None:
    """Walk down from `root`; fixed segments first, so that a variable takes what is left."""
    return _walk(root, segments, 0, ())


def _walk(node: _Node, segments: Sequence[str], at: int, values: tuple[str, ...]) -> _Match | None:
    if at == len(segments):
        return _Match(node, values) if node.endpoints else None
    segment = segments[at]
    fixed = node.fixed.get(segment)
    if fixed is not None:
        found = _walk(fixed, segments, at + 1, values)
        if found is not None:
            return found
    if node.variable is None and not node.verbs:
        return None
    value = unquote(segment)
    if node.verbs:
        name, _, verb = value.rpartition(":")
        verbal = node.verbs.get(verb) if name else None
        if verbal is not None:
            return _walk(verbal, segments, at + 1, (*values, name))
    if node.variable is None:
        return None
    return _walk(node.variable, segments, at + 1, (*values, value))


def _behind(
    root: _Node, segments: Sequence[str], group: str | None, *, compat: bool
) -> _Match | None:
    found = _find(root, segments) if segments else None
    return _Match(found.node, found.values, group, compat) if found else None


def _shared(segments: Sequence[str], path: Sequence[str]) -> int:
    """How many leading segments two paths have in common."""
    count = 0
    for one, other in zip(segments, path, strict=False):
        if one != other:
            break
        count += 1
    return count
