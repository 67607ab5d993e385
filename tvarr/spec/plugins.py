"""Kinds of sources that other packages bring, by the entry points of the group `tvarr.sources`.

A package names under that group an object for each kind: with `spec`, a model like those of
`tvarr.spec.source`, whose `kind` is the entry point's name, and with `collect` and `read` as
`tvarr.ingest.kinds` describes them. A package that cannot be loaded costs its own sources only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel

GROUP = "tvarr.sources"


def models() -> Mapping[str, type[BaseModel]]:
    """Return the models of all kinds that other packages bring, by kind."""
    return {}
