"""One sentence over a few records that somebody has written down, instead of over a catalog.

Called by `tvarr expression eval`. A record is a JSON object: names or aliases of fields, with
texts, numbers, booleans, null, and lists where a field has several texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from tvarr.expression import fields, plan, suggest
from tvarr.expression.fields import SEPARATOR, TIME_FORMAT, Kind
from tvarr.expression.problems import Category
from tvarr.expression.times import read_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from tvarr.expression.fields import Domain, Field
    from tvarr.expression.sentence import Sentence

Texts = dict[str, str | None]
"""The texts of a record by the canonical names of fields, as a field frame has them."""
Value = str | list[str]


@dataclass(frozen=True)
class Misfit:
    """What is wrong with a record."""

    category: Category
    message: str
    suggestion: str | None = None


class RecordError(Exception):
    """A record holds what no record can; `misfits` has all of it."""

    def __init__(self, misfits: Sequence[Misfit]) -> None:
        super().__init__("; ".join(misfit.message for misfit in misfits))
        self.misfits = tuple(misfits)


@dataclass(frozen=True)
class Record:
    """What a sentence is tried on."""

    texts: Texts
    lists: frozenset[str] = frozenset()
    """The fields that were given as lists, and are answered as such."""


@dataclass(frozen=True)
class Outcome:
    """What came of one record."""

    match: bool
    after: Mapping[str, Value]
    """The fields that were changed, by canonical name; empty text is a field that was emptied."""


def read_record(given: Mapping[str, object], domain: Domain) -> Record:
    """Return a record of `domain` from what a JSON object holds.

    Raises:
        RecordError: a name is none of a field, a field is named twice, or a value fits no field.
    """
    texts: Texts = {}
    lists, misfits = set(), []
    for word, value in given.items():
        field = fields.resolve(word, domain)
        if field is None:
            misfits.append(_unknown(word, domain))
        elif field.name in texts:
            misfits.append(Misfit(Category.FIELD, f'the record has "{field.name}" twice'))
        else:
            texts[field.name], *wrong = _text_of(field, value)
            misfits += wrong
            lists |= {field.name} if isinstance(value, list) else set()
    if misfits:
        raise RecordError(misfits)
    return Record(texts, frozenset(lists))


def evaluate(
    sentence: Sentence,
    records: Sequence[Record],
    now: datetime,
    logos: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Return what `sentence` does to each record, in order, each as if it were alone."""
    names = [field.name for field in fields.fields(sentence.domain)]
    columns = {name: [record.texts.get(name) for record in records] for name in names}
    before = pl.DataFrame(columns, schema=dict.fromkeys(names, pl.String))
    after = plan.apply(before.lazy(), [sentence], now, logos).collect()
    written = list(dict.fromkeys(action.field.name for action in sentence.actions))
    rows = after.select(plan.matched(0), *written).iter_rows()
    return [
        Outcome(match, dict(_changes(record, zip(written, texts, strict=True))))
        for record, (match, *texts) in zip(records, rows, strict=True)
    ]


def _changes(
    record: Record, after: Iterable[tuple[str, str | None]]
) -> Iterator[tuple[str, Value]]:
    """Yield what differs; missing and empty are the same."""
    for name, new in after:
        text = new or ""
        if text != (record.texts.get(name) or ""):
            yield name, text.split(SEPARATOR) * bool(text) if name in record.lists else text


def _unknown(word: str, domain: Domain) -> Misfit:
    message = f'the record has "{word}", which is no field of a {domain.value}'
    return Misfit(Category.FIELD, message, suggest.nearest(word, fields.words(domain)))


def _text_of(field: Field, value: object) -> tuple[str | None, *tuple[Misfit, ...]]:
    """Return the text of a field from a JSON value, and what is wrong with that."""
    if isinstance(value, list) and field.many and all(map(_is_single, value)):
        texts = [text for text in map(_single, value) if text]
        return SEPARATOR.join(texts), *_unwritable(field, "".join(texts))
    if not _is_single(value):
        wanted = "text, number, true, false or null" + " or list of these" * field.many
        return None, Misfit(Category.VALUE, f'"{field.name}" of the record is no {wanted}')
    text = _single(value)
    if field.kind is Kind.TIME and text:
        text = _in_utc(text)
    return text, *_unwritable(field, text or "")


def _is_single(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _single(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):  # 1e16 is a number too
        return format(Decimal(repr(value)), "f")
    return None if value is None else str(value)


def _unwritable(field: Field, text: str) -> Iterator[Misfit]:
    """Yield what is wrong where JSON has half a letter (`"\\ud800"`), which no text can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        yield Misfit(Category.VALUE, f'"{field.name}" of the record holds no letters of Unicode')


def _in_utc(text: str) -> str:
    """Return a time as the catalog would have it; what is none stays as it is."""
    try:
        instant = read_instant(text)
    except (ValueError, OverflowError):
        instant = None
    return instant.strftime(TIME_FORMAT) if instant else text
