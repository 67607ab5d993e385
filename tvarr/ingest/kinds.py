"""The kinds of sources and guides, each as two functions: one collects, one reads.

`collect(spec, collecting)` is a coroutine that brings what the resource is made of to this machine
and returns it, or `NotModified` where the snapshot is still what it would be. `read(collected,
stage, name, spec)` turns that into the files of a snapshot; it is called in a thread or a child
process, so it is a plain function of a module. The controller calls both; a kind that another
package brings (`tvarr.spec.plugins`) has the same two.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tvarr.fetch.client import NotModified
from tvarr.ingest.collect import Collected, Collecting
from tvarr.ingest.report import IngestReport
from tvarr.spec.guide import LinkedGuide, XmltvGuide
from tvarr.spec.source import (
    FilesSource,
    HdhomerunSource,
    M3uSource,
    ManualSource,
    XtreamSource,
)

Collect = Callable[[Any, Collecting], Awaitable[Collected | NotModified]]
Read = Callable[[Collected, Path, str, Any], IngestReport]


@dataclass(frozen=True)
class Ingester:
    """How the sources or guides of one kind are collected and read."""

    collect: Collect
    read: Read


def ingester_for(spec: object) -> Ingester:
    """Return the ingester of the kind that `spec` is of. The modules are loaded when first used."""
    from tvarr.ingest import documents, linked

    match spec:
        case M3uSource():
            return Ingester(documents.collect, documents.read_playlists)
        case XtreamSource():
            from tvarr.ingest.xtream import source

            return Ingester(source.collect, source.read)
        case ManualSource():
            from tvarr.ingest import manual

            return Ingester(manual.collect, manual.read)
        case HdhomerunSource():
            from tvarr.ingest import hdhomerun

            return Ingester(hdhomerun.collect, hdhomerun.read)
        case FilesSource():
            from tvarr.ingest import files

            return Ingester(files.collect, files.read)
        case XmltvGuide():
            return Ingester(documents.collect, documents.read_guides)
        case LinkedGuide():
            return Ingester(linked.collect, linked.read)
    from tvarr.ingest import plugins

    return Ingester(plugins.collect, plugins.Read(str(getattr(spec, "kind", ""))))
