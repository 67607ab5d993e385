"""Which pictures the published lineups of proxies want, and from where they may be got.

Called by `tvarr.controller.logos` in a thread, since a lineup may have a hundred thousand logos.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from tvarr.catalog import logo_ids
from tvarr.controller.resources import DeclaredProxy, Document
from tvarr.spec.sentences import is_file, logo_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import polars as pl

    from tvarr.controller.resources import Resources
    from tvarr.logos.round import Wanted
    from tvarr.spec.manifest import Manifest

DEFAULT_SIZE: Final = 256
"""The square in pixels of a picture that no proxy wants in a size of its own."""

_LOCAL_SUFFIXES: Final = (".local", ".lan", ".home.arpa", ".internal", ".localdomain", ".fritz.box")


@dataclass
class Asked:
    """What the published lineup of one proxy asks for."""

    proxy: DeclaredProxy
    channels: list[tuple[str, str, str]]
    """Name, and addresses of its logo and of its guide channel's icon or blank, each row once."""
    ids: dict[str, str]
    """Of the addresses that can be fetched."""
    icons: frozenset[str]
    """Those that guides have said."""


def asked_by(proxy: DeclaredProxy, data: Path, own: frozenset[str]) -> Asked | None:
    """Read what the proxy's published lineup asks for; nothing where none is published.

    `own` are addresses that rules have written which are tvarr's already. None: the lineup cannot
    be read, since it is damaged or replaced just now; its proxy keeps the pictures that it has.
    """
    from tvarr.outputs import publish
    from tvarr.outputs.revision import LINEUP, UnreadableError, reading

    folder = publish.current(data, proxy.name)
    rows: list[tuple[str, str, str]] = []
    if folder is not None:
        try:
            rows = reading(_rows, folder / LINEUP)
        except UnreadableError:
            return None
    icons = frozenset(icon for *_, icon in rows if icon) - own
    urls = ({url for _, url, _ in rows if url} - own) | icons
    found = ((url, logo_ids.logo_id(url)) for url in sorted(urls))
    ids = {url: identity for url, identity in found if identity is not None}
    return Asked(proxy, rows, ids, icons)


def _rows(file: Path) -> list[tuple[str, str, str]]:
    import polars as pl

    from tvarr.pipeline.logos import GUIDE_ICON

    texts = [pl.col(name).fill_null("").str.strip_chars() for name in ("tvg_logo", GUIDE_ICON)]
    lineup = _with_icons(pl.scan_parquet(file))
    return sorted(lineup.select(pl.col("name").fill_null(""), *texts).unique().collect().rows())


def _with_icons(lineup: pl.LazyFrame) -> pl.LazyFrame:
    """Return a lineup with its column of icons, which older ones lack."""
    import polars as pl

    from tvarr.pipeline.logos import GUIDE_ICON

    if GUIDE_ICON in lineup.collect_schema():
        return lineup
    return lineup.with_columns(pl.lit(None, pl.String).alias(GUIDE_ICON))


def own_addresses(manifest: Manifest | None) -> frozenset[str]:
    """Return the addresses by which players get the YAML's own files from tvarr."""
    if manifest is None:
        return frozenset()
    return frozenset(logo_addresses(manifest).values()) - set(manifest.logos.values())


def wanted_by(
    lineups: list[Asked], manifest: Manifest | None, resources: Resources
) -> dict[str, Wanted]:
    """Return each picture once by its id, as large as anybody wants it."""
    found: dict[str, Wanted] = {}
    for one in (*_of_the_yaml(lineups, manifest), *_of_lineups(lineups, manifest, resources)):
        there = found.get(one.identity)
        found[one.identity] = one if there is None else _both(there, one)
    return found


def _both(there: Wanted, one: Wanted) -> Wanted:
    return replace(
        there,
        size=max(there.size, one.size),
        trusted=there.trusted or one.trusted,
        declared=there.declared or one.declared,
        original=there.original or one.original,
    )


def _of_the_yaml(lineups: list[Asked], manifest: Manifest | None) -> Iterator[Wanted]:
    """Yield the files that are declared under `logos:`."""
    from tvarr.logos.round import Wanted

    largest = max((one.proxy.spec.logo_size for one in lineups), default=DEFAULT_SIZE)
    for name, picture in (manifest.logos if manifest else {}).items():
        if is_file(picture):
            yield Wanted(logo_ids.declared_id(name), picture, largest, trusted=True)


def _of_lineups(
    lineups: list[Asked], manifest: Manifest | None, resources: Resources
) -> Iterator[Wanted]:
    from tvarr.logos.hosts import place_of
    from tvarr.logos.round import Wanted

    declared = frozenset(manifest.logos.values() if manifest else ())
    for lineup in lineups:
        spec = lineup.proxy.spec
        by_list = _inside(lineup.proxy.sources, resources)
        by_guide = _inside(lineup.proxy.guides, resources)
        for url, identity in lineup.ids.items():
            inside = by_list | by_guide if url in lineup.icons else by_list
            own = url in declared
            trusted = own or place_of(url) in inside
            yield Wanted(identity, url, spec.logo_size, trusted, spec.logo_originals, own)


def _inside(keys: Iterable[str], resources: Resources) -> frozenset[str]:
    """Return the places inside the network that the user has named as those sources or guides.

    A list may name pictures of the very host that it is from; of any other only on the public
    internet.
    """
    from tvarr.logos.hosts import place_of

    documents = (resources.get(key) for key in keys)
    addresses = (
        address
        for document in documents
        if isinstance(document, Document)
        for address in _addresses(document)
    )
    return frozenset(place for url in addresses if (place := place_of(url)) and is_inside(place))


def _addresses(document: Document) -> list[str]:
    """Return the declared addresses of a source, which may be secrets."""
    spec = document.source or document.spec
    found = [*getattr(spec, "addresses", ()), getattr(spec, "address", None)]
    return [
        one.get_secret_value() if isinstance(one, SecretStr) else str(one)
        for one in found
        if one is not None
    ]


def is_inside(place: str) -> bool:
    """Whether a place is written as one inside the network: an address, or a name of it."""
    from tvarr.fetch.public import is_public

    host = (urlsplit(f"//{place}").hostname or "").rstrip(".")
    try:
        return not is_public(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_SUFFIXES)
