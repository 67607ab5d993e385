"""The resources that a manifest declares, as the controller handles them: key, spec, dependencies.

Between `spec` (what the YAML says, by kind) and `plan` (what has to be done, whatever the kind).
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import SecretStr

import tvarr
from tvarr.spec.plugins import made_by
from tvarr.spec.sentences import Sentences, sentences_of
from tvarr.spec.source import declared_connections, guide_of
from tvarr.spec.values import spec_hash
from tvarr.state.conditions import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tvarr.spec.guide import Guide, LinkedGuide
    from tvarr.spec.manifest import Manifest
    from tvarr.spec.proxy import Proxy
    from tvarr.spec.source import Source


@dataclass(frozen=True)
class Document:
    """A declared source or guide: one document that is fetched and read into a snapshot."""

    kind: Kind
    name: str
    spec: Source | Guide | LinkedGuide
    digest: str
    """Changes with everything that decides what is read; a secret's value included."""
    source: Source | None = None
    """Of a linked guide: the source that it comes with."""

    @property
    def key(self) -> str:
        """`kind/name`."""
        return f"{self.kind}/{self.name}"

    @property
    def enabled(self) -> bool:
        """Whether it is fetched at all."""
        return bool(getattr(self.spec, "enabled", True))

    @property
    def after(self) -> tuple[str, ...]:
        """Keys of what is refreshed first: a linked guide follows its source."""
        return () if self.source is None else (f"{Kind.SOURCE}/{self.name}",)

    @property
    def hosts(self) -> frozenset[str]:
        """Names of the hosts that it is fetched from; none for local documents."""
        declared = self.source or self.spec
        addresses = [*getattr(declared, "addresses", ()), getattr(declared, "address", None)]
        return frozenset(filter(None, map(_host, addresses)))


@dataclass(frozen=True)
class DeclaredProxy:
    """A declared proxy: snapshots that become one playlist and one guide."""

    name: str
    spec: Proxy
    base_url: str
    """What the published files call this server; without a slash at the end."""
    digest: str
    sentences: Sentences
    """What its rules and filters are made of."""
    connections: Mapping[str, int]
    """Streams that may run at once, by source, where the YAML says it."""

    kind = Kind.PROXY

    @property
    def key(self) -> str:
        """`proxy/name`."""
        return f"{self.kind}/{self.name}"

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of its sources, first one first in priority."""
        return tuple(f"{Kind.SOURCE}/{name}" for name in self.spec.sources)

    @property
    def guides(self) -> tuple[str, ...]:
        """Keys of its guides, first one first in priority."""
        return tuple(f"{Kind.EPG}/{name}" for name in self.spec.epg)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Keys of all that must be there before it is built."""
        return self.sources + self.guides


Resource = Document | DeclaredProxy
Resources = dict[str, Resource]
"""By key: sources, then guides, then proxies, each in the file's order."""


def declared(manifest: Manifest, port: int) -> Resources:
    """Return every resource of the manifest; `port` is where this process is reached."""
    documents = [
        *(_document(Kind.SOURCE, name, spec) for name, spec in manifest.sources.items()),
        *(_document(Kind.EPG, name, spec) for name, spec in manifest.epg.items()),
        *_linked(manifest),
    ]
    base_url = manifest.server.reached_at(port)
    proxies = [_proxy(name, spec, manifest, base_url) for name, spec in manifest.proxies.items()]
    resources: list[Resource] = [*documents, *proxies]
    return {resource.key: resource for resource in resources}


def _document(kind: Kind, name: str, spec: Source | Guide) -> Document:
    return Document(kind, name, spec, _digest(spec_hash(spec), *made_by(spec)))


def _linked(manifest: Manifest) -> Iterator[Document]:
    """Yield the guides that come with sources, each under the name of its source."""
    for name, source in manifest.sources.items():
        guide = guide_of(name, source)
        if guide is not None:
            digest = _digest(spec_hash(guide), spec_hash(source))
            yield Document(Kind.EPG, name, guide, digest, source)


def _proxy(name: str, spec: Proxy, manifest: Manifest, base_url: str) -> DeclaredProxy:
    """Return the proxy with what is enabled, and all that its rules and filters are made of."""
    spec = manifest.in_force(spec)
    sentences = sentences_of(manifest, spec)
    decisive = [spec_hash(spec), base_url]
    if sentences.steps:
        decisive.append(repr(sentences))
    connections = declared_connections(manifest.sources)
    return DeclaredProxy(name, spec, base_url, _digest(*decisive), sentences, connections)


def linked_to(document: Document, resources: Resources) -> Document | None:
    """Return the other one of a source and the guide that comes with it, if there is one."""
    other = Kind.EPG if document.kind is Kind.SOURCE else Kind.SOURCE
    found = resources.get(f"{other}/{document.name}")
    if not isinstance(found, Document):
        return None
    guide = found if document.kind is Kind.SOURCE else document
    return found if guide.source is not None else None


def _host(address: object) -> str | None:
    """Return the host of an address, which may be a secret; None for a path."""
    text = address.get_secret_value() if isinstance(address, SecretStr) else str(address or "")
    try:
        return urlsplit(text).hostname
    except ValueError:
        return None


def _digest(*parts: str) -> str:
    """Another version of tvarr may read the same document differently, so it counts too."""
    return blake2b("\0".join((tvarr.__version__, *parts)).encode(), digest_size=8).hexdigest()
