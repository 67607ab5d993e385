"""A package that brings a kind of source is installed for real, and a broken one beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import uv

from tvarr.controller.workers import HEAVY

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "tests" / "plugin_example"
CODE = EXAMPLE / "src" / "tvarr_stations" / "__init__.py"

YAML = """
sources:
  uk: {kind: m3u, url: uk.m3u}
  radio: {kind: stations, url: stations.json, genre: Jazz}
  broken: {kind: broken, anything: [at, all], password: hunter22}
proxies:
  family: {sources: [uk, radio]}
  other: {sources: [broken]}
"""
STATIONS = [
    {"name": "Blue Notes", "stream": "http://radio.invalid/blue", "genre": "Jazz"},
    {"name": "Loud", "stream": "http://radio.invalid/loud", "genre": "Rock"},
]


@dataclass
class Installed:
    """A machine with packages beside tvarr."""

    folder: Path
    packages: Path

    def tvarr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of tvarr there."""
        usual = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        paths = os.pathsep.join([str(ROOT), str(self.packages)])
        return subprocess.run(
            [sys.executable, "-m", "tvarr", *arguments],
            cwd=self.folder,
            env=usual | {"PYTHONPATH": paths, "TVARR_DATA": str(self.folder / "data")},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def statuses(self) -> dict[str, dict[str, str]]:
        """Return the Ready condition of each resource."""
        documents = json.loads((self.folder / "data" / "state.json").read_text())
        found = {}
        for table in documents.values():
            for status in table.values():
                ready = [c for c in status["conditions"] if c["type"] == "Ready"]
                found[f"{status['kind']}/{status['name']}"] = ready[0]
        return found


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example with uv, which needs no network for it, and a package that is broken."""
    source = tmp_path_factory.mktemp("example") / "plugin_example"
    shutil.copytree(EXAMPLE, source)
    target = tmp_path_factory.mktemp("site")
    subprocess.run(
        [
            *(uv.find_uv_bin(), "pip", "install", "--offline", "--no-deps", "--no-cache"),
            *("--no-build-isolation", "--python", sys.executable, "--target", target, source),
        ],
        check=True,
        capture_output=True,
        timeout=100,
    )
    about = target / "tvarr_broken-0.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tvarr-broken\nVersion: 0.1\n")
    (about / "entry_points.txt").write_text("[tvarr.sources]\nbroken = tvarr_broken\n")
    (target / "tvarr_broken.py").write_text("import a_library_that_is_missing\n")
    return target


@pytest.fixture
def machine(tmp_path: Path, packages: Path) -> Installed:
    (tmp_path / "tvarr.yaml").write_text(YAML)
    (tmp_path / "uk.m3u").write_text("#EXTM3U\n#EXTINF:-1,One\nhttp://stream.invalid/1\n")
    (tmp_path / "stations.json").write_text(json.dumps(STATIONS))
    return Installed(tmp_path, packages)


def test_a_source_of_an_installed_package_comes_out_in_a_playlist(machine: Installed) -> None:
    ran = machine.tvarr("build")

    playlist = (machine.folder / "data" / "outputs" / "family" / "playlist.m3u").read_text()
    assert "http://stream.invalid/1" in playlist, ran.stderr
    assert 'group-title="Jazz"' in playlist
    assert ",Blue Notes\nhttp://radio.invalid/blue\n" in playlist
    assert "Loud" not in playlist
    assert machine.statuses()["source/radio"]["reason"] == "Succeeded"


def test_a_broken_package_costs_its_own_sources_only(machine: Installed) -> None:
    validated = machine.tvarr("validate")
    assert validated.returncode == 0, validated.stdout + validated.stderr

    built = machine.tvarr("build")
    broken = machine.statuses()["source/broken"]
    assert broken["reason"] == "PluginFailed"
    assert "the package tvarr-broken 0.1, which brings the kind broken" in broken["message"]
    assert "No module named 'a_library_that_is_missing'" in broken["message"]
    assert built.returncode == 1
    assert (machine.folder / "data" / "outputs" / "family").exists()
    everything = built.stdout + built.stderr + (machine.folder / "data" / "state.json").read_text()
    assert "hunter22" not in everything


def test_a_large_list_is_read_in_a_process_of_its_own(machine: Installed) -> None:
    (machine.folder / "tvarr.yaml").write_text(YAML.replace("genre: Jazz", "max_size: 32MiB"))
    (machine.folder / "stations.json").write_text(json.dumps(STATIONS) + " " * (HEAVY + 1))
    ran = machine.tvarr("build", "--log-level", "debug")

    assert machine.statuses()["source/radio"]["message"].startswith("2 channels"), ran.stderr
    (machine.folder / "stations.json").write_text('[{"name": 1}]' + " " * (HEAVY + 1))
    machine.tvarr("build", "--force")
    failed = machine.statuses()["source/radio"]
    assert failed["reason"] == "PluginFailed"
    assert "it fails while reading: KeyError: 'stream' (__init__.py, line" in failed["message"]
    playlist = machine.folder / "data" / "outputs" / "family" / "playlist.m3u"
    assert "Loud" in playlist.read_text(), "the last good one is served"


def test_trouble_that_a_package_names_keeps_its_reason(machine: Installed) -> None:
    (machine.folder / "stations.json").write_text("no JSON")
    machine.tvarr("build")

    assert machine.statuses()["source/radio"]["reason"] == "ParseError"


def test_the_manual_shows_the_example_as_it_is() -> None:
    manual = (ROOT / "docs" / "plugins.md").read_text()

    assert f"```python\n{CODE.read_text()}```\n" in manual
