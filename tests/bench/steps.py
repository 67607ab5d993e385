"""One step of tvarr, or of what it is compared with, as a process: `python -m tests.bench.steps NAME …`.

Each step takes paths and does one thing, so that `tests.bench.measure` can time it from outside.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path

GIB = 1 << 30


def ingest_guide(document: Path, stage: Path) -> None:
    """XMLTV → snapshot files in `stage`."""
    from tvarr.ingest import xmltv

    stage.mkdir(parents=True, exist_ok=True)
    xmltv.ingest(document, stage, xmltv.XmltvOptions(guide="bench", timezone="UTC", max_size=8 * GIB))


def ingest_playlist(document: Path, stage: Path) -> None:
    """M3U → snapshot files in `stage`."""
    from tvarr.ingest import m3u

    stage.mkdir(parents=True, exist_ok=True)
    m3u.ingest(document, stage, m3u.M3uOptions(source="bench", base_url=None, max_size=GIB))


def write_guide(stage: Path, out: Path) -> None:
    """Snapshot files → guide.xml, as the build writes it (without gzip)."""
    from tests.bench.baseline_xmltv import tvarr_writer

    tvarr_writer(stage / "channels.parquet", stage / "programmes.parquet", out)


def write_guide_loop(stage: Path, out: Path) -> None:
    """Do the same with a Python loop over rows."""
    from tests.bench.baseline_xmltv import loop_writer

    loop_writer(stage / "channels.parquet", stage / "programmes.parquet", out)


def read_all(document: Path) -> None:
    """Read the file and do nothing: the floor of every reader."""
    with document.open("rb") as stream:
        while stream.read(1 << 20):
            pass


def idle(config: Path, data: Path) -> None:
    """Run the server on what is already built, for some seconds, and end as SIGTERM ends it."""
    import os
    import signal

    from tvarr import app
    from tvarr.config.settings import load_settings

    settings = load_settings(config=config, data=data, port=0, host="127.0.0.1")

    async def main() -> None:
        asyncio.get_running_loop().call_later(8, os.kill, os.getpid(), signal.SIGTERM)
        await app.run(settings)

    asyncio.run(main())


def stage_folder() -> Path:
    """Return a new folder beside the inputs."""
    return Path(tempfile.mkdtemp(prefix="stage-"))


if __name__ == "__main__":
    name, *paths = sys.argv[1:]
    start = time.perf_counter()
    globals()[name](*map(Path, paths))
    print(f"{name}: {time.perf_counter() - start:.2f} s inside the process", file=sys.stderr)
