"""Reads the presets, as their YAML has them."""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple

from ruamel.yaml import YAML


class Preset(NamedTuple):
    domain: str
    kind: str
    about: str
    text: str


def _read() -> dict[str, Preset]:
    found: dict[str, Preset] = {}
    for path in files("tvarr.expression").joinpath("presets").iterdir():
        if path.name.endswith(".yaml"):
            for kind, named in YAML(typ="safe").load(path.read_text(encoding="utf-8")).items():
                found |= {name: _preset(kind, written) for name, written in named.items()}
    return found


def _preset(kind: str, written: dict[str, str]) -> Preset:
    text = written["where" if kind == "filters" else "do"]
    assert set(written) == {"applies_to", "about", "where" if kind == "filters" else "do"}
    return Preset(
        written["applies_to"].removesuffix("s"), kind.removesuffix("s"), written["about"], text
    )


PRESETS = _read()
