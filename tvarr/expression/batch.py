"""Cases of JSON Lines: a sentence, a record and what comes of it, one answer a line.

Called by `tvarr expression eval --batch`, for tests of one's own rules and for other programs. A
case that is wrong in any way is answered as such; nothing that a line holds stops the others.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from tvarr.expression.check import Checked, check, problem_document
from tvarr.expression.evaluate import Misfit, Outcome, Record, RecordError, evaluate, read_record
from tvarr.expression.fields import Domain
from tvarr.expression.problems import Category
from tvarr.expression.times import read_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from typing import BinaryIO

    from tvarr.expression.problems import ExpressionProblem
    from tvarr.expression.sentence import SentenceKind

CHUNK = 500
"""Lines that are read before the first of them is answered; those alike run together."""
MAX_LINE = 2**20
"""Bytes of a case at most."""

DOMAINS = {
    word: domain
    for domain, words in (
        (Domain.CHANNEL, "channel channels"),
        (Domain.PROGRAMME, "programme programmes program programs"),
    )
    for word in words.split()
}
"""How a domain may be written."""
KINDS: dict[str, SentenceKind | None] = {
    "filter": "filter",
    "mapping": "rule",
    "rule": "rule",
    "auto": None,
}
"""How a kind may be written; a mapping is a rule."""

_Errors = list[dict[str, object]]


@dataclass(frozen=True)
class _Case:
    number: object
    checked: Checked
    record: Record
    now: datetime


@dataclass(frozen=True)
class _Refused:
    number: object
    errors: _Errors


class _CaseError(Exception):
    def __init__(self, *misfits: Misfit) -> None:
        super().__init__()
        self.misfits = misfits


def answers(lines: Iterable[bytes], now: datetime, logos: Mapping[str, str]) -> Iterator[str]:
    """Yield a line of JSON for each line that is not blank, in their order.

    A case is `{"id", "domain", "kind", "expression", "record", "now"}`, of which the expression is
    needed; an answer `{"id", "valid", "match", "record_after", "errors"}`. `now` is what sentences
    take for now where a case does not say.
    """
    reader = _Reader(now, logos)
    cases = (reader.read(line) for line in lines if line.strip())
    while chunk := list(islice(cases, CHUNK)):
        yield from map(_line, _answered(chunk, logos))


def lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a stream; of one that is too long only so much that it is seen to be."""
    while line := stream.readline(MAX_LINE + 1):
        yield line
        while len(line) > MAX_LINE and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE + 1)


def _answered(
    chunk: list[_Case | _Refused], logos: Mapping[str, str]
) -> Iterator[dict[str, object]]:
    """Answer some cases; those with the same sentence and time run as one frame."""
    alike: dict[tuple[int, datetime], list[int]] = defaultdict(list)
    for place, case in enumerate(chunk):
        if isinstance(case, _Case):
            alike[id(case.checked), case.now].append(place)
    outcomes: dict[int, Outcome | Misfit] = {}
    for places in alike.values():
        cases = [case for place in places if isinstance(case := chunk[place], _Case)]
        outcomes |= zip(places, _outcomes(cases, logos), strict=True)
    for place, case in enumerate(chunk):
        yield _document(case, outcomes.get(place))


def _outcomes(cases: list[_Case], logos: Mapping[str, str]) -> list[Outcome] | list[Misfit]:
    """Return what comes of cases with one sentence."""
    sentence, now = cases[0].checked.sentence, cases[0].now
    assert sentence is not None  # noqa: S101 - what is wrong was refused
    try:
        return evaluate(sentence, [case.record for case in cases], now, logos)
    except pl.exceptions.PolarsError as error:
        said = str(error).partition("\n")[0]
        return [Misfit(Category.VALUE, f"it cannot be evaluated: {said}")] * len(cases)


def _document(case: _Case | _Refused, outcome: Outcome | Misfit | None) -> dict[str, object]:
    errors: _Errors = case.errors if isinstance(case, _Refused) else []
    if isinstance(outcome, Misfit):
        errors = [_error(outcome)]
    came = outcome if isinstance(outcome, Outcome) else Outcome(match=False, after={})
    return {
        "id": case.number,
        "valid": not errors,
        "match": came.match,
        "record_after": dict(came.after),
        "errors": errors,
    }


def _line(document: dict[str, object]) -> str:
    line = json.dumps(document, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:  # half a letter, which only an escape can write
        return json.dumps(document)
    return line


# --- reading ---------------------------------------------------------------------------------


class _Reader:
    """Reads cases, and every sentence once."""

    def __init__(self, now: datetime, logos: Mapping[str, str]) -> None:
        self._now = now
        self._logos = logos
        self._check = lru_cache(maxsize=4 * CHUNK)(self._read_sentence)

    def read(self, line: bytes) -> _Case | _Refused:
        """Read a line."""
        number = None
        try:
            written = _object(line)
            number = written.get("id")
            return self._case(number, written)
        except _CaseError as error:
            return _Refused(number, [_error(misfit) for misfit in error.misfits])

    def _case(self, number: object, written: dict[str, Any]) -> _Case | _Refused:
        domain = _one_of(written, "domain", DOMAINS, Domain.CHANNEL)
        kind = _one_of(written, "kind", KINDS, None)
        expression, record = _member(written, "expression", str), written.get("record", {})
        if not isinstance(record, dict):
            raise _CaseError(Misfit(Category.SYNTAX, '"record" is not an object'))
        checked = self._check(expression, domain, kind)
        if checked.problems:
            return _Refused(number, [_problem(problem) for problem in checked.problems])
        try:
            read = read_record(record, domain)
        except RecordError as error:
            raise _CaseError(*error.misfits) from None
        return _Case(number, checked, read, _moment(written.get("now"), self._now))

    def _read_sentence(self, text: str, domain: Domain, kind: SentenceKind | None) -> Checked:
        return check(text, domain, kind, self._logos)


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > MAX_LINE:
        raise _CaseError(Misfit(Category.SYNTAX, f"the case has more than {MAX_LINE} bytes"))
    try:
        text = line.decode("utf-8-sig")  # the first line has a mark where some editors saved it
        written = json.loads(text, parse_constant=_refuse_constant, parse_float=_float)
    except UnicodeDecodeError:
        raise _CaseError(Misfit(Category.SYNTAX, "the case is not text in UTF-8")) from None
    except json.JSONDecodeError as error:
        message = f"the case is not JSON: {error.msg} at column {error.colno}"
        raise _CaseError(Misfit(Category.SYNTAX, message)) from None
    except (ValueError, RecursionError) as error:
        said = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise _CaseError(Misfit(Category.SYNTAX, f"the case is not JSON: {said}")) from None
    if not isinstance(written, dict):
        raise _CaseError(Misfit(Category.SYNTAX, "the case is not a JSON object"))
    return written


def _refuse_constant(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


def _member(written: dict[str, Any], name: str, kind: type) -> Any:
    if name not in written:
        raise _CaseError(Misfit(Category.SYNTAX, f'the case has no "{name}"'))
    if not isinstance(written[name], kind):
        raise _CaseError(Misfit(Category.SYNTAX, f'"{name}" is not a text'))
    return written[name]


def _one_of(written: dict[str, Any], name: str, known: Mapping[str, Any], default: Any) -> Any:
    if written.get(name) is None:
        return default
    word = written[name]
    if not isinstance(word, str) or word.lower() not in known:
        listed = ", ".join(known)
        raise _CaseError(Misfit(Category.SYNTAX, f'"{name}" is none of: {listed}'))
    return known[word.lower()]


def _moment(written: object, default: datetime) -> datetime:
    if written is None:
        return default
    moment = _instant(str(written)) if isinstance(written, str | int | float) else None
    if moment is None or isinstance(written, bool):
        wanted = "a time such as 2025-11-30T19:00:00Z or seconds since 1970"
        raise _CaseError(Misfit(Category.VALUE, f'"now" is not {wanted}'))
    return moment


@lru_cache(maxsize=CHUNK)
def _instant(text: str) -> datetime | None:
    try:
        return read_instant(text)
    except (ValueError, OverflowError):
        return None


def _error(misfit: Misfit) -> dict[str, object]:
    return {
        "category": misfit.category.value,
        "message": misfit.message,
        "line": None,
        "column": None,
        "suggestion": misfit.suggestion,
    }


def _problem(problem: ExpressionProblem) -> dict[str, object]:
    told = problem_document(problem)
    del told["length"]
    return told
