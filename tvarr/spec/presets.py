"""The rules and filters that come with tvarr, by `preset/NAME`.

They are YAML files of the package, of the same form as the sections of the user's file. Read when
a proxy first names one.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tvarr.spec.sentences import Filter, Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

PREFIX = "preset/"


@cache
def preset_rules() -> Mapping[str, Rule]:
    """Return the shipped rules by `preset/NAME`, in the order of their files."""
    return MappingProxyType(
        {name: Rule.model_validate(written) for name, written in _section("rules")}
    )


@cache
def preset_filters() -> Mapping[str, Filter]:
    """Return the shipped filters by `preset/NAME`, in the order of their files."""
    return MappingProxyType(
        {name: Filter.model_validate(written) for name, written in _section("filters")}
    )


def shipped(section: str) -> Collection[str]:
    """Return the names of the presets of a section of the manifest; none if it has none."""
    if section == "rules":
        return preset_rules().keys()
    return preset_filters().keys() if section == "filters" else ()


def _section(section: str) -> Iterator[tuple[str, Any]]:
    for document in _documents():
        for name, written in document.get(section, {}).items():
            yield f"{PREFIX}{name}", written


@cache
def _documents() -> tuple[dict[str, Any], ...]:
    from ruamel.yaml import YAML

    folder = files("tvarr.expression").joinpath("presets")
    found = sorted(file.name for file in folder.iterdir() if file.name.endswith(".yaml"))
    texts = [folder.joinpath(name).read_text(encoding="utf-8") for name in found]
    return tuple(YAML(typ="safe", pure=True).load(text) for text in texts)
