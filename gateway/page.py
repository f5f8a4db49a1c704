"""The page at `/` and the answer of `/health`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

import orjson
from attrs import frozen

from gateway import __version__
from gateway.clients import base_url, client_variables, key_to_show, shell_lines
from gateway.hooks import Endpoint
from gateway.ports import USUAL
from gateway.settings import Group, Settings

if TYPE_CHECKING:
    from gateway.plugins import Plugins
    from gateway.runtime import Runtime

PREFIXES = (
    ("", "group <code>default</code>, or the only group"),
    ("/{group}", "a group of models by its name"),
    ("/switch", "the group that is active now"),
)


@frozen
class PageFacts:
    """What the page shows. groups: the names that clients may ask for, by group.

    keyed: a key is needed, so that the page (which is open to all) shows no names.
    clients: lines to paste, by dialect.
    """

    url: str
    endpoints: Sequence[Endpoint]
    groups: Mapping[str, Sequence[str]]
    keyed: bool
    clients: Mapping[str, Sequence[str]]
    version: str = __version__


def index_page(runtime: Runtime, url: str | None = None) -> str:
    """The page for `GET /`. url: the gateway's address as its reader knows it."""
    return render(facts_of(runtime.settings, runtime.plugins, url))


def facts_of(settings: Settings, plugins: Plugins, url: str | None = None) -> PageFacts:
    """What the page shows of a gateway."""
    server = settings.server
    url = url or base_url(server.host, server.port or USUAL)
    keyed = bool(settings.proxy_keys)
    groups: Mapping[str, Group] = {} if keyed else settings.groups
    variables = client_variables(plugins.dialects.values(), url, key_to_show(settings))
    return PageFacts(
        url=url,
        endpoints=plugins.endpoints,
        groups={each.name: list(each.models) for each in groups.values() if not each.disabled},
        keyed=keyed,
        clients={dialect: shell_lines(values) for dialect, values in variables.items()},
    )


def health_body(status: str = "ok") -> bytes:
    """The JSON that `/health` answers."""
    return orjson.dumps({"status": status, "version": __version__})


def render(facts: PageFacts) -> str:
    """The page as HTML: no script, nothing from elsewhere, every value escaped."""
    return PAGE.format(
        style=STYLE,
        version=escape(facts.version),
        url=escape(facts.url),
        clients=_clients(facts.clients),
        groups=_groups(facts),
        prefixes=_rows((f"<code>{path or '/'}</code>", words) for path, words in PREFIXES),
        endpoints=_rows(map(_endpoint, facts.endpoints)),
    )


def _clients(clients: Mapping[str, Sequence[str]]) -> str:
    if not clients:
        return "<p>No dialect with a well-known client is installed.</p>"
    return "".join(
        f"<h3>{escape(dialect)}</h3><pre>{escape(chr(10).join(lines))}</pre>"
        for dialect, lines in clients.items()
    )


def _groups(facts: PageFacts) -> str:
    if facts.keyed:
        return (
            "<p>This gateway wants a key. Ask <code>/v1/models</code> with yours for the names"
            " that it may use.</p>"
        )
    if not facts.groups:
        return "<p>No groups are configured: models go by their own names.</p>"
    rows = ((_code(name), _codes(aliases)) for name, aliases in facts.groups.items())
    return f"<table><tr><th>Group<th>Models</tr>{_rows(rows)}</table>"


def _endpoint(endpoint: Endpoint) -> tuple[str, ...]:
    words = endpoint.action.replace("_", " ")
    return escape(endpoint.dialect), escape(endpoint.method), _code(endpoint.path), escape(words)


def _rows(rows: Iterable[Sequence[str]]) -> str:
    return "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)


def _codes(names: Iterable[str]) -> str:
    return " ".join(map(_code, names)) or "none"


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #0a7a6c }
@media (prefers-color-scheme: dark) { :root { --accent: #4fd1bd } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 62rem; margin: 3rem auto; padding: 0 1rem }
h1 { margin: 0; letter-spacing: -.02em } h1 small { font-size: .5em; opacity: .6 }
h2 { margin-top: 2.5rem; font-size: 1.15rem; color: var(--accent) } h3 { margin-bottom: .3rem }
code, pre { font: .88em/1.5 ui-monospace, monospace }
pre { background: var(--soft); padding: .8rem 1rem; border-radius: .4rem; overflow-x: auto;
  user-select: all }
div { overflow-x: auto } table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .35rem .9rem .35rem 0; border-bottom: 1px solid var(--line) }
th { font-size: .8rem; opacity: .7 }
"""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'">
<title>Babelgate</title>
<style>{style}</style>
</head>
<body>
<h1>Babelgate <small>{version}</small></h1>
<p>Any client, any model: this gateway answers at <code>{url}</code>.</p>
<h2>Point a client here</h2>
{clients}
<h2>Models</h2>
<div>{groups}</div>
<h2>Prefixes</h2>
<p>Each endpoint stands behind each prefix. With <code>/compat</code> or <code>/compat_mode</code>
after the prefix, models without tool calling get it.</p>
<div><table><tr><th>Prefix<th>Who answers</tr>{prefixes}</table></div>
<h2>Endpoints</h2>
<div><table><tr><th>Dialect<th>Method<th>Path<th>For</tr>
{endpoints}</table></div>
</body>
</html>
"""
