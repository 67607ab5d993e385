"""A build with nothing to do is recognised, and nothing else is ever taken for one.

Each test changes one thing that a build looks at. The first class works with real builds; `recall`
has to say no after each change, whatever the ordinary build would then make of it.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tvarr
from tests.controller.world import PLAYLIST, World
from tvarr.app import build
from tvarr.config.load import load_manifest
from tvarr.config.settings import load_settings
from tvarr.controller import fingerprint, lastbuild
from tvarr.controller.fingerprint import Inputs, LastBuild
from tvarr.controller.plan import GRACE
from tvarr.state.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)

YAML = """
sources:
  uk: {kind: m3u, url: uk.m3u, headers: {X-Token: !secret token}, user_agent: !env_var PLAYER}
epg:
  guide: !include guide.yaml
proxies: !include_dir_named proxies
"""


@dataclass
class Last:
    """A data folder after a build that ended well, and how to ask whether it still holds."""

    world: World
    environ: dict[str, str]

    @property
    def data(self) -> Path:
        return self.world.data

    @property
    def flags(self) -> dict[str, object]:
        return {"config": self.world.path / "tvarr.yaml", "data": self.world.data}

    async def build(self, now: datetime = NOW, only: str | None = None) -> None:
        inputs = Inputs.given(self.flags, self.environ)
        await build(load_settings(**self.flags), inputs, now=now, only=only)

    def recall(
        self, now: datetime = NOW, flags: dict[str, object] | None = None
    ) -> LastBuild | None:
        inputs = Inputs.given(flags or self.flags, self.environ)
        return fingerprint.recall(self.data, inputs, now)


@pytest.fixture
async def last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Last:
    monkeypatch.setenv("PLAYER", "player")
    world = World(tmp_path)
    world.declare(YAML)
    world.write("secrets.yaml", "token: abc\n")
    world.write("guide.yaml", "{kind: xmltv, url: guide.xml}\n")
    (tmp_path / "proxies").mkdir()
    world.write("proxies/family.yaml", "{sources: [uk], epg: [guide]}\n")
    last = Last(world, dict(os.environ))
    await last.build()
    assert last.recall() is not None
    return last


def only_in(folder: Path) -> Path:
    [found] = folder.iterdir()
    return found


def touch(path: Path) -> None:
    """Give a file another time, a second later."""
    found = path.stat()
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns + 10**9))


class TestAfterABuild:
    async def test_it_holds_and_knows_what_to_say(self, last: Last) -> None:
        found = last.recall()
        assert found is not None
        assert found.lines == {"family": "2 channels, 1 with programmes"}

    async def test_it_is_for_the_owner_s_eyes_and_holds_no_secret(self, last: Last) -> None:
        path = last.data / fingerprint.FILE
        assert path.stat().st_mode & 0o777 == 0o600
        assert "abc" not in json.loads(path.read_text())["contents"].values()
        assert '"player"' not in path.read_text()

    async def test_it_holds_until_something_is_due(self, last: Last) -> None:
        window_moves = NOW.replace(hour=0, minute=0) + timedelta(days=1)
        assert last.recall(window_moves - timedelta(seconds=1)) is not None
        assert last.recall(window_moves) is None

    async def test_it_does_not_hold_for_a_time_before_it(self, last: Last) -> None:
        assert last.recall(NOW - timedelta(seconds=1)) is None

    async def test_a_build_that_failed_leaves_none(self, last: Last) -> None:
        (last.world.path / "uk.m3u").write_text("<html>")
        await last.build()
        assert not (last.data / fingerprint.FILE).exists()

    async def test_a_broken_yaml_leaves_none(self, last: Last) -> None:
        last.world.write("tvarr.yaml", "sourcs: {}\n")
        await last.build()
        assert not (last.data / fingerprint.FILE).exists()

    async def test_a_build_of_one_proxy_leaves_none(self, last: Last) -> None:
        await last.build(only="family")
        assert last.recall() is None

    async def test_what_was_removed_is_due_at_the_end_of_its_grace(self, last: Last) -> None:
        last.world.write("proxies/late.yaml", "{sources: [uk], outputs: [m3u]}\n")
        await last.build()
        (last.world.path / "proxies" / "late.yaml").unlink()
        await last.build(NOW + timedelta(minutes=1))
        store = Store(last.data / "state.json", read_only=True)
        removed = store.get("proxy/late")
        assert removed is not None
        assert removed.removed_at == NOW + timedelta(minutes=1)
        record = json.loads((last.data / fingerprint.FILE).read_text())
        assert datetime.fromisoformat(record["until"]) <= removed.removed_at + GRACE


CHANGES: dict[str, Callable[[Last], object]] = {
    "the YAML": lambda last: last.world.write("tvarr.yaml", YAML + "\n"),
    "the YAML is gone": lambda last: (last.world.path / "tvarr.yaml").unlink(),
    "a secret": lambda last: last.world.write("secrets.yaml", "token: abd\n"),
    "an include": lambda last: last.world.write("guide.yaml", "{kind: xmltv, url: other.xml}\n"),
    "a file of an included folder": lambda last: last.world.write("proxies/family.yaml", "{}\n"),
    "one more in an included folder": lambda last: last.world.write("proxies/b.yaml", "{}\n"),
    "a variable that the YAML names": lambda last: last.environ.update(PLAYER="other"),
    "such a variable is gone": lambda last: last.environ.pop("PLAYER"),
    "a setting in the environment": lambda last: last.environ.update(TVARR_PORT="9999"),
    "one in small letters": lambda last: last.environ.update(tvarr_port="9999"),
    "the zone": lambda last: last.environ.update(TZ="Asia/Tokyo"),
    "the home": lambda last: last.environ.update(HOME="/nowhere"),
    "a local document": lambda last: last.world.write("uk.m3u", PLAYLIST),
    "a local document's time": lambda last: touch(last.world.path / "guide.xml"),
    "a local document is gone": lambda last: (last.world.path / "uk.m3u").unlink(),
    "the state": lambda last: touch(last.data / "state.json"),
    "the state is gone": lambda last: (last.data / "state.json").unlink(),
    "a snapshot is gone": lambda last: shutil.rmtree(last.data / "snapshots" / "source" / "uk"),
    "a snapshot's file": lambda last: touch(
        only_in(last.data / "snapshots" / "epg" / "guide") / "programmes.parquet"
    ),
    "another snapshot's folder": lambda last: (last.data / "snapshots" / "source" / "x").mkdir(),
    "another proxy's revisions": lambda last: (last.data / "revisions" / "x").mkdir(),
    "the published link is gone": lambda last: (last.data / "outputs" / "family").unlink(),
    "a published file": lambda last: touch(last.data / "outputs" / "family" / "playlist.m3u"),
    "a published file is gone": lambda last: (
        last.data / "outputs" / "family" / "guide.xml.gz"
    ).unlink(),
    "the published folder is gone": lambda last: shutil.rmtree(last.data / "revisions"),
    "the record is cut": lambda last: (last.data / fingerprint.FILE).write_text('{"inputs": "'),
    "the record is of another shape": lambda last: (last.data / fingerprint.FILE).write_text("[]"),
    "the record has more in it": lambda last: (last.data / fingerprint.FILE).write_text(
        json.dumps({**json.loads((last.data / fingerprint.FILE).read_text()), "new": 1})
    ),
    "the record has no times": lambda last: (last.data / fingerprint.FILE).write_text(
        json.dumps({**json.loads((last.data / fingerprint.FILE).read_text()), "since": "soon"})
    ),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_after_any_change_it_does_not_hold(last: Last, change: str) -> None:
    CHANGES[change](last)
    assert last.recall() is None


@pytest.mark.parametrize(
    "flags", [{"port": 9999}, {"log_level": "debug"}, {"config": Path("other.yaml")}]
)
async def test_with_other_flags_it_does_not_hold(last: Last, flags: dict[str, object]) -> None:
    assert last.recall(flags={**last.flags, **flags}) is None


async def test_from_another_folder_it_does_not_hold(
    last: Last, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert last.recall() is None


async def test_in_a_data_folder_that_was_copied_it_does_not_hold(last: Last) -> None:
    copy = last.world.path / "copy"
    shutil.copytree(last.data, copy, symlinks=True)
    flags = {**last.flags, "data": copy}
    assert fingerprint.recall(copy, Inputs.given(flags, last.environ), NOW) is None


class TestOtherPrograms:
    @pytest.mark.parametrize(
        ("where", "value"),
        [("tvarr.__version__", "99.0"), ("sys.version", "4.0"), ("sys.executable", "/usr/bin/x")],
    )
    async def test_another_version_does_not_believe_it(
        self, last: Last, monkeypatch: pytest.MonkeyPatch, where: str, value: str
    ) -> None:
        monkeypatch.setattr(where, value)
        assert last.recall() is None

    async def test_an_installed_package_makes_a_difference(
        self, last: Last, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        packages = tmp_path / "site-packages"
        packages.mkdir()
        monkeypatch.setattr(sys, "path", [*sys.path, str(packages)])
        before = fingerprint.program()
        (packages / "polars-99.dist-info").mkdir()
        assert fingerprint.program() != before

    def test_every_file_of_tvarr_makes_a_difference(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copy = tmp_path / "tvarr"
        shutil.copytree(Path(tvarr.__file__).parent, copy)
        monkeypatch.setattr(tvarr, "__file__", str(copy / "__init__.py"))
        before = fingerprint.program()
        assert fingerprint.program() == before
        touch(copy / "pipeline" / "build.py")
        assert fingerprint.program() != before

    def test_compiled_files_make_none(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copy = tmp_path / "tvarr"
        shutil.copytree(Path(tvarr.__file__).parent, copy)
        monkeypatch.setattr(tvarr, "__file__", str(copy / "__init__.py"))
        before = fingerprint.program()
        (copy / "__pycache__").mkdir(exist_ok=True)
        (copy / "__pycache__" / "new.cpython-311.pyc").write_bytes(b"")
        assert fingerprint.program() == before


class TestEditsInBetween:
    async def test_a_local_document_that_changes_under_the_build_leaves_no_record(
        self, last: Last, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remember = lastbuild.remember

        def edited_just_before(*args: object) -> None:
            last.world.write("uk.m3u", PLAYLIST + "\n")
            remember(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(lastbuild, "remember", edited_just_before)
        last.world.write("uk.m3u", PLAYLIST)
        await last.build()
        assert not (last.data / fingerprint.FILE).exists()

    async def test_a_yaml_that_changes_after_it_was_read_is_not_recorded_as_built(
        self, last: Last, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remember = lastbuild.remember

        def edited_just_before(*args: object) -> None:
            last.world.write("tvarr.yaml", YAML + "# later\n")
            remember(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(lastbuild, "remember", edited_just_before)
        await last.build()
        assert last.recall() is None

    async def test_a_yaml_that_changes_while_it_is_read_leaves_no_record(
        self, last: Last, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        count = 0

        def load_and_edit(*args: object) -> object:
            nonlocal count
            count += 1
            loaded = load_manifest(*args)  # type: ignore[arg-type]
            last.world.write("tvarr.yaml", YAML + "#" * count + "\n")
            return loaded

        monkeypatch.setattr("tvarr.controller.loop.load_manifest", load_and_edit)
        await last.build()
        assert not (last.data / fingerprint.FILE).exists()

    async def test_a_published_file_that_is_gone_already_leaves_no_record(
        self, last: Last, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remember = lastbuild.remember

        def removed_just_before(*args: object) -> None:
            (last.data / "outputs" / "family").unlink()
            remember(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(lastbuild, "remember", removed_just_before)
        await last.build()
        assert not (last.data / fingerprint.FILE).exists()


class TestInputs:
    def test_flags_are_one_however_they_are_written(self) -> None:
        typed = Inputs.given({"data": "./d/", "config": "a//b", "port": "80"}, {})
        read = Inputs.given({"data": Path("d"), "config": Path("a/b"), "port": 80}, {})
        assert typed == read

    @pytest.mark.parametrize("via", ["flag", "variable", "options", "xdg", "home"])
    def test_the_data_folder_is_guessed_as_the_settings_choose_it(
        self, via: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in list(os.environ):
            if name.upper().startswith("TVARR_"):
                monkeypatch.delenv(name)
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
        flags: dict[str, object] = {}
        if via == "flag":
            flags["data"] = tmp_path / "flag"
        elif via == "variable":
            monkeypatch.setenv("TVARR_DATA", "~/variable")
        elif via == "options":
            (tmp_path / "options.json").write_text("{}")
            monkeypatch.setenv("TVARR_OPTIONS", str(tmp_path / "options.json"))
        elif via == "xdg":
            monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
        guessed = Inputs.given(flags, os.environ).guessed_data()
        assert guessed == load_settings(**flags).data

    def test_the_options_file_makes_a_difference(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        options = tmp_path / "options.json"
        environ = {"TVARR_OPTIONS": str(options)}
        digests = []
        for content in (None, "{}", '{"port": 9}'):
            if content:
                options.write_text(content)
            digests.append(Inputs.given({}, environ).digest())
        assert len(set(digests)) == 3
