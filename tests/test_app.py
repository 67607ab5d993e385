"""The parts put together: serving, stopping, moving, and one process a data folder."""

from __future__ import annotations

import asyncio
import signal
import socket
import stat
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.controller.world import GUIDE, PLAYLIST, eventually
from tests.processes import Folder, until
from tvarr import app
from tvarr.config.settings import Settings, load_settings
from tvarr.controller import serving, verdict
from tvarr.controller.fingerprint import Inputs
from tvarr.errors import CannotStartError, MisusedError
from tvarr.progress import Answer, Progress, State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

YAML = """\
sources:
  uk: {kind: m3u, url: uk.m3u}
epg:
  guide: {kind: xmltv, url: guide.xml}
proxies:
  family: {sources: [uk], epg: [guide]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tvarr.yaml").write_text(YAML)
    (tmp_path / "uk.m3u").write_text(PLAYLIST)
    (tmp_path / "guide.xml").write_text(GUIDE)
    return tmp_path


def settings(folder: Path, **changes: Any) -> Settings:
    usual: dict[str, Any] = {
        "config": folder / "tvarr.yaml",
        "data": folder / "data",
        "host": "127.0.0.1",
        "port": 0,
        "debounce": "10ms",
    }
    return load_settings(**(usual | changes))


@asynccontextmanager
async def running(folder: Path, **changes: Any) -> AsyncIterator[str]:
    """Run the app beside the test; yields its address."""
    ports: list[int] = []
    stop = asyncio.Event()
    task = asyncio.create_task(
        app.run(
            settings(folder, **changes), on_serving=lambda port, _: ports.append(port), stop=stop
        )
    )
    await eventually(lambda: ports or task.done())
    try:
        if not ports:
            await task
        yield f"http://127.0.0.1:{ports[0]}"
    finally:
        stop.set()
        await task


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def wait_for(url: str, part: str = "") -> str:
    """Return what is served under `url`, once something is that has `part` in it."""
    for _ in range(1500):
        with suppress(aiohttp.ClientConnectionError):
            status, text = await get(url)
            if status == 200 and part in text:
                return text
        await asyncio.sleep(0.02)
    raise AssertionError(f"{url} never answered")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class TestRun:
    async def test_it_serves_what_the_yaml_declares(self, folder: Path) -> None:
        async with running(folder) as address:
            await wait_for(f"{address}/ready")
            assert (await wait_for(f"{address}/family/playlist.m3u")).count("#EXTINF") == 2
            assert '<channel id="one">' in await wait_for(f"{address}/family/guide.xml")
            await wait_for(f"{address}/api/v1/status", '"message":"Everything is up to date."')

    async def test_it_leaves_the_data_folder_free(self, folder: Path) -> None:
        for _ in range(2):
            async with running(folder) as address:
                await wait_for(f"{address}/live")

    async def test_a_second_one_is_told_in_a_sentence(self, folder: Path) -> None:
        async with running(folder):
            with pytest.raises(CannotStartError, match="another tvarr is at work"):
                await app.run(settings(folder))

    async def test_a_port_that_is_taken_is_told_in_a_sentence(self, folder: Path) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            with pytest.raises(CannotStartError, match=f"port {port} of 127.0.0.1 cannot be"):
                await app.run(settings(folder, port=port))

    async def test_a_host_that_is_not_ours_is_told_in_a_sentence(self, folder: Path) -> None:
        with pytest.raises(CannotStartError, match="cannot be listened on"):
            await app.run(settings(folder, host="192.0.2.1", port=free_port()))

    async def test_a_broken_yaml_serves_what_was_published(self, folder: Path) -> None:
        await app.build(settings(folder), Inputs({}, {}))
        (folder / "tvarr.yaml").write_text(YAML.replace("sources: [uk]", "sourcs: [uk]"))
        async with running(folder) as address:
            assert (await wait_for(f"{address}/family/playlist.m3u")).count("#EXTINF") == 2
            assert "sourcs" in await wait_for(f"{address}/api/v1/status")
            (folder / "tvarr.yaml").write_text(YAML)
            await wait_for(f"{address}/ready")

    async def test_the_yaml_s_port_is_taken_unless_one_is_given(self, folder: Path) -> None:
        ports = sorted([free_port(), free_port()])
        (folder / "tvarr.yaml").write_text(f"server: {{port: {ports[0]}}}\n{YAML}")
        async with running(folder, port=None) as address:
            assert address.endswith(f":{ports[0]}")
        async with running(folder, port=ports[1]) as address:
            assert address.endswith(f":{ports[1]}")

    async def test_an_edit_moves_the_port(self, folder: Path) -> None:
        before, after = free_port(), free_port()
        (folder / "tvarr.yaml").write_text(f"server: {{port: {before}}}\n{YAML}")
        async with running(folder, port=None) as address:
            await wait_for(f"{address}/ready")
            (folder / "tvarr.yaml").write_text(f"server: {{port: {after}}}\n{YAML}")
            await wait_for(f"http://127.0.0.1:{after}/ready")
            await eventually(lambda: not listens(before))

    async def test_a_port_that_is_taken_leaves_the_one_there_is(
        self, folder: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (folder / "tvarr.yaml").write_text(f"server: {{port: {free_port()}}}\n{YAML}")
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]
            async with running(folder, port=None) as address:
                await wait_for(f"{address}/ready")
                (folder / "tvarr.yaml").write_text(f"server: {{port: {taken}}}\n{YAML}")
                await eventually(lambda: "still serving on port" in caplog.text)
                await wait_for(f"{address}/ready")


class TestDataFolder:
    async def test_providers_addresses_are_for_their_owner_s_eyes(self, folder: Path) -> None:
        await app.build(settings(folder), Inputs({}, {}))
        modes = {
            name: stat.S_IMODE((folder / "data" / name).stat().st_mode)
            for name in ("snapshots", "downloads", "state.json")
        }
        assert modes == {"snapshots": 0o700, "downloads": 0o700, "state.json": 0o600}

    async def test_downloads_of_a_killed_process_are_removed(self, folder: Path) -> None:
        downloads = folder / "data" / "downloads"
        (downloads / "source-uk-x1").mkdir(parents=True)
        (downloads / "source-uk-x1" / "document").write_text("half")
        (downloads / "source-uk.part").write_text("half")
        await app.build(settings(folder), Inputs({}, {}))
        assert list(downloads.iterdir()) == []

    async def test_a_folder_that_cannot_be_made_is_one_sentence(self, folder: Path) -> None:
        with pytest.raises(CannotStartError, match="cannot be written: Not a directory"):
            await app.build(settings(folder, data=folder / "uk.m3u" / "data"), Inputs({}, {}))

    async def test_a_folder_that_may_not_be_written_is_one_sentence(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "touch", refuse)
        with pytest.raises(CannotStartError, match="cannot be written: Permission denied"):
            await app.build(settings(folder), Inputs({}, {}))


class TestBuild:
    async def test_it_says_what_came_of_it(self, folder: Path) -> None:
        progress = Progress()
        built = await app.build(settings(folder), Inputs({}, {}), progress=progress)
        assert built.succeeded
        assert [status.key for status in built.statuses] == [
            "source/uk",
            "epg/guide",
            "proxy/family",
        ]
        told = {one.owner: (one.state, one.items, one.message) for one in progress.operations()}
        assert told == {
            "source/uk": (State.COMPLETED, 2, "2 channels"),
            "epg/guide": (State.COMPLETED, 2, "1 channel, 1 programme"),
            "proxy/family": (State.COMPLETED, 2, verdict.message(built.statuses[-1])),
        }

    async def test_a_failing_source_is_no_success(self, folder: Path) -> None:
        (folder / "uk.m3u").unlink()
        built = await app.build(settings(folder), Inputs({}, {}))
        assert not built.succeeded
        assert built.problems == ()

    async def test_a_playlist_without_a_guide_of_its_own_is_no_failure(self, folder: Path) -> None:
        (folder / "tvarr.yaml").write_text(YAML.replace("url: uk.m3u", "url: uk.m3u, guide: auto"))
        built = await app.build(settings(folder), Inputs({}, {}))
        assert "names no guide" in "".join(map(verdict.message, built.statuses))
        assert built.succeeded

    async def test_problems_are_handed_over(self, folder: Path) -> None:
        (folder / "tvarr.yaml").write_text("sourcs: {}\n")
        built = await app.build(settings(folder), Inputs({}, {}))
        assert not built.succeeded
        assert [problem.line for problem in built.problems] == [1]

    async def test_an_unknown_proxy_is_a_misuse(self, folder: Path) -> None:
        with pytest.raises(MisusedError, match='did you mean "family"'):
            await app.build(settings(folder), Inputs({}, {}), only="famly")

    async def test_two_builds_in_different_folders_are_the_same_bytes(self, folder: Path) -> None:
        for name in ("one", "two"):
            await app.build(settings(folder, data=folder / name), Inputs({}, {}))
        for kind in ("snapshots", "revisions"):
            one, two = folder / "one" / kind, folder / "two" / kind
            files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
            assert files == sorted(p.relative_to(two) for p in two.rglob("*") if p.is_file())
            assert all((one / file).read_bytes() == (two / file).read_bytes() for file in files)


class TestRefresh:
    """`tvarr refresh` where nothing else is at work."""

    async def test_it_refreshes_one_and_builds_what_that_changes(self, folder: Path) -> None:
        await app.build(settings(folder), Inputs({}, {}))
        (folder / "uk.m3u").write_text(PLAYLIST + "#EXTINF:-1,Three\nhttp://stream.invalid/3\n")
        refreshed = await app.refresh(settings(folder), "uk")
        assert refreshed.asked is not None
        assert refreshed.asked.answer is Answer.ACCEPTED
        assert [done.status.key for done in refreshed.built.done] == ["source/uk", "proxy/family"]
        assert refreshed.built.succeeded

    @pytest.mark.parametrize("name", ["guide", "epg/guide"])
    async def test_a_guide_is_found_by_its_name_or_key(self, folder: Path, name: str) -> None:
        refreshed = await app.refresh(settings(folder), name)
        assert [done.status.key for done in refreshed.built.done][:1] == ["epg/guide"]

    async def test_an_unknown_one_is_a_misuse(self, folder: Path) -> None:
        with pytest.raises(MisusedError, match='no source or guide "ku"'):
            await app.refresh(settings(folder), "ku")
        with pytest.raises(MisusedError, match="no source or guide"):
            await app.refresh(settings(folder), "proxy/family")

    async def test_a_broken_yaml_is_told_and_nothing_is_done(self, folder: Path) -> None:
        (folder / "tvarr.yaml").write_text("sourcs: {}\n")
        refreshed = await app.refresh(settings(folder), "uk")
        assert refreshed.asked is None
        assert [problem.line for problem in refreshed.built.problems] == [1]

    async def test_the_build_after_it_looks_again(self, folder: Path) -> None:
        await app.build(settings(folder), Inputs({}, {}))
        await app.refresh(settings(folder), "uk")
        assert not (folder / "data" / "last-build.json").exists()


class TestServing:
    async def test_other_commands_learn_where_it_is_reached(self, folder: Path) -> None:
        data = folder / "data"
        async with running(folder) as address:
            served = serving.recall(data)
            assert served is not None
            assert address == f"http://{served.host}:{served.port}"
        assert serving.recall(data) is None

    async def test_what_a_killed_process_left_is_not_believed(self, folder: Path) -> None:
        data = folder / "data"
        data.mkdir()
        serving.remember(data, "127.0.0.1", 1)
        await app.build(settings(folder), Inputs({}, {}))
        assert serving.recall(data) is None

    async def test_it_stands_there_where_the_port_moved_to(self, folder: Path) -> None:
        before, after = free_port(), free_port()
        (folder / "tvarr.yaml").write_text(f"server: {{port: {before}}}\n{YAML}")
        async with running(folder, port=None):
            (folder / "tvarr.yaml").write_text(f"server: {{port: {after}}}\n{YAML}")
            await eventually(
                lambda: (found := serving.recall(folder / "data")) and found.port == after
            )


class TestSignals:
    """`tvarr run` as a process of its own."""

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_it_well(self, folder: Path, number: signal.Signals) -> None:
        with Folder(folder).serving() as served:
            until(lambda: served.get("/ready") == b"ready\n")
            served.process.send_signal(number)
            assert served.process.wait(60) == 0

    def test_it_ends_while_a_source_does_not_answer(self, folder: Path) -> None:
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            address = f"http://127.0.0.1:{silent.getsockname()[1]}/uk.m3u"
            (folder / "tvarr.yaml").write_text(YAML.replace("uk.m3u", address))
            with Folder(folder).serving() as served:
                connection, _ = silent.accept()
                served.process.send_signal(signal.SIGTERM)
                assert served.process.wait(60) == 0
                connection.close()

    def test_a_hang_up_tries_what_failed(self, folder: Path) -> None:
        (folder / "uk.m3u").write_text("<html>")
        with Folder(folder).serving() as served:
            until(lambda: served.resources()["source/uk"]["failures"] >= 2)
            served.reload()
            until(lambda: served.resources()["source/uk"]["failures"] >= 3)


class TestDemonstration:
    async def test_it_serves_invented_channels(self, tmp_path: Path) -> None:
        stop, ports = asyncio.Event(), list[int]()
        task = asyncio.create_task(
            app.demonstrate(
                settings(tmp_path), on_serving=lambda port, _: ports.append(port), stop=stop
            )
        )
        await eventually(lambda: ports or task.done())
        try:
            assert ports, task.exception()
            address = f"http://127.0.0.1:{ports[0]}"
            await wait_for(f"{address}/ready")
            assert (await wait_for(f"{address}/family/playlist.m3u")).count("#EXTINF") == 12
        finally:
            stop.set()
            await task
