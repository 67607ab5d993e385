"""The whole file, and the names by which its parts refer to each other.

`tvarr.config.load` builds the manifest; the controller plans from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from tvarr.spec.declared import (
    Declared,
    did_you_mean,
    misread,
    refuse,
    sentence,
    shorten,
    stands_for,
)
from tvarr.spec.guide import Guide
from tvarr.spec.presets import PREFIX, shipped
from tvarr.spec.proxy import Proxy
from tvarr.spec.sentences import Picture, Rule, Selection, WrittenFilter, wrong_sentences
from tvarr.spec.server import Server
from tvarr.spec.source import WITH_GUIDE, Source
from tvarr.spec.values import Name, ProxyName

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from pydantic_core import InitErrorDetails

_WORDS = {"sources": "source", "epg": "guide", "rules": "rule", "filters": "filter"}
"""Field of a proxy and of the manifest alike: what its names are names of."""


class Manifest(Declared):
    """Everything one YAML file declares; maps keep the file's order."""

    server: Server = Server()
    """The public listener."""

    sources: dict[Name, Source] = Field(default_factory=dict)
    """Where channels come from, by name."""

    epg: dict[Name, Guide] = Field(default_factory=dict)
    """Where programmes come from, by name."""

    rules: dict[Name, Rule] = Field(default_factory=dict)
    """What changes channels and programmes, by name; a proxy names those it has."""

    filters: dict[Name, WrittenFilter] = Field(default_factory=dict)
    """What channels and programmes are chosen by, by name; a proxy names those it has."""

    logos: dict[Name, Picture] = Field(default_factory=dict)
    """Pictures by name, an address or a file of this machine: `@logo:NAME` in a rule."""

    proxies: dict[ProxyName, Proxy] = Field(default_factory=dict)
    """What is published, by name: each proxy is a playlist with its guide."""

    def in_force(self, proxy: Proxy) -> Proxy:
        """Return the proxy without sources and guides that are not enabled."""
        return proxy.model_copy(
            update={
                "sources": tuple(n for n in proxy.sources if self.sources[n].enabled),
                "epg": tuple(n for n in proxy.epg if (self.epg.get(n) or self.sources[n]).enabled),
            }
        )

    @model_validator(mode="after")
    def _refer_to_what_is_there(self) -> Self:
        given = dict(self)
        wrong = [misread(wrong.place, str(wrong.problem)) for wrong in wrong_sentences(given)]
        refuse(misreferences(given) + wrong)
        return self


def misreferences(given: Mapping[str, Any]) -> list[InitErrorDetails]:
    """Return an error for each name in a proxy that is declared nowhere in `given`.

    `given` is a manifest's fields, or what the YAML holds in their place: anything that is not of
    the right shape is passed over, so that names are checked even when other fields are wrong.
    """
    proxies = given.get("proxies")
    return [*_taken(given)] + [
        sentence(
            ("proxies", str(name), section, *place),
            f'no {_WORDS[section]} "{shorten(wanted)}"{_advice(wanted, section, given)}',
            f"no {_WORDS[section]} of this name stands under {section}:",
        )
        for name, proxy in (proxies.items() if isinstance(proxies, Mapping) else ())
        for section in _WORDS
        for place, wanted in _names(_field(proxy, section))
        if not _is_known(wanted, section, given)
    ]


def _taken(given: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Yield an error for each guide with the name of a source that comes with a guide."""
    guides = given.get("epg")
    for name in _with_guide(given):
        if isinstance(guides, Mapping) and name in guides:
            text = f'the guide of the source "{name}" has this name; take another one here'
            yield sentence(("epg", str(name)), text, text)


def _with_guide(given: Mapping[str, Any]) -> list[str]:
    """Return the names of sources that come with a guide."""
    sources = given.get("sources")
    declared = sources.items() if isinstance(sources, Mapping) else ()
    return [name for name, source in declared if _field(source, "guide") not in (None, "none")]


def _field(declared: object, field: str) -> object:
    return declared.get(field) if isinstance(declared, Mapping) else getattr(declared, field, None)


def _names(listed: object) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Yield the names in a list, as they are or under `include` and `exclude`, and their places."""
    for index, entry in enumerate(listed) if isinstance(listed, list | tuple) else ():
        if isinstance(entry, str):
            yield (index,), entry
        else:
            chosen = ((key, _field(entry, key)) for key in Selection.model_fields)
            yield from (((index, key), name) for key, name in chosen if isinstance(name, str))


def _is_known(name: str, section: str, given: Mapping[str, Any]) -> bool:
    declared = given.get(section) or {}
    if not isinstance(declared, Mapping) or name in declared:
        return True
    if section == "epg" and name in _with_guide(given):
        return True
    if is_misspelt(section, given):
        return True  # that is told already, and the name may well stand there
    return name.startswith(PREFIX) and name in shipped(section)


def _advice(name: str, section: str, given: Mapping[str, Any]) -> str:
    other = {"rules": "filters", "filters": "rules"}.get(section, section)
    elsewhere = given.get(other)
    named = elsewhere if isinstance(elsewhere, Mapping) else ()
    if other != section and (name in named or name in shipped(other)):
        return f"; it is a {_WORDS[other]}, so name it under {other}:"
    known = [*(given.get(section) or ()), *shipped(section)]
    if near := did_you_mean(name, known):
        return near
    sources = given.get("sources")
    if section == "epg" and isinstance(sources, Mapping) and name in sources:
        if _field(sources[name], "kind") in WITH_GUIDE:
            return "; the source of this name brings one with `guide: auto`"
        return "; the source of this name cannot bring one, so declare a guide under epg:"
    if name.startswith(PREFIX) and shipped(section):
        return f"; tvarr comes with {', '.join(shipped(section))}"
    return f"; declare it under {section}:"


def is_misspelt(field: str, given: Mapping[str, Any]) -> bool:
    """Whether `field` is not there, but a section that nobody knows is written nearly like it."""
    if field in given:
        return False
    return stands_for(field, given, Manifest)
