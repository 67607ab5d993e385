"""What a sentence would do now: counts, the first rows, and nothing that is secret."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests import builders
from tests.expression.subject import read
from tvarr.pipeline import current
from tvarr.pipeline.current import Given, GivenUpError
from tvarr.pipeline.preview import Preview, preview

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 8, 22, 19, tzinfo=UTC)
SECRET = "http://user:pass@tv.invalid/live/USER/PASS/1.ts?token=TOKEN"


def run(text: str, given: Given, domain: str = "channel", limit: int = 10, **more: Any) -> Preview:
    kind: Any = more.pop("kind", "rule")
    return preview(read(text, domain, kind), given, NOW, {}, limit, **more)


@pytest.fixture
def channels(tmp_path: Path) -> Given:
    return Given(
        (
            builders.source(tmp_path, *(builders.channel(f"C {n}") for n in range(5)), name="a"),
            builders.source(tmp_path, builders.channel("B 1", stream_url=SECRET), name="b"),
        )
    )


def test_all_sources_are_counted_and_the_first_rows_shown(channels: Given) -> None:
    found = run('name matches "1$" SET name = "One"', channels, limit=1)
    assert (found.rows, found.matched, found.changed) == (6, 2, 2)
    (example,) = found.examples
    assert example.row["source_name"] == "a"
    assert (example.before, example.after) == (
        {"channel_name": "C 1"},
        {"channel_name": "One"},
    )


def test_parts_add_up(channels: Given, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run("name contains C SET group = C", channels, limit=3)
    monkeypatch.setattr(current, "PART", 2)
    assert run("name contains C SET group = C", channels, limit=3) == whole


def test_a_row_that_stays_as_it_is_is_no_change(channels: Given) -> None:
    found = run('SET name = "C 1"', channels)
    assert (found.matched, found.changed) == (6, 5)
    assert all(example.before["channel_name"] != "C 1" for example in found.examples)


def test_who_does_not_wait_is_not_worked_for(channels: Given) -> None:
    with pytest.raises(GivenUpError):
        run("SET name = x", channels, stop=lambda: True)


@pytest.mark.parametrize(
    "text",
    [
        "SET name = $stream_url",
        "SET name = $stream_url, tvg_id = $name",
        'stream_url matches "(.*)" SET name = "$1"',
        'stream_url -= "@"',
        'stream_url -= "http"',
        "stream_url += x",
        'SET stream_url = "x$stream_url"',
        '(SET group = $url) AND (group matches "(.*)" SET name = "$1")',
        "catchup_source ?= $url",
        "SET stream_url = $stream_url, name = x",
    ],
)
def test_nothing_out_of_an_address_of_a_stream_is_shown(channels: Given, text: str) -> None:
    found = run(text, channels)
    assert found.examples
    for secret in ("user", "pass", "USER", "PASS", "TOKEN"):
        assert secret not in str(found.examples)


def test_what_has_nothing_to_do_with_it_is_shown(channels: Given) -> None:
    found = run('stream_url contains "USER" SET name = "New"', channels)
    assert found.examples[0].after == {"channel_name": "New"}


def test_a_long_text_is_cut(tmp_path: Path) -> None:
    given = Given((builders.source(tmp_path, builders.channel("x" * 5_000)),))
    assert len(run("SET name = y", given).examples[0].before["channel_name"]) < 400


class TestProgrammes:
    @pytest.fixture
    def given(self, tmp_path: Path) -> Given:
        return Given(
            (
                builders.source(tmp_path, builders.channel("One", "ONE", group_title="News")),
                builders.source(tmp_path, builders.channel("Other one", "one"), name="later"),
            ),
            (
                builders.guide(
                    tmp_path,
                    builders.programme("one", "18:30", "19:00", "Vera", categories=["a", "b"]),
                    builders.programme("nobody", "18:30", "19:00", "Alone"),
                    declared=(builders.guide_channel("one"), builders.guide_channel("nobody")),
                ),
            ),
        )

    def test_each_is_one_row_with_the_first_channel_that_has_it(self, given: Given) -> None:
        found = run("SET title = $channel_name", given, "programme")
        assert found.rows == 2
        told = {e.row["programme_title"]: e.row["channel_name"] for e in found.examples}
        assert told == {"Vera": "One", "Alone": ""}

    def test_categories_are_shown_with_commas(self, given: Given) -> None:
        found = run("genre = a APPEND genre = x", given, "programme")
        assert found.examples[0].before == {"programme_category": "a, b"}
        assert found.examples[0].after == {"programme_category": "ax, bx"}
