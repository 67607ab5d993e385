"""One step of tvarr, or of what it is compared with, as a process of its own.

Run as `python -m tests.bench.steps NAME PATH …`. Each step takes paths and does one thing,
so that `tests.bench.measure` can time it from outside.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

GIB = 1 << 30


def ingest_guide(document: Path, stage: Path) -> None:
    """XMLTV → snapshot files in `stage`."""
    from tvarr.ingest import xmltv

    stage.mkdir(parents=True, exist_ok=True)
    xmltv.ingest(
        document, stage, xmltv.XmltvOptions(guide="bench", timezone="UTC", max_size=8 * GIB)
    )


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


def ingest_guide_loop(document: Path, out: Path) -> None:
    """XMLTV → Parquet by a plain loop over lxml's events."""
    from tests.bench.baselines import lxml_loop

    lxml_loop(document, out)


def compare_playlists(document: Path) -> None:
    """Read and write a playlist our way and by plain loops, in turn; print seconds as JSON."""
    import json
    import statistics

    from tests.bench.baseline_m3u import python_loop_writer, regex_ingest
    from tvarr.catalog.snapshots import Snapshot
    from tvarr.outputs import m3u as writer
    from tvarr.pipeline.build import BuildInput, lineup
    from tvarr.spec.proxy import Proxy

    stage = stage_folder()
    took: dict[str, list[float]] = {"read": [], "read_loop": [], "write": [], "write_loop": []}
    for _ in range(4):
        took["read"].append(_seconds(ingest_playlist, document, stage))
        took["read_loop"].append(_seconds(regex_ingest, document, stage / "loop.parquet"))
    snapshot = Snapshot("source", "bench", "bench", stage)
    lines = lineup(BuildInput("bench", Proxy(sources=("bench",)), (snapshot,), (), None))
    for _ in range(4):
        took["write"].append(_seconds(writer.write, lines, stage / "ours.m3u", None))
        took["write_loop"].append(_seconds(python_loop_writer, lines.channels, stage / "loop.m3u"))
    shutil.rmtree(stage)
    print(json.dumps({name: statistics.median(times[1:]) for name, times in took.items()}))


def compare_rules(programmes: Path) -> None:
    """Run rules and filters our way and by closures; print seconds and MB as JSON."""
    import json

    from tests.bench.sentences import compare_rules as compare

    print(json.dumps(compare(programmes)))


def compare_quality() -> None:
    """Read the quality of 100,000 names by columns and by a loop; print seconds as JSON."""
    import json

    from tests.bench.quality import compare_quality as compare

    print(json.dumps(compare()))


def compare_accounts(folder: Path) -> None:
    """Read a panel's answers our way and into nothing but objects; print seconds as JSON."""
    import json
    import statistics

    stage = stage_folder()
    took: dict[str, list[float]] = {"read": [], "load": []}
    for _ in range(4):
        took["read"].append(_seconds(ingest_account, folder, stage))
        took["load"].append(_seconds(load_account, folder))
    shutil.rmtree(stage)
    print(json.dumps({name: statistics.median(times[1:]) for name, times in took.items()}))


def ingest_account(folder: Path, stage: Path) -> None:
    """Answers of a panel → snapshot files in `stage`."""
    from tvarr.ingest.collect import Collected, Part
    from tvarr.ingest.xtream import source
    from tvarr.spec.source import XtreamSource
    from tvarr.state.conditions import Validators

    url = "http://panel.example.invalid"
    parts = [
        Part(path.stem.removeprefix("get_"), path, path.stat().st_size, Validators(), url)
        for path in sorted(folder.glob("get_*.json"))
    ]
    stage.mkdir(parents=True, exist_ok=True)
    login = {"username": "user", "password": "password"}
    spec = XtreamSource.model_validate({"kind": "xtream", "url": url, **login})
    source.read(Collected(tuple(parts)), stage, "bench", spec)


def load_account(folder: Path) -> None:
    """Load the same answers, one after the other, and forget them."""
    import orjson

    for path in sorted(folder.glob("get_*.json")):
        orjson.loads(path.read_bytes())


def compare_matching(folder: Path) -> None:
    """Print the seconds and the memory of matching, and the seconds of rapidfuzz alone."""
    import json

    from tests.bench.matching import compare

    folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps(compare(folder)))


def measure_logos(folder: Path) -> None:
    """Print the memory and the seconds of the index of 100,000 logos as JSON."""
    import json

    from tests.bench.logos import measure_index

    print(json.dumps(measure_index(folder)))


def compare_duplicates(folder: Path) -> None:
    """Print the seconds of numbering 100,000 channels, with merging and without."""
    import json

    from tests.bench.duplicates import compare

    folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps(compare(folder)))


def stage_folder() -> Path:
    """Return a new empty folder."""
    return Path(tempfile.mkdtemp(prefix="stage-"))


def _seconds(function: Callable[..., object], *args: object) -> float:
    start = time.perf_counter()
    function(*args)
    return time.perf_counter() - start


if __name__ == "__main__":
    name, *paths = sys.argv[1:]
    start = time.perf_counter()
    globals()[name](*map(Path, paths))
    print(f"{name}: {time.perf_counter() - start:.2f} s inside the process", file=sys.stderr)
