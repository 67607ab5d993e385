"""What a sentence would match and change in the snapshots there are now; nothing is changed.

Called by `tvarr expression preview` and by the web. A row is looked at as its provider sent it: the
rules of proxies have not run. Rows are read part by part, see `tvarr.pipeline.current`, and of each
part only the columns that the sentence speaks of.

Addresses of streams may hold credentials, so nothing that is taken out of one is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import polars as pl

from tvarr.expression import plan
from tvarr.expression.fields import SEPARATOR, Domain
from tvarr.expression.language import Verb, capture_sources
from tvarr.expression.values import Copy
from tvarr.logs import HIDDEN, redact
from tvarr.pipeline.current import SECRET, parts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from tvarr.expression.language import Action
    from tvarr.expression.sentence import Sentence
    from tvarr.pipeline.current import Given

_LONGEST = 300
"""Letters of a text that are shown."""

_IDENTITY = {
    Domain.CHANNEL: ("source_name", "channel_name", "group_title"),
    Domain.PROGRAMME: ("source_name", "channel_name", "programme_start", "programme_title"),
}
"""What tells a person which row it is."""


@dataclass(frozen=True)
class Example:
    """A row that the sentence is about."""

    row: dict[str, str]
    """What tells which one it is, by field; as it was before."""
    before: dict[str, str]
    """Of a rule the fields that it changes on this row, of a filter those that it reads."""
    after: dict[str, str]
    """Those fields afterwards."""


@dataclass(frozen=True)
class Preview:
    """What came of it."""

    rows: int
    matched: int
    changed: int
    examples: tuple[Example, ...]
    """The first rows that a rule changes, or that a filter matches."""


def preview(
    sentence: Sentence,
    given: Given,
    now: datetime,
    logos: Mapping[str, str],
    limit: int,
    stop: Callable[[], bool] = bool,
) -> Preview:
    """Run `sentence` over all channels of the sources, or all programmes of the guides.

    Raises:
        GivenUpError: `stop` said so, between two parts.
    """
    found = Preview(0, 0, 0, ())
    shown = _Shown.of(sentence)
    for part in parts(sentence.domain, given, stop):
        kept = [pl.col(name).alias(f"was.{name}") for name in shown.names]
        frame = plan.apply(part.with_columns(kept), [sentence], now, logos)
        wanted = plan.changed(0) if sentence.actions else plan.matched(0)
        counted, rows = pl.collect_all(
            [
                frame.select(
                    pl.len(), pl.col(plan.matched(0)).sum(), pl.col(plan.changed(0)).sum()
                ),
                frame.filter(wanted)
                .head(limit - len(found.examples))
                .select(*(f"was.{name}" for name in shown.names), *shown.names),
            ]
        )
        height, matched, changed = counted.row(0)
        found = replace(
            found,
            rows=found.rows + height,
            matched=found.matched + matched,
            changed=found.changed + changed,
            examples=(*found.examples, *map(shown.example, rows.iter_rows(named=True))),
        )
    return found


def document(found: Preview) -> dict[str, object]:
    """Return the answer of `--json` and of HTTP."""
    return {
        "rows": found.rows,
        "matched": found.matched,
        "changed": found.changed,
        "examples": [
            {"row": example.row, "before": example.before, "after": example.after}
            for example in found.examples
        ],
    }


# --- what is shown ---------------------------------------------------------------------------


@dataclass(frozen=True)
class _Shown:
    """Which fields of a row are shown, and which of them cannot be."""

    domain: Domain
    fields: tuple[str, ...]
    """Those that a rule writes or a filter reads."""
    rule: bool
    hidden: frozenset[str]
    """Those that hold something out of a secret field afterwards."""

    @classmethod
    def of(cls, sentence: Sentence) -> _Shown:
        written = [action.field.name for action in sentence.actions]
        named = written or [comparison.field.name for comparison in sentence.comparisons]
        return cls(
            sentence.domain,
            tuple(dict.fromkeys(named)),
            rule=bool(written),
            hidden=frozenset(_derived(sentence)),
        )

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*_IDENTITY[self.domain], *self.fields)))

    def example(self, row: dict[str, str | None]) -> Example:
        before = {name: row[f"was.{name}"] or "" for name in self.names}
        after = {name: row[name] or "" for name in self.fields}
        told = [name for name in self.fields if not self.rule or before[name] != after[name]]
        return Example(
            {name: _legible(name, before[name]) for name in _IDENTITY[self.domain]},
            {name: _legible(name, before[name]) for name in told},
            {
                name: HIDDEN if name in self.hidden and after[name] else _legible(name, after[name])
                for name in told
            },
        )


def _legible(name: str, text: str) -> str:
    """Return what may be shown of a field's text."""
    if name in SECRET:
        return _host(text)
    shown = redact(text.replace(SEPARATOR, ", "))
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]} …"


def _host(address: str) -> str:
    """Return the host of an address, and nothing that comes before or after it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        host = None
    if not address or not host:
        return HIDDEN * bool(address)
    return f"{parts.scheme}://{host}/{HIDDEN}"


def _derived(sentence: Sentence) -> set[str]:
    """Return the fields that hold something out of a secret one when the sentence is done."""
    tainted: set[str] = set()
    for branch in sentence.branches:
        captured = any(
            source.comparison.field.name in SECRET | tainted
            for source in capture_sources(branch.condition)
        )
        for action in branch.actions:
            if _takes_out(action, SECRET | tainted, captured=captured):
                tainted.add(action.field.name)
    return tainted


def _takes_out(action: Action, secret: frozenset[str] | set[str], *, captured: bool) -> bool:
    """Whether an action makes text out of a secret field, or alters one so that it may show."""
    if action.field.name in SECRET and action.verb in (Verb.APPEND, Verb.REMOVE):
        return True
    copies = any(isinstance(p, Copy) and p.field.name in secret for p in action.value.parts)
    return copies or (captured and bool(action.value.captures))
