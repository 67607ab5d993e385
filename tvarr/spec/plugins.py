"""Kinds of sources that other packages bring, by the entry points of the group `tvarr.sources`.

A package names under that group an object for each kind: with `spec`, a model like those of
`tvarr.spec.source`, whose `kind` is the entry point's name, and with `collect` and `read` as
`tvarr.ingest.kinds` describes them. They are loaded when the YAML has a kind that is none of
tvarr's own, once. A package that cannot be used costs its own sources only: what is declared of
them is taken unread, as `Unusable`, and `tvarr.ingest.plugins` says so when it is their turn.
"""

from __future__ import annotations

import inspect
import logging
import pickle
import traceback
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel, ValidationError

from tvarr.spec.declared import Declared, shorten
from tvarr.spec.values import spec_hash

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from importlib.metadata import EntryPoint

log = logging.getLogger(__name__)

GROUP: Final = "tvarr.sources"

Failure: Final = (Exception, SystemExit)
"""What code of others may end with that does not concern us."""

_LOOKED_AT: Final = ("enabled", "refresh", "addresses", "address", "path", "guide")
"""What tvarr reads of any source; a property that fails would concern others."""


class Unusable(Declared):
    """Stands for a source of a kind whose package cannot be used."""

    kind: str
    enabled: bool = True
    package: str
    """Name and version of the package."""
    problem: str
    """Why it cannot be used, as the end of a sentence."""


@dataclass(frozen=True)
class Plugin:
    """One kind that a package brings."""

    kind: str
    package: str
    """Name and version of the package."""
    spec: type[Declared] | None = None
    collect: Callable[..., Awaitable[Any]] | None = None
    read: Callable[..., Any] | None = None
    problem: str | None = None
    """Why it cannot be used; then there is nothing of the above."""

    def declare(self, given: Mapping[str, Any]) -> BaseModel:
        """Return what the YAML declares of such a source.

        Raises `ValidationError` for what does not fit the model, as for any other kind.
        """
        if self.spec is None:
            return self._unusable(given, self.problem or "")
        try:
            found = self.spec.model_validate(given)
            spec_hash(found)
            for name in _LOOKED_AT:
                getattr(found, name, None)
        except ValidationError:
            raise
        except Failure as error:  # what it says may hold what it was given, a password
            return self._unusable(given, f"its model fails: {type(error).__name__}{_place(error)}")
        return found

    def _unusable(self, given: Mapping[str, Any], problem: str) -> Unusable:
        return Unusable(
            kind=self.kind,
            enabled=given.get("enabled") not in (False, "no", "off"),
            package=self.package,
            problem=problem,
        )


@cache
def plugins() -> Mapping[str, Plugin]:
    """Return all kinds that other packages bring, by kind; those that cannot be used, too."""
    found: dict[str, Plugin] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, _package(entry))):
        plugin = _loaded(entry)
        if other := found.get(entry.name):
            both = f"{other.package} and {plugin.package}"
            plugin = Plugin(entry.name, both, problem="both bring a kind of this name")
        found[entry.name] = plugin
    for plugin in found.values():
        if plugin.problem:
            log.warning(
                "sources of kind %s cannot be used: %s: %s",
                plugin.kind,
                plugin.package,
                plugin.problem,
            )
    return found


def readers() -> Mapping[str, Callable[[Mapping[str, Any]], BaseModel]]:
    """Return by kind what reads the declaration of such a source."""
    return {kind: plugin.declare for kind, plugin in plugins().items()}


def plugin_of(spec: object) -> Plugin | None:
    """Return the plugin that has declared `spec`, if one has."""
    if not _is_foreign(spec):
        return None
    return plugins().get(str(getattr(spec, "kind", "")))


def made_by(spec: object) -> tuple[str, ...]:
    """Return what the reading of `spec` hangs on besides itself: its package and that's version."""
    plugin = plugin_of(spec)
    return (plugin.package,) if plugin else ()


def told(error: BaseException) -> str:
    """Return an error of somebody's code in a few words, with the place where it came from."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}{': ' if text else ''}{shorten(text, 200)}{_place(error)}"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def _is_foreign(spec: object) -> bool:
    """Whether it is no model of tvarr's own; looks at nothing that has to be loaded."""
    return not type(spec).__module__.startswith("tvarr.spec.") or isinstance(spec, Unusable)


def _package(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def _loaded(entry: EntryPoint) -> Plugin:
    package = _package(entry)
    try:
        thing = entry.load()
        spec, collect, read = (getattr(thing, name, None) for name in ("spec", "collect", "read"))
        problem = _problem_of_spec(spec, entry.name) or _problem_of_functions(collect, read)
    except Failure as error:
        problem = f"it cannot be loaded: {told(error)}"
    if problem:
        return Plugin(entry.name, package, problem=problem)
    return Plugin(entry.name, package, spec, collect, read)


def _problem_of_spec(spec: object, kind: str) -> str | None:
    """Return what is wrong with the model of a kind."""
    if not (isinstance(spec, type) and issubclass(spec, Declared)):
        return "its `spec` is not derived from tvarr.spec.declared.Declared"
    declared = spec.model_fields.get("kind")
    if declared is None or get_args(declared.annotation) != (kind,):
        return f'the `kind` of its `spec` is not Literal["{kind}"]'
    if "enabled" not in spec.model_fields:
        return "its `spec` has no field `enabled`; derive it from tvarr.spec.fetched.Scheduled"
    if spec.model_config.get("extra") != "forbid" or not spec.model_config.get("frozen"):
        return "its `spec` takes unknown fields or can be changed"
    pickle.dumps(spec)  # by its name, as a child process will look for it
    return None


def _problem_of_functions(collect: object, read: object) -> str | None:
    if not inspect.iscoroutinefunction(collect):
        return "its `collect` is no `async def` function"
    if not callable(read) or inspect.iscoroutinefunction(read):
        return "its `read` is no plain function"
    return None
