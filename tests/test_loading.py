"""Plugins are found as real entry points of real distributions, one by one."""

from types import ModuleType

import pytest

from gateway.acceptance import accept
from gateway.loading import installed
from gateway.plugins import Plugins, load
from gateway.settings import Plugins as Choice
from tests.sites import DIALECT, Site, site

__all__ = ["site"]


def ours(plugins: Plugins, *names: str) -> list[str | None]:
    """The errors of these plugins, whatever else is installed."""
    by_name = {report.name: report.error for report in plugins.report}
    return [by_name[name] for name in names]


def test_an_installed_plugin_brings_dialect_backend_and_preset(site: Site):
    site.install("alpha", DIALECT.format(name="alpha"))

    plugins = load(Choice(only=["alpha"]), environ={})

    assert list(plugins.dialects) == ["alpha"]
    assert list(plugins.backends) == ["alpha"]
    assert plugins.presets["alpha-inc"].base_url == "https://alpha.example"
    assert [each.path for each in plugins.endpoints] == ["/v1/alpha"]


def test_the_report_tells_distribution_version_and_hooks(site: Site):
    site.install("alpha", DIALECT.format(name="alpha"), version="3.1")

    report = next(r for r in load(Choice(only=["alpha"]), environ={}).report if r.name == "alpha")

    assert (report.distribution, report.version) == ("babelgate-alpha", "3.1")
    assert report.hooks == ["register_backends", "register_dialects"]
    assert report.error is None


RULES = """
from attrs import frozen
from gateway.hooks import hookimpl
API_VERSION = 1
@frozen
class Rule:
    text: str
@hookimpl
def register_settings():
    return {"group.rules": list[Rule]}
"""


def test_settings_may_be_an_array_of_tables(site: Site):
    site.install("alpha", RULES)

    plugins = load(Choice(only=["alpha"]), environ={})

    assert ours(plugins, "alpha") == [None]
    assert str(plugins.setting_classes["group.rules"]).startswith("list[")


HOOK = "from gateway.hooks import Backend, hookimpl\nAPI_VERSION = 1\n@hookimpl\n"
BROKEN = {
    "no_import": (
        "import not_there_at_all\n",
        "it can't be imported: ModuleNotFoundError: No module named 'not_there_at_all'",
    ),
    "exits": ("raise SystemExit(3)\n", "it can't be imported: SystemExit: 3"),
    "no_version": ("", "it does not say API_VERSION (this gateway's is 1)"),
    "old": (
        "API_VERSION = 0\n",
        "gateway's is 1; install a release of babelgate-bad that fits",
    ),
    "unknown_hook": (
        HOOK + "def rewrite_promt(request): ...\n",
        "there is no hook 'rewrite_promt'; did you mean 'rewrite_prompt'?",
    ),
    "unknown_argument": (
        HOOK + "def rewrite_prompt(req): ...\n",
        "hook rewrite_prompt: it has no argument 'req' (there are: request, context)",
    ),
    "default": (
        HOOK + "def rewrite_prompt(request=None): ...\n",
        "hook rewrite_prompt: argument 'request' must have no default",
    ),
    "stars": (
        HOOK + "def rewrite_prompt(**all): ...\n",
        "hook rewrite_prompt: name its arguments, not **all",
    ),
    "wrapped": (
        HOOK.replace("@hookimpl", "@hookimpl(wrapper=True)") + "def rewrite_prompt(): ...\n",
        "hook rewrite_prompt: this hook can't be wrapped",
    ),
    "raises": (
        HOOK + "def register_dialects():\n    return 1 / 0\n",
        "hook register_dialects: ZeroDivisionError: division by zero",
    ),
    "wrong_kind": (
        HOOK + "def register_backends():\n    return ['echo']\n",
        "hook register_backends: it must give a list of Backend",
    ),
    "armless": (
        HOOK + "def register_backends():\n    return [Backend('mine')]\n",
        "backend 'mine' has neither arrows nor call_backend",
    ),
    "lonely": (
        HOOK + "def register_backends():\n    return [Backend('mine', 'beta')]\n",
        "no plugin that is in use brings that backend; install babelgate-beta",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_plugin_is_one_line_and_the_others_go_on(site: Site, kind: str):
    code, cause = BROKEN[kind]
    site.install("alpha", DIALECT.format(name="alpha"))
    site.install("bad", code)

    plugins = load(Choice(only=["alpha", "bad"]), environ={})

    assert ours(plugins, "alpha") == [None]
    (error,) = ours(plugins, "bad")
    assert error is not None
    assert error.startswith("plugin 'bad' (babelgate-bad 1.2)")
    assert error.endswith(cause)
    assert "\n" not in error
    assert list(plugins.dialects) == ["alpha"]


def test_a_dialect_that_is_taken_is_an_error_of_the_second(site: Site):
    site.install("alpha", DIALECT.format(name="alpha"))
    site.install("again", DIALECT.format(name="alpha"))
    wanted = Choice(only=["alpha", "again"], order=["alpha", "again"])

    plugins = load(wanted, environ={})

    assert ours(plugins, "alpha", "again") == [
        None,
        (
            "plugin 'again' (babelgate-again 1.2): dialect 'alpha' is already that of"
            " plugin 'alpha' (babelgate-alpha 1.2); disable one of them under [plugins]"
        ),
    ]


def test_a_name_of_two_distributions_is_an_error_of_the_second(site: Site):
    site.install("alpha", DIALECT.format(name="alpha"))
    site.install("alpha", DIALECT.format(name="beta"), distribution="zz-alpha")

    found = [each for each in installed(Choice(only=["alpha"]), {}) if each.name == "alpha"]

    errors = [each.error for each in found if each.error]
    assert len(found) == 2
    assert len(errors) == 1
    assert "remove one of them" in errors[0]


def test_a_disabled_plugin_is_not_even_imported(site: Site):
    site.install("alpha", "raise RuntimeError\n")

    report = next(
        r for r in load(Choice(disabled=["alpha"]), environ={}).report if r.name == "alpha"
    )

    assert report.disabled
    assert report.error is None


def test_the_environment_says_which_plugins_alone_are_loaded(site: Site):
    site.install("alpha", DIALECT.format(name="alpha"))
    site.install("beta", DIALECT.format(name="beta"))

    plugins = load(Choice(only=["beta"]), environ={"BABELGATE_PLUGINS": "alpha, other"})

    assert list(plugins.dialects) == ["alpha"]


def test_the_configured_order_comes_before_the_order_of_names(site: Site):
    for name in ("alpha", "beta", "gamma"):
        site.install(name, DIALECT.format(name=name))
    wanted = Choice(only=["alpha", "beta", "gamma"], order=["gamma"])

    assert list(load(wanted, environ={}).dialects) == ["gamma", "alpha", "beta"]


def test_a_configured_name_that_nobody_has_is_a_warning(site: Site):
    site.install("alpha", DIALECT.format(name="alpha"))
    wanted = Choice(disabled=["gone"], only=["alpha"], order=["alhpa"])

    assert load(wanted, environ={}).warnings == [
        "plugins.disabled: no plugin 'gone' is installed",
        "plugins.order: no plugin 'alhpa' is installed; did you mean 'alpha'?",
    ]


def test_a_backend_without_arrows_is_completed_with_those_of_its_dialect(site: Site):
    site.install("alpha", DIALECT.format(name="alpha"))
    vendor = ModuleType("vendor")
    exec(
        "from gateway.hooks import Backend, hookimpl\n"
        "@hookimpl\ndef register_backends():\n"
        "    return [Backend('vendor', 'alpha', headers={'x-team': 'blue'})]\n",
        vendor.__dict__,
    )

    backends = load(Choice(only=["alpha"]), extra=[vendor], environ={}).backends

    assert backends["vendor"].write_request is backends["alpha"].write_request
    assert backends["vendor"].decoder is backends["alpha"].decoder
    assert backends["vendor"].version == "v1"
    assert backends["vendor"].headers == {"x-team": "blue"}


def test_candidates_that_fit_keep_their_order(site: Site):
    site.install("beta", DIALECT.format(name="beta"))
    site.install("alpha", DIALECT.format(name="alpha"))

    fitting = accept(installed(Choice(only=["alpha", "beta"]), {}))

    assert [each.name for each in fitting] == ["alpha", "beta"]
