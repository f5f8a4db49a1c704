"""The admin routes: who may use them, and what they say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.testing.pytest_plugin import StartGateway

KEY = "admin-key-for-tests-0123456789"
CONFIG = """
[server]
active = "kimi"
[store]
url = "sqlite:///gate.db"
[admin]
key = "{key}"
[upstreams.echo]
backend = "echo"
[groups.kimi.models]
"*" = "echo/echo"
[groups.qwen.models]
"*" = "echo/echo"
[groups.old]
disabled = true
[proxy_keys.ann]
key = "cs-ann"
""".replace("{key}", KEY)
BEARER = {"authorization": f"Bearer {KEY}"}


class Admin:
    """Asks one gateway; an answer is its status and its JSON."""

    def __init__(self, url: str, client: aiohttp.ClientSession) -> None:
        self.url = f"{url}/admin/switch"
        self.client = client
        self.headers: Any = {}

    async def __call__(self, method: str, body: object = None, **more: Any) -> tuple[int, Any]:
        data = body if isinstance(body, bytes) else None
        said = {"json": body} if data is None and body is not None else {"data": data}
        asked = {"url": self.url, "headers": BEARER, **said, **more}
        async with self.client.request(method, **asked) as reply:
            self.headers = reply.headers
            return reply.status, await reply.json()


@pytest.fixture
async def admin(gateway: StartGateway) -> AsyncIterator[Admin]:
    running = await gateway(CONFIG)
    async with aiohttp.ClientSession() as client:
        yield Admin(running.url, client)


async def test_the_active_group_is_told_and_changed(admin: Admin):
    assert await admin("GET") == (200, {"group": "kimi", "groups": ["kimi", "qwen"]})
    assert await admin("POST", {"group": "qwen"}) == (200, {"group": "qwen", "before": "kimi"})
    assert await admin("GET") == (200, {"group": "qwen", "groups": ["kimi", "qwen"]})


@pytest.mark.parametrize("name", ["qwne", "old", "default", ""])
async def test_a_group_that_is_none_is_a_404_with_the_groups(admin: Admin, name: str):
    status, body = await admin("POST", {"group": name})

    assert (status, body["error"]["type"]) == (404, "not_found")
    assert body["error"]["message"].startswith(f"there is no group '{name}'")
    assert body["error"]["message"].endswith("the groups: kimi, qwen")
    assert (await admin("GET"))[1]["group"] == "kimi"


@pytest.mark.parametrize("body", [b"{", b"", [], "qwen", {}, {"group": None}, {"group": ["qwen"]}])
async def test_a_wrong_body_is_a_400(admin: Admin, body: object):
    status, said = await admin("POST", body)

    assert (status, said["error"]["type"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": "Bearer "},
        {"authorization": f"Basic {KEY}"},
        {"x-api-key": KEY},
        {"authorization": "Bearer cs-ann"},
    ],
)
async def test_without_the_admin_key_it_is_a_401(admin: Admin, headers: dict[str, str]):
    status, body = await admin("POST", {"group": "qwen"}, headers=headers)

    assert (status, body["error"]["type"]) == (401, "authentication")
    assert admin.headers["www-authenticate"] == "Bearer"
    assert KEY not in str(body)
    assert (await admin("GET"))[1]["group"] == "kimi"


@pytest.mark.parametrize("header", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
async def test_a_web_page_elsewhere_may_not_even_with_the_key(admin: Admin, header: dict[str, str]):
    status, _ = await admin("POST", {"group": "qwen"}, headers={**BEARER, **header})

    assert status == 403
    assert (await admin("GET"))[1]["group"] == "kimi"


async def test_other_methods_and_paths_are_told_what_there_is(admin: Admin):
    assert (await admin("DELETE"))[0] == 405
    assert admin.headers["allow"] == "GET, POST"

    admin.url += "/x"
    status, body = await admin("GET")
    assert (status, body["error"]["message"]) == (
        404,
        "there is no /admin/switch/x; there is /admin/switch",
    )


async def test_without_an_admin_key_there_is_no_such_route(gateway: StartGateway):
    running = await gateway(CONFIG.replace(f'[admin]\nkey = "{KEY}"\n', ""))
    async with aiohttp.ClientSession() as client:
        status, body = await Admin(running.url, client)("POST", {"group": "qwen"})

    assert (status, body["error"]["type"]) == (404, "not_found")
    assert "there is no key under [admin]" in body["error"]["message"]


async def test_a_choice_that_can_t_be_kept_is_a_503(admin: Admin, tmp_path: Path):
    (tmp_path / "gate.db").mkdir()

    status, body = await admin("POST", {"group": "qwen"})

    assert (status, body["error"]["type"]) == (503, "overloaded")
    assert "can't be told" in body["error"]["message"]


async def test_where_nothing_says_which_is_active_none_is(gateway: StartGateway):
    running = await gateway(CONFIG.replace('active = "kimi"\n', ""))
    async with aiohttp.ClientSession() as client:
        admin = Admin(running.url, client)
        assert (await admin("GET"))[1]["group"] is None
        assert await admin("POST", {"group": "qwen"}) == (200, {"group": "qwen", "before": None})
