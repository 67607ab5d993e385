"""The whole file, and the names by which its parts refer to each other.

`tvarr.config.load` builds the manifest; the controller plans from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from tvarr.spec.declared import Declared, did_you_mean, refuse, sentence, shorten
from tvarr.spec.proxy import Proxy
from tvarr.spec.server import Server
from tvarr.spec.source import Guide, Source
from tvarr.spec.values import Name, ProxyName

if TYPE_CHECKING:
    from typing import Self

    from pydantic_core import InitErrorDetails

_WORDS = {"sources": "source", "epg": "guide"}
"""Field of a proxy and of the manifest alike: what its names are names of."""


class Manifest(Declared):
    """Everything one YAML file declares; maps keep the file's order."""

    server: Server = Server()
    """The public listener."""

    sources: dict[Name, Source] = Field(default_factory=dict)
    """Where channels come from, by name."""

    epg: dict[Name, Guide] = Field(default_factory=dict)
    """Where programmes come from, by name."""

    proxies: dict[ProxyName, Proxy] = Field(default_factory=dict)
    """What is published, by name: each proxy is a playlist with its guide."""

    @model_validator(mode="after")
    def _refer_to_what_is_there(self) -> Self:
        refuse(misreferences(dict(self)))
        return self


def misreferences(given: Mapping[str, Any]) -> list[InitErrorDetails]:
    """Return an error for each name in a proxy that is declared nowhere in `given`.

    `given` is a manifest's fields, or what the YAML holds in their place: anything that is not of
    the right shape is passed over, so that names are checked even when other fields are wrong.
    """
    proxies = given.get("proxies")
    return [
        error
        for name, proxy in (proxies.items() if isinstance(proxies, Mapping) else ())
        for field in _WORDS
        for error in _unknown_names(("proxies", name, field), _field(proxy, field), given)
    ]


def _field(proxy: object, field: str) -> object:
    return proxy.get(field) if isinstance(proxy, Mapping) else getattr(proxy, field, None)


def _unknown_names(
    place: tuple[str, str, str], names: object, given: Mapping[str, Any]
) -> list[InitErrorDetails]:
    field = place[-1]
    declared = given.get(field) or {}
    if not isinstance(names, list | tuple) or not isinstance(declared, Mapping):
        return []
    if field not in given and _is_misspelt(field, given):
        return []  # that is told already, and these names may well stand there
    return [
        sentence(
            (*place, index),
            f'no {_WORDS[field]} "{shorten(name)}"{_advice(name, field, declared)}',
            f"no {_WORDS[field]} of this name stands under {field}:",
        )
        for index, name in enumerate(names)
        if isinstance(name, str) and name not in declared
    ]


def _advice(name: str, field: str, declared: Mapping[str, Any]) -> str:
    return did_you_mean(name, declared) or f"; declare it under {field}:"


def _is_misspelt(field: str, given: Mapping[str, Any]) -> bool:
    """Whether a section that nobody knows is written nearly like `field`."""
    unknown = [str(key) for key in given if key not in Manifest.model_fields]
    return any(did_you_mean(key, Manifest.model_fields).endswith(f'"{field}"?') for key in unknown)
