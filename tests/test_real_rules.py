"""Thirty rules and ten filters over real playlists and guides, and what each comes to.

Those of the channels are taken a second time, by the slow reference evaluator of
`tests.expression`, which shares no code with the language.
"""

from __future__ import annotations

import os
import shlex
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest
from typer.testing import CliRunner

from tests.explained import BLOCK
from tests.expression import reference
from tests.expression.reference_parser import parse
from tvarr.cli import app
from tvarr.config.load import load_manifest
from tvarr.outputs.report import BuildReport, read_report
from tvarr.pipeline.rules import fields_of_channels
from tvarr.spec.sentences import Origin, steps_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = datetime(2026, 8, 22, 18, 30, tzinfo=UTC)
YAML = Path(__file__).with_name("real_rules.yaml")
PAGE = Path(__file__).parents[1] / "docs" / "explain-real.md"

EXPECTED = {
    "preset/timeshift": (33, 33),
    "preset/adult-flag": (0, 0),
    "geo-blocked": (1_159, 1_159),
    "not-always": (1_819, 1_819),
    "quality": (12_793, 12_793),
    "full-hd": (5_105, 5_105),
    "standard": (2_669, 2_653),
    "pluto": (105, 105),
    "circled": (446, 446),
    "plus": (201, 66),
    "usa": (1_264, 1_264),
    "britain": (679, 679),
    "new-zealand": (268, 268),
    "films": (181, 181),
    "korea": (202, 180),
    "germany": (240, 205),
    "no-group": (11_665, 11_665),
    "country-of-id": (16_324, 14_953),
    "cctv": (69, 65),
    "words": (1_470, 1_470),
    "logo": (16_865, 16_865),
    "insecure": (3_562, 3_562),
    "named-alike": (7_326, 7_326),
    "other-name": (124, 124),
    "radio": (306, 306),
    "fast": (5_419, 0),
    "with-guide": (21_829, 0),
    "chinese": (58, 0),
    "films-only": (3, 0),
    "placeholder": (231, 0),
    "radio-only": (306, 0),
    "sample": (1, 0),
    "shopping": (48, 0),
    "preset/no-adult": (0, 0),
    "live": (256, 256),
    "new-news": (354, 354),
    "and-world": (152, 152),
    "usa-only": (40_570, 40_570),
    "early": (26_901, 26_901),
    "numbered": (14_899, 14_899),
    "long-text": (623, 85),
    "paid": (15, 0),
    "fillers": (6, 0),
}
"""Rows that each step matched and changed."""
SIZES = (21_301, 1_915, 51_554)
"""Entries, those with programmes, programmes."""


@dataclass(frozen=True)
class Built:
    """What a build of the real documents left."""

    folder: Path
    data: Path
    report: BuildReport

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Rows matched and changed, by the step's name."""
        return {step.name: (step.matched, step.changed) for step in self.report.steps}


def tell(folder: Path, command: str) -> str:
    """Return what a command of the page prints."""
    words = shlex.split(command)[1:]
    options = ["--config", str(folder / "tvarr.yaml"), "--data", str(folder / "data")]
    return CliRunner().invoke(app, [*words, *options, "--now", NOW.isoformat()]).output


def build(real_data: Path, folder: Path) -> Built:
    """Build the lineup of the real documents in `folder`."""
    config = folder / "tvarr.yaml"
    config.write_text(YAML.read_text().replace("DATA", str(real_data)))
    data = folder / "data"
    options = ["--config", str(config), "--data", str(data), "--now", NOW.isoformat()]
    result = CliRunner().invoke(app, ["build", *options])
    assert result.exit_code == 0, result.output
    return Built(folder, data, read_report(data / "outputs" / "family"))


@pytest.fixture(scope="module")
def built(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(real_data, tmp_path_factory.mktemp("rules"))


def test_each_rule_and_filter_matches_and_changes_what_it_should(built: Built) -> None:
    assert built.counts == EXPECTED


def test_the_page_shows_what_is_told_of_three_channels(built: Built) -> None:
    """To mend: `python -m tests.test_real_rules`."""
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert len(blocks) >= 3
    for command, shown in blocks:
        assert tell(built.folder, command) == shown


def test_the_lineup_is_what_the_filters_leave(built: Built) -> None:
    report = built.report
    assert (report.entries, report.with_programmes, report.programmes) == SIZES
    playlist = (built.data / "outputs" / "family" / "playlist.m3u").read_text()
    assert playlist.count("#EXTINF") == report.entries
    assert "[Not 24/7]" not in playlist
    assert 'group-title="USA"' in playlist
    assert 'tvg-logo="https://logos.example/placeholder.png"' in playlist


def test_the_counts_are_those_of_the_slow_reading(built: Built) -> None:
    manifest = load_manifest(built.folder / "tvarr.yaml").manifest
    assert manifest is not None
    steps = [s for s in steps_of(manifest, manifest.proxies["family"]) if s.domain == "channel"]
    logos = dict(manifest.logos)
    parsed = [
        parse(step.text, "channel", "rule" if step.verdict == "rule" else "filter", logos)
        for step in steps
    ]
    counts = {step.name: [0, 0] for step in steps}
    kept = 0
    for record in _records(built, tuple(manifest.proxies["family"].sources)):
        row = reference._Row(dict(record), NOW, logos)
        is_in = False  # the first filter is an include
        for step, groups in zip(steps, parsed, strict=True):
            before = dict(row.fields)
            holds = max([row.take_turn(group) for group in groups])
            counts[step.name][0] += holds
            counts[step.name][1] += row.fields != before
            if holds and step.verdict != "rule":
                is_in = step.verdict == "include"
        kept += is_in
    assert {name: tuple(found) for name, found in counts.items()} == {
        name: built.counts[name] for name in counts
    }
    assert kept == built.report.entries


def _records(built: Built, sources: tuple[str, ...]) -> Iterator[dict[str, str]]:
    """Yield the channels' fields as the catalog has them, in the reference's form."""
    for source in sources:
        (path,) = (built.data / "snapshots" / "source" / source).glob("*/channels.parquet")
        frame = fields_of_channels(pl.scan_parquet(path), [Origin(source, "m3u", "")]).collect()
        for record in frame.iter_rows(named=True):
            yield {name: text or "" for name, text in record.items()}


def _write_page(real_data: Path) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        build(real_data, folder)
        page = BLOCK.sub(
            lambda block: f"```console\n$ {block[1]}\n{tell(folder, block[1])}```",
            PAGE.read_text(encoding="utf-8"),
        )
        PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    _write_page(Path(os.environ["TVARR_TEST_DATA"]))
