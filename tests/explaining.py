"""Steps and inputs for the tests of explanations."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.builders import DAY, build_input
from tvarr.expression.fields import Domain
from tvarr.spec.sentences import Origin, Step

if TYPE_CHECKING:
    from typing import Any

    from tvarr.catalog.snapshots import Snapshot
    from tvarr.pipeline.build import BuildInput


def rule(name: str, text: str, domain: Domain = Domain.CHANNEL) -> Step:
    return Step(name, "rule", domain, text)


def include(name: str, text: str, domain: Domain = Domain.CHANNEL) -> Step:
    return Step(name, "include", domain, text)


def exclude(name: str, text: str, domain: Domain = Domain.CHANNEL) -> Step:
    return Step(name, "exclude", domain, text)


def given(
    *steps: Step, sources: tuple[Snapshot, ...], guides: tuple[Snapshot, ...] = (), **more: Any
) -> BuildInput:
    """Return the input of a build with these steps, on the evening of `DAY`."""
    build = build_input(*guides, sources=sources, **more)
    origins = tuple(
        Origin(source.name, "m3u", f"http://{source.name}.invalid/list") for source in sources
    )
    logos = (("standard", "http://logos.invalid/standard.png"),)
    return replace(build, steps=steps, logos=logos, origins=origins, now=DAY)
