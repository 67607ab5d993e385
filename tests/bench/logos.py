"""What the logos of a large lineup cost: the index of all that is kept, in memory and time.

Used by `tests.bench.steps`; how a second build finds all of them is measured from outside, by
`tests.bench.__main__`.
"""

from __future__ import annotations

import time
from hashlib import sha256
from pathlib import Path

from tvarr.logos.cache import Cache, Sidecar

LOGOS = 100_000


def measure_index(folder: Path) -> dict[str, float]:
    """Return the megabytes and seconds that the index of `LOGOS` pictures takes.

    They are put into `folder` first, if they are not there; their PNG files are left out, since
    the index does not read them.
    """
    _fill(folder)
    cache = Cache(folder)
    before, start = _resident(), time.perf_counter()
    cache.load()
    took = time.perf_counter() - start
    if len(cache) != LOGOS:
        raise RuntimeError(f"{len(cache)} logos were found, not {LOGOS}")
    return {"memory": _resident() - before, "seconds": took}


def _fill(folder: Path) -> None:
    cache = Cache(folder)
    cache.load()
    for number in range(len(cache), LOGOS):
        url = f"http://logos.example.org/channels/{number}.png"
        sidecar = Sidecar(
            address=url, size=256, checked=1_800_000_000, due=1_800_600_000 + number,
            width=256, height=144, bytes=9_000, kind="png", etag=f'"{number:x}"',
        )  # fmt: skip
        cache.put(sha256(url.encode()).hexdigest(), sidecar)


def _resident() -> float:
    """Return the resident memory of this process in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
