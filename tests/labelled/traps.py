"""Pairs written by hand: a channel, a small guide, and which of its channels is the right one.

One line of `traps.txt` each: the channel's name, then what the guide has (`id=display-name`,
several names with `/`), then the id that is right, or `-` where none is. Before the name may stand,
in braces, the channel's `id`, `tvg` (its tvg-name) and `group`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Trap:
    """One line."""

    name: str
    guide: tuple[tuple[str, tuple[str, ...]], ...]
    right: str | None
    tvg_id: str | None = None
    tvg_name: str | None = None
    group: str | None = None


_LINES = Path(__file__).with_name("traps.txt").read_text(encoding="utf-8").splitlines()


def _read(line: str) -> Trap:
    left, guide, right = (part.strip() for part in line.split(" > "))
    given = re.match(r"\{([^}]*)\}\s*(.*)", left)
    name, facts = (given[2], given[1]) if given else (left, "")
    said = dict(fact.strip().split("=", 1) for fact in facts.split(";") if fact)
    return Trap(
        name,
        tuple(_channel(part) for part in guide.split(" ; ")),
        None if right == "-" else right,
        said.get("id"),
        said.get("tvg"),
        said.get("group"),
    )


def _channel(text: str) -> tuple[str, tuple[str, ...]]:
    known, _, names = text.partition("=")
    return known.strip(), tuple(names.split("/"))


TRAPS = tuple(map(_read, (line for line in _LINES if not line.startswith("#"))))
