"""Find the installed plugins, and check them one by one before any is used."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import metadata
from typing import TypeVar, get_args, get_origin

from attrs import define, field, frozen

from gateway.errors import PluginError
from gateway.hooks import API_VERSION, Backend, Dialect, Hooks
from gateway.settings import Plugins as Choice

ENTRY_POINTS = "gateway.plugins"
ONLY_VARIABLE = "BABELGATE_PLUGINS"
"""Names of the plugins to load, with commas between them: stronger than the configuration."""
MARK = "gateway_impl"
"""Where pluggy's marker leaves its options on a function."""
T = TypeVar("T")


def parameters(function: Callable[..., object]) -> tuple[str, ...]:
    """The names of a function's parameters, without `self`."""
    return tuple(name for name in inspect.signature(function).parameters if name != "self")


SPECS: Mapping[str, tuple[str, ...]] = {
    name: parameters(spec) for name, spec in vars(Hooks).items() if hasattr(spec, "gateway_spec")
}
PROVIDES = frozenset(
    name for name in SPECS if (getattr(Hooks, name).gateway_spec or {}).get("firstresult")
)


@frozen
class PluginReport:
    """What came of one installed plugin. `error` says in one line why it is not in use.

    A plugin that the configuration leaves out has no error and `disabled` set.
    """

    name: str
    distribution: str
    version: str
    dialects: Sequence[str] = ()
    backends: Sequence[str] = ()
    hooks: Sequence[str] = ()
    error: str | None = None
    disabled: bool = False


@frozen
class Hook:
    """One hook function of a plugin. takes: the arguments that it wants, by name.

    first, last: it is marked `tryfirst` or `trylast`.
    """

    name: str
    function: Callable[..., object]
    takes: tuple[str, ...]
    wrapper: bool
    first: bool
    last: bool = False


@define(eq=False)
class Candidate:
    """A plugin that was found, and what is known of it so far."""

    name: str
    distribution: str
    version: str
    plugin: object = None
    hooks: dict[str, Hook] = field(factory=dict)
    dialects: list[Dialect] = field(factory=list)
    backends: list[Backend] = field(factory=list)
    settings: dict[str, type] = field(factory=dict)
    error: str | None = None
    disabled: bool = False
    traced: bool = False

    def __str__(self) -> str:
        return f"plugin '{self.name}' ({self.distribution} {self.version})"

    def has(self, hook: str) -> bool:
        """Whether it implements `hook` itself, and does not just wrap it."""
        return hook in self.hooks and not self.hooks[hook].wrapper

    def report(self) -> PluginReport:
        return PluginReport(
            name=self.name,
            distribution=self.distribution,
            version=self.version,
            dialects=[dialect.name for dialect in self.dialects],
            backends=[backend.name for backend in self.backends],
            hooks=list(self.hooks),
            error=self.error,
            disabled=self.disabled,
        )


def installed(choice: Choice, environ: Mapping[str, str]) -> list[Candidate]:
    """Every installed plugin, loaded and checked by itself, in the order of its hooks.

    What is wrong with one stands in its `error`; nothing is raised.
    """
    found: dict[str, Candidate] = {}
    for entry in sorted(metadata.entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        distribution, version = (
            ("?", "?") if entry.dist is None else (entry.dist.name, entry.dist.version)
        )
        candidate = Candidate(entry.name, distribution, version)
        if entry.name in found:
            _fail(candidate, f"its name is that of {found[entry.name]} too; remove one of them")
            found[f"{entry.name} ({distribution})"] = candidate
            continue
        found[entry.name] = candidate
        if not is_chosen(entry.name, choice, environ):
            candidate.disabled = True
            continue
        try:
            plugin = entry.load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the border: imports do anything
            _fail(candidate, f"it can't be imported: {in_a_line(error)}")
            continue
        inspect_plugin(candidate, plugin)
    return in_order(found.values(), choice)


def is_chosen(name: str, choice: Choice, environ: Mapping[str, str]) -> bool:
    """Whether the configuration and the environment let a plugin in."""
    listed = environ.get(ONLY_VARIABLE)
    only = [each.strip() for each in listed.split(",")] if listed else choice.only
    return name not in choice.disabled and (only is None or name in only)


def in_order(candidates: Iterable[Candidate], choice: Choice) -> list[Candidate]:
    """As `plugins.order` says; those that it doesn't name follow by name."""
    rank = {name: number for number, name in enumerate(choice.order)}
    return sorted(candidates, key=lambda each: (rank.get(each.name, len(rank)), each.name))


def strangers(choice: Choice, candidates: Sequence[Candidate]) -> list[str]:
    """A line for each name under `[plugins]` that no installed plugin has."""
    known = {candidate.name for candidate in candidates}
    lists = {"disabled": choice.disabled, "only": choice.only or (), "order": choice.order}
    return [
        f"plugins.{place}: no plugin '{name}' is installed{_did_you_mean(name, known)}"
        for place, names in lists.items()
        for name in names
        if name not in known
    ]


def given(number: int, plugin: object) -> Candidate:
    """A candidate for an object of this program. Raises PluginError when it is wrong."""
    name = getattr(plugin, "__name__", None) or type(plugin).__name__
    candidate = Candidate(f"{name}#{number}", "this program", "-")
    if not hasattr(plugin, "API_VERSION"):
        inspect_hooks(candidate, plugin)
    else:
        inspect_plugin(candidate, plugin)
    if candidate.error:
        raise PluginError(candidate.error)
    return candidate


def inspect_plugin(candidate: Candidate, plugin: object) -> None:
    """Check the API version, then the hooks. What is wrong stands in `candidate.error`."""
    declared = getattr(plugin, "API_VERSION", None)
    if declared is None:
        _fail(candidate, f"it does not say API_VERSION (this gateway's is {API_VERSION})")
    elif declared != API_VERSION:
        _fail(
            candidate,
            f"it was written for API_VERSION {declared} and this gateway's is {API_VERSION};"
            f" install a release of {candidate.distribution} that fits",
        )
    else:
        inspect_hooks(candidate, plugin)


def inspect_hooks(candidate: Candidate, plugin: object) -> None:
    """Read hooks and descriptors. What is wrong stands in `candidate.error`."""
    candidate.plugin = plugin
    try:
        candidate.hooks = _hooks(candidate, plugin)
        candidate.dialects = _gathered(candidate, "register_dialects", Dialect)
        candidate.backends = _gathered(candidate, "register_backends", Backend)
        candidate.settings = _settings(candidate)
    except PluginError as error:
        candidate.error = str(error)


def in_a_line(error: BaseException) -> str:
    """An exception as one line for a person."""
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _fail(candidate: Candidate, why: str) -> None:
    candidate.error = f"{candidate}: {why}"


def _hooks(candidate: Candidate, plugin: object) -> dict[str, Hook]:
    if inspect.isclass(plugin):
        raise PluginError(f"{candidate}: it is a class; name an instance of it, or a module")
    found: dict[str, Hook] = {}
    for attribute in dir(plugin):
        function = getattr(plugin, attribute, None)
        options = getattr(function, MARK, None)
        if not isinstance(options, dict) or not callable(function):
            continue
        name = options.get("specname") or attribute
        takes = _checked(candidate, name, function)
        wrapper = bool(options.get("wrapper"))
        if options.get("hookwrapper"):
            raise PluginError(f"{candidate}, hook {name}: use wrapper=True, not hookwrapper=True")
        if wrapper and name not in PROVIDES:
            raise PluginError(f"{candidate}, hook {name}: this hook can't be wrapped")
        if name in found:
            raise PluginError(f"{candidate}, hook {name}: it is implemented twice")
        first, last = bool(options.get("tryfirst")), bool(options.get("trylast"))
        found[name] = Hook(name, function, takes, wrapper, first, last)
    return found


def _checked(candidate: Candidate, name: str, function: Callable[..., object]) -> tuple[str, ...]:
    """The arguments that a hook function takes. Raises PluginError for what can't be given."""
    if name not in SPECS:
        raise PluginError(f"{candidate}: there is no hook '{name}'{_did_you_mean(name, SPECS)}")
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is not parameter.POSITIONAL_OR_KEYWORD:
            raise PluginError(f"{candidate}, hook {name}: name its arguments, not {parameter}")
        if parameter.default is not parameter.empty:
            raise PluginError(
                f"{candidate}, hook {name}: argument '{parameter.name}' must have no default"
            )
        if parameter.name not in SPECS[name]:
            possible = ", ".join(SPECS[name]) or "none"
            raise PluginError(
                f"{candidate}, hook {name}: it has no argument '{parameter.name}'"
                f" (there are: {possible})"
            )
    return parameters(function)


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean '{near[0]}'?" if near else ""


def _gathered(candidate: Candidate, hook: str, kind: type[T]) -> list[T]:
    """What a start-up hook gives. Raises PluginError, also for entries of the wrong kind."""
    values = _asked(candidate, hook) or ()
    if not isinstance(values, Sequence) or not all(isinstance(each, kind) for each in values):
        raise PluginError(f"{candidate}, hook {hook}: it must give a list of {kind.__name__}")
    return list(values)


def _settings(candidate: Candidate) -> dict[str, type]:
    hook = "register_settings"
    values = _asked(candidate, hook) or {}
    if not isinstance(values, Mapping) or not all(map(_is_class, values.values())):
        raise PluginError(f"{candidate}, hook {hook}: it must give a mapping of places to classes")
    return dict(values)


def _is_class(value: object) -> bool:
    """Whether `value` is a class, or a list of one (`list[Rule]`)."""
    inner = get_args(value) if get_origin(value) is list else (value,)
    return all(map(inspect.isclass, inner))


def _asked(candidate: Candidate, name: str) -> object:
    hook = candidate.hooks.get(name)
    if hook is None:
        return None
    try:
        return hook.function()
    except Exception as error:  # the border: a plugin's code
        raise PluginError(f"{candidate}, hook {name}: {in_a_line(error)}") from error
