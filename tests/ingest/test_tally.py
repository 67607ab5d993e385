"""Bad rows are all counted, and the first of them shown."""

from __future__ import annotations

from tvarr.ingest.report import SAMPLES
from tvarr.ingest.tally import Tally


def test_rows_are_counted_by_problem_and_sampled_in_the_order_they_were_met() -> None:
    tally = Tally()
    tally.reject(7, "no URL", "#EXTINF:-1,A")
    tally.repair(2, "quotes", '"http://stream.invalid/1"')
    tally.reject(9, "no URL", "#EXTINF:-1,B")
    report = tally.report(channels=5, header={"a": "b"})
    assert (report.channels, report.header) == (5, {"a": "b"})
    assert (report.rejected, report.repaired) == ({"no URL": 2}, {"quotes": 1})
    assert [(sample.line, sample.problem) for sample in report.samples] == [
        (7, "no URL"),
        (2, "quotes"),
        (9, "no URL"),
    ]


def test_samples_are_few_short_and_without_secrets() -> None:
    tally = Tally()
    for line in range(SAMPLES + 5):
        tally.reject(line, "no entry", f"http://user:secret@h.invalid/?token=secret&{'x' * 500}")
    report = tally.report(channels=0, header={})
    assert len(report.samples) == SAMPLES
    assert all(len(s.excerpt) <= 120 and "secret" not in s.excerpt for s in report.samples)


def test_problems_stand_in_one_order_whatever_was_met_first() -> None:
    tallies = [Tally(), Tally()]
    for tally, problems in zip(tallies, ("ab", "ba"), strict=True):
        for problem in problems:
            tally.reject(1, problem, "")
    orders = [list(tally.report(0, {}).rejected) for tally in tallies]
    assert orders == [["a", "b"], ["a", "b"]]


def test_the_count_of_a_later_part_is_added_behind() -> None:
    first, second = Tally(), Tally()
    first.reject(1, "a", "one")
    for line in range(SAMPLES):
        second.reject(line, "a", "two")
    first.add(second)
    report = first.report(0, {})
    assert report.rejected == {"a": SAMPLES + 1}
    assert [s.excerpt for s in report.samples] == ["one", *["two"] * (SAMPLES - 1)]
