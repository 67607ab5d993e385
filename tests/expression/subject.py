"""Runs sentences of `tvarr.expression` over records, in the shapes that the tables have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from tests.expression.cases import LOGOS, NOW, Expected
from tvarr.expression import fields
from tvarr.expression.fields import Domain
from tvarr.expression.plan import apply, changed, matched
from tvarr.expression.problems import ExpressionError, ExpressionProblem
from tvarr.expression.sentence import Sentence, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.expression.cases import Record
    from tvarr.expression.sentence import SentenceKind


Run = tuple[list[tuple[bool, bool]], dict[str, str]]
"""Whether each sentence matched and changed a record, and its texts in the end."""


def read(text: str, domain: str = "channel", kind: SentenceKind = "rule") -> Sentence:
    """Parse a sentence that may name the logos of the tables."""
    return parse(text, Domain(domain), kind=kind, logos=LOGOS)


def problems(text: str, domain: str, kind: SentenceKind) -> tuple[ExpressionProblem, ...]:
    """Return what is wrong with a sentence; nothing if it is right."""
    try:
        read(text, domain, kind)
    except ExpressionError as error:
        return error.problems or pytest.fail("refused without a reason")
    return ()


def frame_of(records: Sequence[Record], domain: str) -> pl.DataFrame:
    """Return a field frame of some records."""
    names = [field.name for field in fields.fields(Domain(domain))]
    unknown = {name for record in records for name in record} - {*names}
    assert not unknown, unknown
    columns = {name: [record.get(name) for record in records] for name in names}
    return pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))


def outcomes(sentence: Sentence, records: Sequence[Record]) -> list[Expected]:
    """Return what a sentence does to each record, and hold its own counts against that."""
    before = frame_of(records, sentence.domain)
    after = sentence.apply(before.lazy(), NOW, LOGOS).collect()
    assert after.columns == [*before.columns, matched(0), changed(0)]
    told = zip(after[matched(0)], after[changed(0)], strict=True)
    rows = zip(records, before.iter_rows(named=True), after.iter_rows(named=True), strict=True)
    found = []
    for (record, old, new), (match, touched) in zip(rows, told, strict=True):
        texts = {name: new[name] or "" for name in old if (new[name] or "") != (old[name] or "")}
        assert touched == bool(texts)
        found.append(Expected(record, match, texts))
    return found


def in_one_plan(sentences: Sequence[Sentence], records: Sequence[Record], domain: str) -> list[Run]:
    """Return for each record what each sentence of a plan counts, and the texts at the end."""
    before = frame_of(records, domain)
    after = apply(before.lazy(), sentences, NOW, LOGOS).collect()
    found: list[Run] = []
    for old, new in zip(before.iter_rows(named=True), after.iter_rows(named=True), strict=True):
        texts = {name: new[name] or "" for name in old}
        counts = [(new[matched(n)], new[changed(n)]) for n in range(len(sentences))]
        found.append((counts, texts))
    return found


def verdicts(sentence: Sentence, records: Sequence[Record]) -> list[bool]:
    """Return where the bare condition holds; it is never null."""
    frame = frame_of(records, sentence.domain)
    held = frame.select(held=pl.lit(value=True) & sentence.condition_at(NOW, LOGOS))["held"]
    assert held.null_count() == 0
    # a condition without any field is one value, not one for each row
    return held.to_list() * (len(records) if len(held) == 1 else 1)
