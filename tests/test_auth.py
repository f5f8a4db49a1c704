"""Who may come in, and what they may use."""

from datetime import UTC, datetime

import pytest

from gateway.auth import Gate, check_bind, is_loopback, key_of
from gateway.errors import ConfigError, NotAllowed, NotAuthenticated
from gateway.keys import digest_of
from gateway.settings import ProxyKey, Server, Settings

KEY = "cs-alice"
ALICE = ProxyKey("alice", digest_of(KEY))
LOCAL = {"host": "localhost:11434"}
PEER = "127.0.0.1"


def gate(*keys: ProxyKey, **server: object) -> Gate:
    return Gate(Settings(server=Server(**server), proxy_keys={key.id: key for key in keys}))


# --- Host ---


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST:11434", "localhost.:80", "app.localhost:1"),
        *("127.0.0.1:11434", "127.5.5.5", "[::1]:11434", "[::1]", "[::ffff:127.0.0.1]:80"),
    ],
)
def test_this_machine_s_names_are_known(host: str):
    gate().check_origin({"host": host}, PEER)


@pytest.mark.parametrize(
    "host",
    [
        *("evil.example", "127.0.0.1.evil.example", "localhost.evil.example:11434"),
        *("192.168.1.5:11434", "[2001:db8::1]", "", ":80", "notlocalhost"),
    ],
)
def test_any_other_name_is_refused(host: str):
    with pytest.raises(NotAllowed, match="is not one of this gateway's"):
        gate().check_origin({"host": host}, PEER)


def test_a_request_without_host_is_refused():
    with pytest.raises(NotAllowed):
        gate().check_origin({}, PEER)


def test_a_host_that_was_once_refused_stays_refused():
    one = gate()
    one.check_origin(LOCAL, PEER)

    for _ in range(2):
        with pytest.raises(NotAllowed):
            one.check_origin({"host": "evil.example"}, PEER)


def test_the_host_that_is_listened_on_is_known():
    gate(host="gw.internal").check_origin({"host": "gw.internal:80"}, PEER)


def test_a_gateway_for_every_address_knows_addresses_but_no_names():
    everywhere = gate(host="0.0.0.0")

    everywhere.check_origin({"host": "192.168.1.5:11434"}, PEER)
    with pytest.raises(NotAllowed, match=r'add "evil.example" to allowed_hosts'):
        everywhere.check_origin({"host": "evil.example"}, PEER)


def test_allowed_hosts_may_be_patterns():
    gate(allowed_hosts=["*.Team.example"]).check_origin({"host": "gw.team.example:8"}, PEER)


def test_a_whole_url_as_target_is_refused():
    with pytest.raises(NotAllowed, match="this gateway is no proxy"):
        gate().check_origin(LOCAL, PEER, "http://localhost:11434/v1/models")


def test_a_forwarded_host_counts_only_from_a_trusted_proxy():
    headers = {**LOCAL, "x-forwarded-host": "gw.example", "origin": "https://gw.example"}
    proxied = gate(trusted_proxies=["10.0.0.0/8"], allowed_hosts=["gw.example"])

    proxied.check_origin(headers, "10.1.2.3")
    with pytest.raises(NotAllowed, match=r"web pages of https://gw\.example"):
        proxied.check_origin(headers, PEER)


def test_a_trusted_proxy_that_is_no_address_is_a_configuration_error():
    with pytest.raises(ConfigError, match="trusted_proxies: 'nginx'"):
        gate(trusted_proxies=["nginx"])


# --- Origin ---


@pytest.mark.parametrize("origin", ["http://localhost:11434", "HTTP://LOCALHOST:11434"])
def test_a_page_of_the_gateway_itself_may_ask(origin: str):
    gate().check_origin({**LOCAL, "origin": origin}, PEER)


def test_the_port_of_the_scheme_may_be_left_out():
    headers = {"host": "localhost", "origin": "http://localhost:80"}

    gate().check_origin(headers, PEER)


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:3000", "https://evil.example", "null", "", "http://localhost:11434.evil"],
)
def test_pages_from_elsewhere_may_not_ask(origin: str):
    with pytest.raises(NotAllowed, match="may not ask this gateway"):
        gate().check_origin({**LOCAL, "origin": origin}, PEER)


def test_allowed_origins_may_be_patterns():
    allowed = gate(allowed_origins=["vscode-webview://*", "http://localhost:3000"])

    for origin in ("vscode-webview://abc", "http://localhost:3000"):
        allowed.check_origin({**LOCAL, "origin": origin}, PEER)


# --- keys ---


@pytest.mark.parametrize(
    ("headers", "query", "key"),
    [
        ({"authorization": "Bearer a"}, {}, "a"),
        ({"authorization": "bearer  a "}, {}, "a"),
        ({"authorization": "Bearer a", "x-api-key": "b"}, {}, "a"),
        ({"authorization": "Bearer ", "x-api-key": "b"}, {}, "b"),
        ({"authorization": "Basic a", "x-goog-api-key": "c"}, {}, "c"),
        ({"x-api-key": "", "x-goog-api-key": "c"}, {"key": "d"}, "c"),
        ({}, {"key": "d"}, "d"),
        ({}, {"key": ""}, None),
        ({}, {}, None),
    ],
)
def test_the_first_key_that_is_not_empty_counts(
    headers: dict[str, str], query: dict[str, str], key: str | None
):
    assert key_of(headers, query) == key


def test_a_gateway_without_keys_is_open():
    assert gate().authenticate({}, {}, PEER, keyless=False) is None
    assert gate().authenticate({"x-api-key": "anything"}, {}, PEER, keyless=False) is None


def test_a_known_key_says_whose_it_is():
    assert gate(ALICE).authenticate({"x-api-key": KEY}, {}, PEER, keyless=False) is ALICE


@pytest.mark.parametrize("headers", [{}, {"x-api-key": "cs-wrong"}, {"x-api-key": ALICE.digest}])
def test_any_other_key_is_refused_for_good(headers: dict[str, str]):
    with pytest.raises(NotAuthenticated) as caught:
        gate(ALICE).authenticate(headers, {}, PEER, keyless=False)

    assert caught.value.headers["x-should-retry"] == "false"
    assert "babelgate keys new" in caught.value.message
    assert "cs-wrong" not in caught.value.message


@pytest.mark.parametrize("zone", [None, UTC])
def test_a_key_ends_when_it_expires(zone: object):
    expires = datetime(2026, 12, 1, tzinfo=zone)
    bob = ProxyKey("bob", digest_of("cs-bob"), expires=expires)
    shown = {"x-api-key": "cs-bob"}
    before, after = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)

    assert gate(bob).authenticate(shown, {}, PEER, keyless=False, now=before) is bob
    with pytest.raises(NotAuthenticated, match="'bob' expired on 2026-12-01"):
        gate(bob).authenticate(shown, {}, PEER, keyless=False, now=after)


def test_local_clients_of_a_keyless_dialect_may_go_without():
    assert gate(ALICE, ollama_keyless=True).authenticate(LOCAL, {}, PEER, keyless=True) is None


@pytest.mark.parametrize(
    ("headers", "peer", "keyless", "allowed"),
    [
        (LOCAL, PEER, True, None),
        (LOCAL, PEER, True, False),
        (LOCAL, PEER, False, True),
        (LOCAL, "192.168.1.7", True, True),
        (LOCAL, None, True, True),
        ({"host": "gw.example"}, PEER, True, True),
        ({**LOCAL, "origin": "http://localhost:11434"}, PEER, True, True),
        ({**LOCAL, "x-forwarded-for": "1.2.3.4"}, PEER, True, True),
        ({**LOCAL, "forwarded": "for=1.2.3.4"}, PEER, True, True),
        ({**LOCAL, "via": "1.1 nginx"}, PEER, True, True),
        ({**LOCAL, "x-real-ip": "1.2.3.4"}, PEER, True, True),
        ({**LOCAL, "x-api-key": "cs-wrong"}, PEER, True, True),
    ],
)
def test_nobody_else_goes_without_a_key(
    headers: dict[str, str], peer: str | None, keyless: bool, allowed: bool | None
):
    with pytest.raises(NotAuthenticated):
        gate(ALICE, ollama_keyless=allowed).authenticate(headers, {}, peer, keyless)


# --- scopes ---


@pytest.mark.parametrize(
    ("groups", "models", "allowed"),
    [
        (["*"], ["*"], True),
        (["kimi"], ["claude-*"], True),
        (["ki?i"], ["claude-sonnet-4"], True),
        (["other"], ["*"], False),
        (["kimi"], ["gpt-*"], False),
        (["kimi"], [], False),
        (["KIMI"], ["*"], False),
        (["kimi"], ["claude-[s]onnet-4"], False),
    ],
)
def test_scopes_are_patterns_of_groups_and_models(
    groups: list[str], models: list[str], allowed: bool
):
    key = ProxyKey("alice", "", groups=groups, models=models)

    assert gate().may_use(key, "kimi", "claude-*", "claude-sonnet-4") is allowed


def test_a_catch_all_alias_does_not_widen_a_scope():
    key = ProxyKey("alice", "", models=["claude-*"])

    assert gate().may_use(key, "kimi", "*", "claude-x")
    assert not gate().may_use(key, "kimi", "*", "gpt-5")


def test_without_a_key_there_is_no_scope():
    gate().check_scope(None, "kimi", "*", "anything")


@pytest.mark.parametrize(
    ("group", "model", "message"),
    [
        ("coding", "k2", "key 'a' may not use group 'coding' (groups that it may use: kimi, qwen)"),
        ("kimi", "gpt", "key 'a' may not use model 'gpt' (models that it may use: k2*)"),
    ],
)
def test_a_refusal_names_what_the_key_may_use(group: str, model: str, message: str):
    key = ProxyKey("a", "", groups=["kimi", "qwen"], models=["k2*"])

    with pytest.raises(NotAllowed) as caught:
        gate().check_scope(key, group, model, model)

    assert caught.value.message == message
    assert caught.value.headers["x-should-retry"] == "false"


# --- binding ---


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "gw.example", ""])
def test_an_open_gateway_stays_on_this_machine(host: str):
    with pytest.raises(ConfigError, match="babelgate keys new NAME"):
        check_bind(Settings(server=Server(host=host)))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_an_open_gateway_may_listen_on_loopback(host: str):
    check_bind(Settings(server=Server(host=host)))


def test_a_gateway_with_keys_or_force_may_listen_anywhere():
    check_bind(Settings(server=Server(host="0.0.0.0"), proxy_keys={"alice": ALICE}))
    check_bind(Settings(server=Server(host="0.0.0.0", allow_open=True)))


def test_an_address_with_a_zone_is_told_apart():
    assert is_loopback("::1%lo")
    assert not is_loopback("fe80::1%eth0")
