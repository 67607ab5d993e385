"""Revisions become public whole, and stay whole whatever happens."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builders import build_input, channel, source
from tvarr.catalog import ledger
from tvarr.outputs import publish, revision
from tvarr.outputs.publish import KEPT, Published, build_and_publish, current, published, withdraw
from tvarr.outputs.report import BuildReport

if TYPE_CHECKING:
    from tvarr.pipeline.build import BuildInput, Lineup


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def put(data: Path, content: str, proxy: str = "family") -> Published:
    """Publish a playlist of this content."""

    def write(folder: Path) -> BuildReport:
        report = BuildReport(entries=len(content))
        (folder / "playlist.m3u").write_text(content)
        (folder / "report.json").write_text(report.model_dump_json())
        return report

    return publish.publish(data, proxy, write)


def playlist(data: Path, proxy: str = "family") -> str:
    return (data / "outputs" / proxy / "playlist.m3u").read_text()


def revisions(data: Path) -> set[str]:
    """Return everything in the proxy's folder, whole or not."""
    return {folder.name for folder in (data / "revisions" / "family").iterdir()}


def test_what_is_published_is_read_under_outputs(data: Path) -> None:
    put(data, "one")
    assert playlist(data) == "one"


def test_the_next_revision_takes_the_place_of_the_last(data: Path) -> None:
    put(data, "one")
    put(data, "two")
    assert playlist(data) == "two"


def test_publishing_tells_where_and_what(data: Path) -> None:
    done = put(data, "one")
    assert done.folder == data / "revisions" / "family" / done.revision
    assert done.report == BuildReport(entries=3)
    assert published(data, "family") == replace(done, ledger=None)
    assert current(data, "family") == done.folder


def test_equal_files_are_the_same_revision(data: Path, tmp_path: Path) -> None:
    assert put(data, "one").revision == put(tmp_path / "elsewhere", "one").revision


def test_other_files_are_another_revision(data: Path) -> None:
    assert put(data, "one").revision != put(data, "eno").revision


def test_publishing_the_same_again_leaves_its_files_alone(data: Path) -> None:
    before = (put(data, "one").folder / "playlist.m3u").stat()
    after = (put(data, "one").folder / "playlist.m3u").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_publishing_the_same_again_mends_what_was_damaged(data: Path) -> None:
    first = put(data, "one")
    assert publish.is_whole(first.folder)
    (first.folder / "playlist.m3u").write_text("on")
    assert not publish.is_whole(first.folder)
    assert put(data, "one").folder == first.folder
    assert publish.is_whole(first.folder)
    assert playlist(data) == "one"


def test_a_file_with_its_gzip_beside_is_known_by_the_gzip(data: Path) -> None:
    """Reading 700 MB again to learn what the smaller file tells would be waste."""

    def write(plain: bytes, packed: bytes) -> str:
        def files(folder: Path) -> BuildReport:
            (folder / "guide.xml").write_bytes(plain)
            (folder / "guide.xml.gz").write_bytes(packed)
            return BuildReport()

        return publish.publish(data, "family", files).revision

    assert write(b"x", b"1") != write(b"x", b"2")


def test_proxies_do_not_touch_each_other(data: Path) -> None:
    put(data, "one", "family")
    put(data, "two", "phone")
    withdraw(data, "phone")
    assert playlist(data, "family") == "one"
    assert current(data, "phone") is None


def test_the_data_folder_can_be_moved_as_a_whole(data: Path) -> None:
    put(data, "one")
    moved = data.rename(data.with_name("moved"))
    assert playlist(moved) == "one"
    assert published(moved, "family") is not None


def test_other_users_may_read_what_is_published(data: Path) -> None:
    assert stat.S_IMODE(put(data, "one").folder.stat().st_mode) == 0o755


# what stays


def test_the_last_revisions_stay_and_older_ones_go(data: Path) -> None:
    names = [put(data, content).revision for content in ("one", "two", "three", "four", "five")]
    assert revisions(data) == set(names[-1 - KEPT :])


def test_a_revision_that_comes_back_counts_as_new(data: Path) -> None:
    for content in ("one", "two", "three"):
        put(data, content)
    back = put(data, "one").revision
    four = put(data, "four").revision
    assert {back, four} < revisions(data)
    assert current(data, "family") == data / "revisions" / "family" / four


def test_what_is_public_is_never_removed_whatever_the_times_say(data: Path) -> None:
    for content in ("one", "two", "three"):
        folder = put(data, content).folder
        os.utime(folder, (4e9, 4e9))  # in the year 2096: a clock was wrong
    put(data, "four")
    assert playlist(data) == "four"


# what goes wrong


def test_a_writer_that_fails_leaves_the_last_revision_public(data: Path) -> None:
    before = put(data, "one")

    def fail(folder: Path) -> BuildReport:
        (folder / "playlist.m3u").write_text("half")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        publish.publish(data, "family", fail)
    assert playlist(data) == "one"
    assert revisions(data) == {before.revision}


def test_leftovers_of_a_killed_process_are_removed(data: Path) -> None:
    put(data, "one")
    for left in (".stage-abc", ".0123"):
        (data / "revisions" / "family" / left / "deep").mkdir(parents=True)
    (data / "outputs" / ".family").symlink_to("nowhere")
    put(data, "two")
    assert not [name for name in revisions(data) if name.startswith(".")]
    assert [*(data / "outputs").iterdir()] == [data / "outputs" / "family"]


def test_nothing_is_current_before_the_first_revision(data: Path) -> None:
    assert current(data, "family") is None
    assert published(data, "family") is None


def test_a_pointer_to_a_lost_revision_is_nothing(data: Path) -> None:
    put(data, "one").folder.rename(data / "lost")
    assert current(data, "family") is None
    assert published(data, "family") is None


@pytest.mark.parametrize("damage", ["", "{", '{"entries": "many"}'])
def test_a_revision_without_a_readable_report_is_not_whole(data: Path, damage: str) -> None:
    (put(data, "one").folder / "report.json").write_text(damage)
    assert published(data, "family") is None


def test_every_file_is_on_the_disk_before_it_is_public(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []

    rename, replace = Path.rename, Path.replace

    def told_rename(self: Path, target: Path) -> Path:
        events.append("NAMED")
        return rename(self, target)

    def told_replace(self: Path, target: Path) -> Path:
        events.append("PUBLIC")
        return replace(self, target)

    def sync(handle: int) -> None:
        events.append(Path(f"/proc/self/fd/{handle}").readlink().name[:6])

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "rename", told_rename)
    monkeypatch.setattr(Path, "replace", told_replace)
    put(data, "one")
    assert sorted(events[:2]) == ["playli", "report"]
    assert events[2:] == [".stage", "NAMED", "family", "PUBLIC", "output"]


# taken back


def test_a_withdrawn_proxy_leaves_nothing(data: Path) -> None:
    put(data, "one")
    put(data, "two")
    withdraw(data, "family")
    assert [*data.rglob("*")] == [data / "outputs", data / "revisions"]


def test_withdrawing_what_is_not_there_is_fine(data: Path) -> None:
    withdraw(data, "family")
    assert current(data, "family") is None


def test_a_withdrawn_proxy_can_come_back(data: Path) -> None:
    put(data, "one")
    withdraw(data, "family")
    put(data, "one")
    assert playlist(data) == "one"


# from a build


def test_a_build_becomes_public(data: Path) -> None:
    build = build_input(sources=(source(data, channel("BBC One")),))
    done = build_and_publish(build, data, "http://tv.lan")
    assert done.report.entries == 1
    assert ",BBC One\n" in playlist(data)
    assert published(data, "family") == replace(done, ledger=None)


def test_building_the_same_again_gives_the_same_revision(data: Path, tmp_path: Path) -> None:
    builds = (
        build_input(sources=(source(folder, channel("BBC One")),))
        for folder in (data, tmp_path / "elsewhere")
    )
    first, second = (build_and_publish(build, data, "http://tv.lan") for build in builds)
    assert first.revision == second.revision


def test_numbers_that_are_set_back_during_a_build_stay_so(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = build_input(sources=(source(data, channel("BBC One")),))
    first = build_and_publish(build, data, "http://tv.lan")
    write = revision.write_revision

    def set_back(build: BuildInput, folder: Path, base_url: str, lineup: Lineup) -> BuildReport:
        ledger.remove(data, "family")
        return write(build, folder, base_url, lineup)

    monkeypatch.setattr(publish, "write_revision", set_back)
    second = build_and_publish(replace(build, ledger=first.ledger), data, "http://tv.lan")
    assert second.ledger == first.ledger  # so that its key is not that of the next build
    assert ledger.find(data, "family") is None


@pytest.mark.parametrize("step", ["_point_at", "_prune"])
def test_a_number_that_was_seen_stays_though_the_build_died_beside_it(
    data: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Killed before or after its files are public, a build leaves the numbers that it gave."""

    def next_build(*names: str) -> BuildInput:
        channels = (channel(name, channel_id=f"tv.{name}") for name in names)
        sources = (source(data, *channels),)
        return replace(build_input(sources=sources), ledger=ledger.find(data, "family"))

    build_and_publish(next_build("A"), data, "http://tv.lan")
    with monkeypatch.context() as dying:
        dying.setattr(publish, step, killed)
        with pytest.raises(KeyboardInterrupt):
            build_and_publish(next_build("A", "X"), data, "http://tv.lan")

    build_and_publish(next_build("A", "Y", "X"), data, "http://tv.lan")
    assert [line.rsplit(",")[-1] for line in numbered(data, "2")] == ["X"]


def killed(*_: object) -> None:
    """End as a process does that is killed."""
    raise KeyboardInterrupt


def numbered(data: Path, number: str) -> list[str]:
    """Return the entries of the playlist with that number."""
    return [line for line in playlist(data).splitlines() if f'tvg-chno="{number}"' in line]


def test_withdrawing_takes_the_numbers_along(data: Path) -> None:
    build_and_publish(build_input(sources=(source(data, channel("A")),)), data, "http://tv.lan")
    assert ledger.find(data, "family") is not None
    withdraw(data, "family")
    assert ledger.find(data, "family") is None


# killed


@pytest.mark.parametrize("rounds", [60, pytest.param(1_000, marks=pytest.mark.slow)])
def test_a_kill_at_any_moment_leaves_one_whole_revision_public(data: Path, rounds: int) -> None:
    """See `kill_publishers`: a process of its own, because it forks."""
    killer = subprocess.run(
        [sys.executable, "-m", "tests.outputs.kill_publishers", str(data), str(rounds)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (killer.returncode, killer.stderr) == (0, "")
