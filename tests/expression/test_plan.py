"""Many sentences over one frame, as one lazy plan."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from tvarr.expression.fields import SEPARATOR, Domain, fields
from tvarr.expression.plan import apply, changed, matched, selected
from tvarr.expression.sentence import Sentence, SentenceKind, parse

NOW = datetime(2025, 11, 30, 19, tzinfo=UTC)
LOGOS = {"x": "http://logos/x.png"}


def sentence(text: str, domain: Domain = Domain.CHANNEL, kind: SentenceKind = "rule") -> Sentence:
    return parse(text, domain, kind=kind, logos=LOGOS)


def frame_of(domain: Domain, *rows: dict[str, str | None]) -> pl.LazyFrame:
    names = [field.name for field in fields(domain)]
    columns = {name: [row.get(name) for row in rows] for name in names}
    return pl.LazyFrame(columns, schema=dict.fromkeys(names, pl.String))


def channels(*names: str | None, **others: str) -> pl.LazyFrame:
    return frame_of(Domain.CHANNEL, *({"channel_name": name, **others} for name in names))


def run(frame: pl.LazyFrame, *texts: str, domain: Domain = Domain.CHANNEL) -> pl.DataFrame:
    return apply(frame, [sentence(text, domain) for text in texts], NOW, LOGOS).collect()


def counts(frame: pl.DataFrame, index: int) -> tuple[int, int]:
    return int(frame[matched(index)].sum()), int(frame[changed(index)].sum())


def test_a_rule_sees_what_those_before_it_did() -> None:
    done = run(
        channels("uk: bbc", "us: cnn"),
        'name matches "^uk: (.*)" SET tvg_country = "UK", name = "$1"',
        'name = "BBC" SET group = $tvg_country',
        "name = bbc AND group = uk SET tvg_id = 1",
    )
    assert done["channel_name"].to_list() == ["bbc", "us: cnn"]
    assert done["group_title"].to_list() == ["UK", None]
    assert done["tvg_id"].to_list() == ["1", None]
    assert [counts(done, index) for index in range(3)] == [(1, 1), (1, 1), (1, 1)]


def test_matched_and_changed_are_counted_apart() -> None:
    done = run(channels("a", "b", "A"), "name = a SET name = a", "name contains b DELETE url")
    assert counts(done, 0) == (2, 1)
    assert counts(done, 1) == (1, 0)


def test_a_row_set_to_and_fro_by_one_rule_is_not_changed() -> None:
    done = run(channels("a"), 'SET name = "b", group = "c", name = "a", group = ""')
    assert counts(done, 0) == (1, 0)
    assert done["channel_name"].to_list() == ["a"]


def test_counts_are_never_null() -> None:
    done = run(channels(None, ""), "number > 5 SET name = $group", "NOT name = a SET url = $name")
    counted = done.select(pl.col("^(matched|changed)\\..*$"))
    assert counted.null_count().sum_horizontal().item() == 0
    assert set(counted.schema.dtypes()) == {pl.Boolean()}


def test_what_no_rule_changed_comes_out_as_it_came() -> None:
    before = frame_of(
        Domain.CHANNEL, {"channel_name": "a", "group_title": ""}, {"channel_name": "b"}
    )
    done = run(before, "SET group = $tvg_id", "name = c SET name = d", "DELETE url")
    assert done.select(before.collect().columns).equals(before.collect())


def test_what_a_rule_emptied_is_missing() -> None:
    done = run(channels("a", group_title="x", tvg_id="y"), 'SET group = "" DELETE tvg_id')
    assert done["group_title"].to_list() == done["tvg_id"].to_list() == [None]


def test_columns_that_are_no_fields_stay_and_nothing_else_is_added() -> None:
    before = channels("a").with_columns(line=pl.lit(7))
    done = run(before, "name = a SET group = b")
    assert done.columns == [*before.collect_schema().names(), matched(0), changed(0)]
    assert done["line"].to_list() == [7]


def test_no_sentence_leaves_the_frame_alone() -> None:
    assert run(channels("a")).equals(channels("a").collect())


def test_an_empty_frame_stays_empty() -> None:
    done = run(channels(), 'name matches "(a)" SET group = "$1", url -= "$1"')
    assert done.height == 0


def test_nothing_is_collected_on_the_way() -> None:
    def fail(batch: pl.DataFrame) -> pl.DataFrame:
        raise AssertionError(batch)

    frame = channels("a").map_batches(fail, schema=channels().collect_schema())
    apply(frame, [sentence("name = a SET group = $name")], NOW)


def test_a_field_is_folded_once_for_all_conditions_on_it() -> None:
    texts = [f"name contains x{number} SET tvg_id = {number}" for number in range(20)]
    plan = apply(channels("a"), [sentence(text) for text in texts], NOW)
    assert plan.explain().count("lowercase") == 1


def test_a_text_without_letters_needs_no_folding() -> None:
    plan = apply(channels("a"), [sentence('name ends_with "+1" SET tvg_shift = 1')], NOW)
    assert "lowercase" not in plan.explain()


# --- captures --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ('name =~ "b(.)" OR name =~ "a(.)" SET url = "$1"', ["b", "x", None]),
        ('name =~ "(q)" OR name =~ "(?P<l>a)" SET url = "$1$0"', ["aa", "aa", None]),
        ('(name =~ "a(.)" AND group = y) OR name =~ "(a)" SET url = "$1"', ["a", "a", None]),
        ('name =~ "a" OR group = "g" SET url = "$0|"', ["a|", "a|", "|"]),
        ('name =~ "a(z)?" SET url = "$1-"', ["-", "-", None]),
        ('name =~ "(a)(.)" SET name = "$2", url = "$1$name"', ["ab", "ax", None]),
    ],
)
def test_captures_come_from_the_leftmost_pattern_that_held(
    text: str, outcome: list[str | None]
) -> None:
    done = run(channels("ab", "ax", "c", group_title="g"), text)
    assert done["stream_url"].to_list() == outcome


def test_very_many_alternatives_capture() -> None:
    alternatives = " OR ".join(f'name =~ "^({number})$"' for number in range(1500))
    done = run(channels("1499", "7", "x"), f'{alternatives} SET url = "$1"')
    assert done["stream_url"].to_list() == ["1499", "7", None]


def test_nested_alternatives_capture() -> None:
    depth = 40
    opened = 'name =~ "^x" OR (name =~ "y$" AND ('
    text = opened * depth + 'name =~ "(z)"' + "))" * depth + ' SET url = "$0"'
    done = run(channels("xa", "ay", "azy", "az"), text)
    assert done["stream_url"].to_list() == ["x", None, "y", None]


def test_each_group_has_its_own_condition_and_captures() -> None:
    done = run(
        channels("ab", "cb"),
        '(name =~ "a(.)" SET url = "1$1") AND (name =~ "c(.)" SET url = "2$1")'
        ' OR (url = "1b" SET group = "seen")',
    )
    assert done["stream_url"].to_list() == ["1b", "2b"]
    assert done["group_title"].to_list() == ["seen", None]
    assert counts(done, 0) == (2, 2)


# --- actions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("group ?= x", " \u00a0", "x"),
        ("group ?= x", "y", "y"),
        ("group += x", None, "x"),
        ('group += "$name"', "y", "y$"),
        ("group += $name", "y", "y$"),
        ("group -= ab", "aababb", "ab"),
        ("group -= $name", "a$b$", "ab"),
        ('group -= ""', "ab", "ab"),
        ("group -= $tvg_id", "ab", "ab"),
        ("group -= AB", "ab", "ab"),
    ],
)
def test_actions_do_as_the_manual_says(text: str, before: str | None, after: str) -> None:
    row = {"channel_name": "$", "group_title": before}
    done = run(frame_of(Domain.CHANNEL, row), text)
    assert done["group_title"].to_list() == [after]


@pytest.mark.parametrize(
    ("value", "after"),
    [("yes", "true"), ("0", "false"), ("$tvg_id", "true"), ("$tvg_name", None)],
)
def test_a_flag_is_true_false_or_missing(value: str, after: str | None) -> None:
    row: dict[str, str | None] = {"radio": "maybe", "tvg_id": " TRUE ", "tvg_name": "?"}
    done = run(frame_of(Domain.CHANNEL, row), f"SET radio = {value}")
    assert done["radio"].to_list() == [after]


def test_a_logo_is_its_address_or_waits_for_the_step_that_knows() -> None:
    rule = sentence("SET logo = @logo:x")
    assert rule.apply(channels("a"), NOW, LOGOS).collect()["tvg_logo"].item() == LOGOS["x"]
    assert rule.apply(channels("a"), NOW).collect()["tvg_logo"].item() == "@logo:x"


def test_now_is_the_time_of_the_build() -> None:
    done = run(channels("a"), 'SET name = "@time:now", url = "@time:now()"')
    assert done["channel_name"].item() == "2025-11-30T19:00:00Z"
    assert done["stream_url"].item() == "1764529200"


# --- several categories ----------------------------------------------------------------------


def with_categories(*texts: str) -> pl.LazyFrame:
    row = {"programme_category": SEPARATOR.join(texts) or None, "programme_season": "8"}
    return frame_of(Domain.PROGRAMME, row)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("genre = sport", True),
        ("genre = spo", False),
        ("genre starts_with ne", True),
        ("genre starts_with sport", True),
        ("genre ends_with rt", True),
        ("genre ends_with new", False),
        ('genre contains "ws sp"', False),
        ("genre case_sensitive = sport", False),
        ('genre =~ "^Sport$"', True),
        ("genre > 5", True),
        ("genre > 7", False),
        ("genre <= 7", True),
        ("genre < $season", True),
        ("genre > $season", False),
        ("genre not_contains sport", False),
        ("genre = ''", False),
    ],
)
def test_a_condition_holds_if_it_holds_for_any_category(condition: str, holds: bool) -> None:
    frame = with_categories("News", "Sport", "7")
    done = apply(frame, [sentence(condition, Domain.PROGRAMME, "filter")], NOW).collect()
    assert done[matched(0)].to_list() == [holds]


def test_no_category_is_one_that_is_empty() -> None:
    done = run(with_categories(), 'genre = "" SET genre = x', domain=Domain.PROGRAMME)
    assert done["programme_category"].to_list() == ["x"]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("SET genre = Film", ["Film"]),
        ("genre += '!'", ["News!", "Sport!"]),
        ("genre -= News", ["Sport"]),
        ("genre -= s", ["New", "Sport"]),
        ("genre -= $title", ["New", "Sport"]),
        ('genre =~ "S(..)" SET genre = "$1"', ["po"]),
        ('genre = "$genre"', ["News, Sport"]),
        ("genre ?= x", ["News", "Sport"]),
    ],
)
def test_actions_work_on_each_category(text: str, after: list[str]) -> None:
    frame = with_categories("News", "Sport").with_columns(programme_title=pl.lit("s"))
    done = run(frame, text, domain=Domain.PROGRAMME)
    assert done["programme_category"].item().split(SEPARATOR) == after


# --- the verdicts of filters -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdicts", "kept"),
    [
        ([], [1, 2, 3, 4]),
        ([("exclude", [1])], [2, 3, 4]),
        ([("include", [1])], [1]),
        ([("include", [1]), ("include", [3])], [1, 3]),
        ([("include", [1, 2]), ("exclude", [2, 3])], [1]),
        ([("exclude", [1, 2]), ("include", [2])], [2, 3, 4]),
        ([("include", []), ("exclude", [1])], []),
    ],
)
def test_filters_work_down_the_list(verdicts: list[tuple[str, list[int]]], kept: list[int]) -> None:
    rows = pl.DataFrame({"n": [1, 2, 3, 4]})
    applied = [(verdict, pl.col("n").is_in(numbers)) for verdict, numbers in verdicts]
    assert rows.filter(selected(applied))["n"].to_list() == kept
