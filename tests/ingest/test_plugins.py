"""The code of other packages is called with a guard around it, and what it writes is looked at."""

from __future__ import annotations

import asyncio
import pickle
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

import polars as pl
import pytest
from pydantic import TypeAdapter

from tests.ingest.refreshing import Refreshing, Row, declared
from tvarr.catalog import schema
from tvarr.errors import Reason, Stalled, Transient, TvarrError
from tvarr.fetch.client import NotModified
from tvarr.ingest import plugins as guard
from tvarr.ingest.collect import Collected, Part
from tvarr.ingest.kinds import ingester_for
from tvarr.ingest.listed import Listed, write_channels
from tvarr.ingest.report import IngestReport
from tvarr.spec import plugins
from tvarr.spec.fetched import Scheduled
from tvarr.spec.source import Source
from tvarr.state.conditions import Validators

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tvarr.ingest.collect import Collecting


class Dial(Scheduled):
    kind: Literal["dial"]


SPEC = {"kind": "dial", "refresh": "1h"}
ONE = Listed(key="1", name="One", stream_url="http://stream.invalid/1")


async def collect(spec: Dial, collecting: Collecting) -> Collected:
    return Collected()


def read(collected: Collected, stage: Path, name: str, spec: Dial) -> IngestReport:
    return IngestReport(channels=write_channels(name, [ONE], stage))


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return what installs a package with these functions."""

    def put(**things: Any) -> None:
        has: dict[str, Any] = {"spec": Dial, "collect": collect, "read": read} | things
        plugin = plugins.Plugin("dial", "tvarr-dial 1.2", **has)
        monkeypatch.setattr(plugins, "plugins", lambda: {"dial": plugin})
        monkeypatch.setattr(guard, "plugins", lambda: {"dial": plugin})

    return put


async def refresh(tmp_path: Path) -> list[Row] | None:
    return await Refreshing(tmp_path).refresh(**SPEC)


async def failure(tmp_path: Path) -> str:
    """Return the end of the sentence that a failing package comes to."""
    with pytest.raises(Stalled) as caught:
        await refresh(tmp_path)
    assert caught.value.reason is Reason.PLUGIN_FAILED
    begin = "the package tvarr-dial 1.2, which brings the kind dial, cannot be used: "
    assert caught.value.sentence.startswith(begin)
    return caught.value.sentence.removeprefix(begin)


async def test_the_name_of_a_part_is_no_place_on_the_disk(
    tmp_path: Path, install: Callable[..., None]
) -> None:
    async def outside(spec: Dial, collecting: Collecting) -> Collected:
        for part in ("../state.json", "a/b", "..", "", "a\0"):
            with pytest.raises(ValueError, match="name of a part"):
                await collecting.get(part, "http://stream.invalid/", spec)  # type: ignore[arg-type]
        return Collected()

    install(collect=outside)
    assert await refresh(tmp_path) is not None


def failing(error: BaseException) -> Any:
    async def collect(spec: Any, collecting: Any) -> Collected:
        raise error

    return collect


def failing_to_read(error: BaseException) -> Any:
    def read(collected: Any, stage: Any, name: str, spec: Any) -> IngestReport:
        raise error

    return read


def returning(value: object) -> Any:
    async def collect(spec: Any, collecting: Any) -> Any:
        return value

    return collect


def writing(frame: pl.DataFrame, file: str = "channels.parquet") -> Any:
    def read_instead(collected: Any, stage: Path, name: str, spec: Any) -> IngestReport:
        read(collected, stage, name, spec)
        frame.write_parquet(stage / file)
        return IngestReport(channels=frame.height)

    return read_instead


def channels(tmp_path: Path, *listed: Listed, source: str = "tv") -> pl.DataFrame:
    write_channels(source, listed or (ONE,), tmp_path)
    return pl.read_parquet(tmp_path / "channels.parquet")


async def test_a_source_of_a_package_is_collected_and_read(tmp_path: Path, install: Any) -> None:
    install()

    [row] = await refresh(tmp_path) or []
    assert (row["name"], row["source"]) == ("One", "tv")


async def test_a_snapshot_that_is_still_right_stays(tmp_path: Path, install: Any) -> None:
    install(collect=returning(NotModified()))
    world = Refreshing(tmp_path, current=True)

    assert await world.refresh(**SPEC) is None


def test_the_reader_finds_its_package_in_a_child_process_too(install: Any) -> None:
    install()
    ingester = ingester_for(declared(**SPEC))

    assert pickle.loads(pickle.dumps(ingester.read)) == ingester.read


@pytest.mark.parametrize(
    "error", [ValueError("x\ny"), KeyError("name"), SystemExit(3), MemoryError(), RecursionError()]
)
async def test_an_exception_while_collecting_is_the_package_s(
    tmp_path: Path, install: Any, error: BaseException
) -> None:
    install(collect=failing(error))

    told = await failure(tmp_path)
    assert told.startswith(f"it fails while collecting: {type(error).__name__}")
    assert "test_plugins.py, line " in told
    assert "\n" not in told


async def test_an_exception_while_reading_is_the_package_s(tmp_path: Path, install: Any) -> None:
    install(read=failing_to_read(ZeroDivisionError("http://ann:hunter22@host.invalid/?a=b")))

    told = await failure(tmp_path)
    assert told.startswith("it fails while reading: ZeroDivisionError")
    assert "hunter22" not in told


@pytest.mark.parametrize(
    "error",
    [Transient(Reason.GONE, "it is gone", 7), Stalled(Reason.UNSUPPORTED, "it wants another")],
)
@pytest.mark.parametrize("where", ["collect", "read"])
async def test_an_error_with_a_reason_comes_through(
    tmp_path: Path, install: Any, error: TvarrError, where: str
) -> None:
    install(**{where: failing(error) if where == "collect" else failing_to_read(error)})

    with pytest.raises(type(error)) as caught:
        await refresh(tmp_path)
    assert caught.value is error


async def test_to_stop_is_no_failure(tmp_path: Path, install: Any) -> None:
    install(collect=failing(asyncio.CancelledError()))

    with pytest.raises(asyncio.CancelledError):
        await refresh(tmp_path)


async def test_a_package_that_never_ends_is_given_up(
    tmp_path: Path, install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def collect(spec: Any, collecting: Any) -> Collected:
        await asyncio.Event().wait()
        raise AssertionError

    install(collect=collect)
    monkeypatch.setattr(guard, "LONGEST", timedelta(milliseconds=1))
    with pytest.raises(Transient) as caught:
        await refresh(tmp_path)
    assert caught.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize("found", [None, [], NotModified(), "parts"])
async def test_what_is_collected_is_looked_at(tmp_path: Path, install: Any, found: object) -> None:
    if found == "parts":
        found = Collected((Part("a", tmp_path / "nowhere", 1, Validators()),))
    install(collect=returning(found))

    assert "gives back something else" in await failure(tmp_path)


async def test_a_report_is_needed(tmp_path: Path, install: Any) -> None:
    def read_and_say_nothing(*given: Any) -> None:
        read(*given)

    install(read=read_and_say_nothing)

    assert "does not give back an IngestReport" in await failure(tmp_path)


async def test_counts_are_what_is_there(tmp_path: Path, install: Any) -> None:
    def read_and_boast(*given: Any) -> IngestReport:
        return read(*given).model_copy(update={"channels": 1000, "films": 10})

    install(read=read_and_boast)
    world = Refreshing(tmp_path)
    await world.refresh(**SPEC)

    assert (world.report.channels, world.report.films) == (1, 0)


async def test_films_may_be_among_what_is_written(tmp_path: Path, install: Any) -> None:
    films = pl.DataFrame([{"name": "A", "stream_type": "movie"}] * 2, schema=schema.VOD)
    install(read=writing(films, "vod.parquet"))
    world = Refreshing(tmp_path)
    await world.refresh(**SPEC)

    assert (world.report.films, world.report.series) == (2, 0)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda good: good.drop("name"), "channels.parquet lacks the column name"),
        (lambda good: good.with_columns(x=1), "has a column that nobody knows, 'x'"),
        (lambda good: good.with_columns(line=pl.lit("1")), "has String in the column line"),
        (lambda good: good.select(reversed(good.columns)), "has its columns in another order"),
        (lambda good: pl.concat([good, good]), "has a channel_id twice"),
        (lambda good: good.with_columns(source=pl.lit("x")), "names another source"),
        (
            lambda good: good.with_columns(stream_url=pl.lit(None, pl.String)),
            "has nothing in the column stream_url",
        ),
    ],
)
async def test_wrong_columns_are_no_snapshot(
    tmp_path: Path, install: Any, spoil: Any, told: str
) -> None:
    install(read=writing(spoil(channels(tmp_path))))

    assert told in await failure(tmp_path)


async def test_wrong_columns_of_films_are_no_snapshot(tmp_path: Path, install: Any) -> None:
    install(read=writing(pl.DataFrame({"name": ["A"]}), "vod.parquet"))

    assert (await failure(tmp_path)).startswith("vod.parquet lacks the column vod_id")


async def test_other_files_are_no_snapshot(tmp_path: Path, install: Any) -> None:
    def read_and_leave_a_folder(collected: Any, stage: Path, name: str, spec: Any) -> IngestReport:
        (stage / "cache").mkdir()
        return read(collected, stage, name, spec)

    install(read=read_and_leave_a_folder)

    assert "it writes cache, which is no part" in await failure(tmp_path)


@pytest.mark.parametrize("content", [None, b"PAR1 not"])
async def test_channels_that_nobody_can_read_are_no_snapshot(
    tmp_path: Path, install: Any, content: bytes | None
) -> None:
    def read_badly(collected: Any, stage: Path, name: str, spec: Any) -> IngestReport:
        if content:
            (stage / "channels.parquet").write_bytes(content)
        return IngestReport()

    install(read=read_badly)

    told = await failure(tmp_path)
    assert ("cannot be read" if content else "writes no channels.parquet") in told


async def test_a_package_that_cannot_be_used_says_why(tmp_path: Path, install: Any) -> None:
    install(spec=None, collect=None, read=None, problem="it cannot be loaded: ImportError")

    assert await failure(tmp_path) == "it cannot be loaded: ImportError"


async def test_a_package_that_has_gone_is_told(
    tmp_path: Path, install: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    install()
    spec: Source = TypeAdapter(Source).validate_python(SPEC)
    monkeypatch.setattr(plugins, "plugins", dict)

    with pytest.raises(Stalled, match="no package brings the kind dial any more"):
        await Refreshing(tmp_path).refresh_spec(spec)
