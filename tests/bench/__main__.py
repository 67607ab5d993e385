"""`make bench`: measure tvarr against floors on the same files, and write `docs/benchmarks.md`.

Takes about ten minutes and 4 GB in `.bench/`. Nothing is judged here; the page says what the aims
are and what was measured, with the machine.
"""

from __future__ import annotations

import gzip
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import generate
from tests.bench.generate_panel import write_answers
from tests.bench.generate_playlist import write_playlist
from tests.bench.measure import Figure, in_turn, once
from tests.provider import Panel, Provider, in_thread
from tests.provider.behaviours import document

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".bench"
PAGE = ROOT / "docs" / "benchmarks.md"
TVARR = Path(sys.executable).with_name("tvarr")
STEPS = (sys.executable, "-m", "tests.bench.steps")
NOW = "2026-08-22T18:30:00Z"
PORT = 18888
LOGOS = 300
_LOGO = "/logos/{}.png"


@dataclass(frozen=True)
class Row:
    """One line of the page."""

    what: str
    measured: str
    aim: str


def main() -> None:
    """Generate what is missing, measure, write the page."""
    WORK.mkdir(exist_ok=True)
    rows: list[Row] = []
    for measure in (
        guides,
        odd_guides,
        playlists,
        writers,
        rules,
        names,
        matching,
        logos,
        builds,
        duplicates,
        serving,
        xtream,
        real_data,
    ):
        print(f"{measure.__name__} …", flush=True)
        rows += measure()
        for row in rows[-4:]:
            print(f"  {row.what}: {row.measured} (aim {row.aim})", flush=True)
    PAGE.write_text(_page(rows), encoding="utf-8")
    print(f"written to {PAGE.relative_to(ROOT)}")


def guides() -> list[Row]:
    """Reading a guide into a snapshot, against libxml2 that only checks it."""
    document = _guide()
    ours, floor = in_turn(
        (*STEPS, "ingest_guide", document, _fresh("stage")),
        ("xmllint", "--stream", "--noout", "--huge", document),
    )
    size = document.stat().st_size / 2**20
    return [
        Row(
            f"guide to snapshot, 1,000,000 programmes, {size:.0f} MiB / `xmllint --stream`",
            _ratio(ours, floor),
            "4 x, then 2 x",
        ),
        Row("peak memory of that", f"{ours.peak:.0f} MB", "450 MB, then 300 MB"),
    ]


def odd_guides() -> list[Row]:
    """A guide in which no row is plain, against the loop that everybody writes first."""
    document = WORK / "odd.xml"
    if not document.exists():
        generate.write_guide(document, 200_000, odd=True)
    ours, loop = in_turn(
        (*STEPS, "ingest_guide", document, _fresh("stage")),
        (*STEPS, "ingest_guide_loop", document, WORK / "loop.parquet"),
    )
    return [Row("guide of 200,000 odd rows / lxml loop", _ratio(ours, loop), "1.3 x")]


def playlists() -> list[Row]:
    """Reading and writing a playlist of 100,000 channels, against plain loops beside it."""
    found = _inside("compare_playlists", _playlist())
    return [
        Row(
            "playlist to snapshot, 100,000 channels / regex line loop to Parquet",
            f"{found['read'] / found['read_loop']:.2f} x ({found['read']:.2f} s)",
            "0.85 x",
        ),
        Row(
            "playlist writing, 100,000 channels / Python loop",
            f"{found['write'] / found['write_loop']:.2f} x ({found['write']:.2f} s)",
            "0.33 x",
        ),
    ]


def writers() -> list[Row]:
    """Writing the guide of 1,000,000 programmes, against a Python loop over the same snapshot."""
    stage = WORK / "written"
    if not (stage / "programmes.parquet").exists():
        once((*STEPS, "ingest_guide", _guide(), stage))
    ours, loop = in_turn(
        (*STEPS, "write_guide", stage, WORK / "ours.xml"),
        (*STEPS, "write_guide_loop", stage, WORK / "loop.xml"),
        runs=1,
    )
    return [Row("guide writing / Python loop", _ratio(ours, loop), "0.33 x")]


def rules() -> list[Row]:
    """Rules and filters in one plan, against closures; the time that reading rules takes."""
    stage = WORK / "written"
    found = _inside("compare_rules", stage / "programmes.parquet")
    return [
        Row(
            f"{what} / Python closures",
            f"1/{found[f'{key}_loop'] / found[key]:.1f} "
            f"({found[key]:.2f} s / {found[f'{key}_loop']:.1f} s)",
            "1/12",
        )
        for key, what in (
            ("channels", "30 rules and 10 filters, 100,000 channels"),
            ("programmes", "20 rules, 1,000,000 programmes by parts"),
        )
    ] + [
        Row("memory of the latter above a part", f"{found['programmes_memory']:.0f} MB", "300 MB"),
        Row("reading 1,000 rules", f"{found['parsing']:.1f} s", "10 s"),
        Row(
            "`^(a+)+$` over ten names of 50,000 letters", f"{found['explosive'] * 1000:.0f} ms", ""
        ),
    ]


def names() -> list[Row]:
    """What names say of quality, by columns, against a loop of compiled expressions."""
    found = _inside("compare_quality")
    return [
        Row(
            "quality and clean names of 100,000 names / compiled-regex Python loop",
            f"1/{found['loop'] / found['columns']:.1f} "
            f"({found['columns']:.2f} s / {found['loop']:.1f} s)",
            "1/4",
        )
    ]


def matching() -> list[Row]:
    """Finding guide channels by name, against all pairs of the same names."""
    found = _inside("compare_matching", _fresh("matching"))
    return [
        Row(
            "matching 5,000 channels with 20,000 guide channels / `rapidfuzz.process.cdist` of "
            "the same names, all cores",
            f"{found['match'] / found['cdist']:.2f} x "
            f"({found['match']:.1f} s / {found['cdist']:.1f} s)",
            "2 x",
        ),
        Row("memory of that above what was there", f"{found['memory']:.0f} MB", ""),
    ]


def logos() -> list[Row]:
    """What a second build asks for when all logos are kept, and the index of very many."""
    pictures = {_LOGO.format(number): document(_logo(number)) for number in range(LOGOS)}
    with in_thread(Provider(dict(pictures))) as provider:
        config, data = _with_logos(provider), _fresh("logo-data")
        build = (TVARR, "build", "--config", config, "--data", data)
        took, asked = [], []
        for _ in range(3):
            before = len(provider.seen)
            took.append(once(build).wall)
            asked.append(sum(seen.target in pictures for seen in provider.seen[before:]))
    kept = len(list((data / "logos").glob("??/*.png")))
    found = _inside("measure_logos", WORK / "logo-index")
    return [
        Row(
            f"logos asked for by a first build of {LOGOS} channels", f"{asked[0]}, {kept} kept", ""
        ),
        Row(
            "logos asked for by a second and a third build",
            f"{asked[1]} and {asked[2]}, hit rate {1 - sum(asked[1:]) / (2 * LOGOS):.0%} "
            f"({took[0]:.1f} s / {took[1]:.1f} s / {took[2]:.1f} s)",
            "0, 100%",
        ),
        Row("memory of the index of 100,000 logos", f"{found['memory']:.0f} MB", "50 MB"),
        Row("reading that index from the disk", f"{found['seconds']:.0f} s", ""),
    ]


def builds() -> list[Row]:
    """The whole build from gzip to gzip, and the build that has nothing to do."""
    config = _config()
    packed, data = _packed(_guide()), WORK / "data"
    build = (TVARR, "build", "--config", config, "--data", data, "--now", NOW)

    def whole() -> None:
        shutil.rmtree(data, ignore_errors=True)

    runs, floors = [], []
    for _ in range(2):
        whole()
        runs.append(once(build))
        floors.append(once(("xmllint", "--stream", "--noout", "--huge", _guide())))
    ours, floor = Figure.of(runs), Figure.of(floors)
    again = Figure.of([once(build) for _ in range(5)])
    size = packed.stat().st_size / 2**20
    return [
        Row(
            f"whole build: 100,000 channels, 1,000,000 programmes, gzip in ({size:.0f} MiB), "
            "M3U, XMLTV and gzip out / `xmllint --stream`",
            _ratio(ours, floor),
            "6 x, then 4 x",
        ),
        Row("peak memory of that", f"{ours.peak:.0f} MB", "450 MB, then 300 MB"),
        Row("build with nothing changed", f"{again.wall:.2f} s", "0.3 s"),
    ]


def duplicates() -> list[Row]:
    """Numbering and merging, as a share of a whole build of as many channels."""
    found = _inside("compare_duplicates", _fresh("duplicates"))
    shutil.rmtree(WORK / "data", ignore_errors=True)
    whole = once((TVARR, "build", "--config", _config(), "--data", WORK / "data", "--now", NOW))
    return [
        Row(
            f"{what} / whole build of 100,000 channels",
            f"{found[key] / whole.wall:.1%} ({found[key]:.2f} s / {whole.wall:.1f} s)",
            aim,
        )
        for key, what, aim in (
            (
                "merge",
                "numbering and merging 100,000 channels, 30,000 of them further streams",
                "2%",
            ),
            ("keep", "numbering them alone", ""),
        )
    ]


def serving() -> list[Row]:
    """One channel's evening from 1,000,000 programmes, and the server's memory."""
    server = subprocess.Popen(
        [str(TVARR), "run", "--config", str(_config()), "--data", str(WORK / "data"),
         "--host", "127.0.0.1", "--port", str(PORT), "--log-level", "error"],
    )  # fmt: skip
    try:
        _wait_for(f"http://127.0.0.1:{PORT}/ready")
        time.sleep(10)
        idle = _resident(server.pid)
        took = [_evening(number) for number in range(200)]
        after = _resident(server.pid)
    finally:
        server.terminate()
        server.wait(30)
    times = statistics.median(took) * 1000, statistics.quantiles(took, n=20)[-1] * 1000
    return [
        Row(
            "one channel's evening over HTTP", f"{times[0]:.1f} ms, p95 {times[1]:.1f} ms", "15 ms"
        ),
        Row("memory of the idle server", f"{idle:.0f} MB", "150 MB"),
        Row("memory after 200 such requests", f"{after:.0f} MB", ""),
    ]


def xtream() -> list[Row]:
    """A large account: its answers into a snapshot, and all of it over HTTP on this machine."""
    folder = WORK / "panel"
    if not (folder / "get_series.json").exists():
        write_answers(folder)
    found = _inside("compare_accounts", folder)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 2**20
    panel = Panel("user", "password")
    panel.lists = {path.stem: path.read_bytes() for path in folder.iterdir()}
    with in_thread(Provider(panel.table())) as provider:
        config = WORK / "panel.yaml"
        login = "username: user, password: password"
        config.write_text(f"sources:\n  big: {{kind: xtream, url: {provider.url()}, {login}}}\n")
        data = WORK / "panel-data"
        shutil.rmtree(data, ignore_errors=True)
        build = once((TVARR, "build", "--config", config, "--data", data))
    return [
        Row(
            "Xtream account, 100,000 live, 100,000 films, 20,000 series "
            f"({size:.0f} MiB of JSON) to snapshot / `orjson.loads`",
            f"{found['read'] / found['load']:.2f} x "
            f"({found['read']:.1f} s / {found['load']:.1f} s)",
            "4 x",
        ),
        Row("the same account by `tvarr build` over loopback", f"{build.wall:.1f} s", ""),
        Row("peak memory of that", f"{build.peak:.0f} MB", "400 MB"),
    ]


def real_data() -> list[Row]:
    """The pack of real playlists and guides, where it is there."""
    data = Path(os.environ.get("TVARR_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not data.is_dir():
        return []
    config = WORK / "real.yaml"
    config.write_text(_real_yaml(data))
    runs = []
    for _ in range(3):
        shutil.rmtree(WORK / "real", ignore_errors=True)
        runs.append(
            once((TVARR, "build", "--config", config, "--data", WORK / "real", "--now", NOW))
        )
    figure = Figure.of(runs)
    return [
        Row(
            "real data: 5 playlists, 24,294 entries, 8 guides, 71,696 programmes, whole build",
            f"{figure.wall:.1f} s, {figure.peak:.0f} MB",
            "",
        )
    ]


def _logo(number: int) -> bytes:
    from io import BytesIO

    from PIL import Image

    stream = BytesIO()
    Image.new("RGB", (600, 400), (number % 256, number // 256, 99)).save(stream, "PNG")
    return stream.getvalue()


def _with_logos(provider: Provider) -> Path:
    """Have the provider serve a list of channels with logos; return the YAML that keeps them."""
    entries = (
        f'#EXTINF:-1 tvg-logo="{provider.url(_LOGO.format(n))}",Channel {n}\n'
        f"http://stream.invalid/{n}.ts\n"
        for n in range(LOGOS)
    )
    provider.table["/tv.m3u"] = document(("#EXTM3U\n" + "".join(entries)).encode())
    config = WORK / "logos.yaml"
    config.write_text(
        f"sources:\n  big: {{kind: m3u, url: '{provider.url('/tv.m3u')}'}}\n"
        "proxies:\n  family: {sources: [big], logos: cache}\n"
    )
    return config


def _guide() -> Path:
    document = WORK / "guide.xml"
    if not document.exists():
        generate.write_guide(document)
    return document


def _playlist() -> Path:
    document = WORK / "playlist.m3u"
    if not document.exists():
        write_playlist(document, [f"ch{n}.example" for n in range(generate.CHANNELS)])
    return document


def _packed(document: Path) -> Path:
    packed = document.with_name(document.name + ".gz")
    if not packed.exists():
        with document.open("rb") as plain, gzip.open(packed, "wb", compresslevel=6) as out:
            shutil.copyfileobj(plain, out, 1 << 20)
    return packed


def _config() -> Path:
    _playlist()
    _packed(_guide())
    config = WORK / "bench.yaml"
    config.write_text(
        "sources:\n  big: {kind: m3u, url: playlist.m3u}\n"
        "epg:\n  big: {kind: xmltv, url: guide.xml.gz}\n"
        "proxies:\n  family: {sources: [big], epg: [big], guide: {past: 30d, future: 30d}}\n"
    )
    return config


def _real_yaml(data: Path) -> str:
    playlists = {
        "plex": "fast/plex_all.m3u",
        "samsung": "fast/samsungtvplus_all.m3u",
        "world": "iptv-org_all-streams.m3u",
        "free": "freetv_all.m3u8",
        "china": "cn_burningc4.m3u",
    }
    guides = {
        path.name.split(".")[0].replace("_", "-"): path
        for path in sorted((data / "epg" / "fast").iterdir())
    }
    guides["china"] = data / "epg" / "cn_burningc4_guide.xml"
    sources = "".join(f"  {n}: {{kind: m3u, url: {data}/m3u/{p}}}\n" for n, p in playlists.items())
    epg = "".join(f"  {n}: {{kind: xmltv, url: {p}}}\n" for n, p in guides.items())
    family = f"  family: {{sources: [{', '.join(playlists)}], epg: [{', '.join(guides)}]}}\n"
    return f"sources:\n{sources}epg:\n{epg}proxies:\n{family}"


def _inside(step: str, *paths: Path) -> dict[str, float]:
    """Run a step that times several ways in one process and prints them as JSON."""
    command = [*STEPS, step, *map(str, paths)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


def _evening(number: int) -> float:
    channel = f"ch{number * 7 % generate.CHANNELS}.example"
    url = (
        f"http://127.0.0.1:{PORT}/api/v1/proxies/family/programmes?channel={channel}"
        "&from=2026-08-22T18:00:00Z&to=2026-08-23T00:00:00Z"
    )
    start = time.perf_counter()
    with urllib.request.urlopen(url, timeout=10) as answer:
        answer.read()
    return time.perf_counter() - start


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"{url} never answered")


def _resident(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def _fresh(name: str) -> Path:
    shutil.rmtree(WORK / name, ignore_errors=True)
    return WORK / name


def _ratio(ours: Figure, other: Figure) -> str:
    return f"{ours.wall / other.wall:.2f} x ({ours.wall:.1f} s / {other.wall:.1f} s)"


def _page(rows: list[Row]) -> str:
    import polars

    table = "\n".join(f"| {row.what} | {row.measured} | {row.aim} |" for row in rows)
    return f"""# Benchmarks

Measured by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {os.cpu_count()} cores
({_processor()}), Python {platform.python_version()}, Polars {polars.__version__}. Whole processes,
medians; the two sides of a ratio are run in turn on the same file. The input is generated
(`tests/bench/generate.py`): 2,000 guide channels, titles with language, descriptions of 150 to 300
characters, categories, episode numbers, some credits.

| what | measured | aim |
|---|---|---|
{table}

A benchmark measures and a test asserts: nothing fails because a machine is slow.
"""


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
