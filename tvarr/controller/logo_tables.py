"""What comes of the pictures: which placeholders are to be drawn, and each proxy's table of links.

Called by `tvarr.controller.logos` in a thread. A build takes the table as it takes snapshots.
"""

from __future__ import annotations

import os
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from tvarr.catalog import logo_ids

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.controller.logo_wishes import Asked
    from tvarr.controller.resources import DeclaredProxy
    from tvarr.logos.cache import Cache
    from tvarr.logos.round import Drawn


def to_draw(lineups: list[Asked], cache: Cache, now: int) -> list[Drawn]:
    """Return the placeholders that are wanted and not there in that size; the others are used."""
    from tvarr.logos.round import Drawn

    drawn: dict[str, Drawn] = {}
    for lineup in lineups:
        size = lineup.proxy.spec.logo_size
        for name in _without_picture(lineup, cache):
            identity = logo_ids.placeholder_id(name)
            cache.use(identity, now)
            entry = cache.entry(identity)
            if entry is None or not entry.there or entry.size < size:
                drawn[identity] = Drawn(identity, *logo_ids.design(name), size)
    return list(drawn.values())


def _without_picture(lineup: Asked, cache: Cache) -> set[str]:
    """Return the names of channels whose addresses, if they have any, have no picture."""
    return {
        name
        for name, *urls in lineup.channels
        if all(not url or _has_none(lineup.ids.get(url), cache) for url in urls)
    }


def _has_none(identity: str | None, cache: Cache) -> bool:
    entry = cache.entry(identity) if identity else None
    return entry is not None and entry.is_none


def write_tables(lineups: list[Asked], cache: Cache, folder: Path) -> list[DeclaredProxy]:
    """Write down which pictures the channels have; return the proxies for which that is news."""
    return [one.proxy for one in lineups if _write_table(one, cache, folder)]


def _write_table(lineup: Asked, cache: Cache, folder: Path) -> bool:
    import polars as pl

    from tvarr.catalog.logos import LINKS, links_file

    rows: list[tuple[str | None, str | None, str | None]] = []
    for url, identity in sorted(lineup.ids.items()):
        entry = cache.entry(identity)
        if entry is not None and (entry.there or entry.is_none):
            rows.append((url, None, identity if entry.there else None))
    for name in sorted(_without_picture(lineup, cache)):
        identity = logo_ids.placeholder_id(name)
        entry = cache.entry(identity)
        if entry is not None and entry.there:
            rows.append((None, name, identity))
    file = links_file(folder, lineup.proxy.name)
    if not rows and not file.exists():
        return False
    stream = BytesIO()
    pl.DataFrame(rows, schema=LINKS, orient="row").write_parquet(stream, compression="zstd")
    return _replace(file, stream.getvalue())


def _replace(file: Path, content: bytes) -> bool:
    """Write a file for its owner's eyes, unless it is just that already."""
    with suppress(OSError):
        if file.read_bytes() == content:
            return False
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    beside.replace(file)
    return True
