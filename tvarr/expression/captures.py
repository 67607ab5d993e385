"""Captures checked at load: each must be one that some pattern of the condition can supply.

Called by `tvarr.expression.reading`, for each condition with its actions.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tvarr.expression import fields, patterns, suggest
from tvarr.expression.language import Action, Condition, capture_sources
from tvarr.expression.problems import Category
from tvarr.expression.values import Capture, Copy, Key, Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tvarr.expression.assignments import Written
    from tvarr.expression.fields import Field
    from tvarr.expression.lookup import Lookup


def settle(
    lookup: Lookup, condition: Condition | None, written: Sequence[Written]
) -> tuple[Action, ...]:
    """Return the actions, and note what they capture in vain.

    `${name}` that no pattern has is the field of that name.
    """
    try:
        known = _capturable(condition) if condition else set()
    except patterns.PatternError:  # told already; what it would capture nobody knows
        return tuple(one.action for one in written)
    copied: dict[Key, Field] = {}
    for one in written:
        for key in one.action.value.captures:
            named = fields.resolve(key, lookup.domain) if isinstance(key, str) else None
            if key in known:
                continue
            if named:
                copied[key] = named
            else:
                lookup.findings.add(Category.VALUE, *one.place, *_impossible(key, known))
    return tuple(_copying(one.action, copied) for one in written)


def _copying(action: Action, copied: dict[Key, Field]) -> Action:
    """Return the action with some of its captures taken for fields."""
    parts = [
        Copy(copied[part.key]) if isinstance(part, Capture) and part.key in copied else part
        for part in action.value.parts
    ]
    return replace(action, value=Value(tuple(parts)))


def _capturable(condition: Condition) -> set[Key]:
    keys: set[Key] = set()
    for source in capture_sources(condition):
        names = patterns.groups(source.comparison.pattern)
        keys |= {0, *range(1, len(names) + 1), *(name for name in names if not name.isdecimal())}
    return keys


def _impossible(key: Key, known: set[Key]) -> tuple[str, str | None]:
    name = f"${key}" if isinstance(key, int) else f"${{{key}}}"
    if not known:
        return f"{name} is never captured: no condition here matches a pattern", None
    names = [f"${{{other}}}" for other in sorted(map(str, known)) if not other.isdecimal()]
    groups = max((other for other in known if isinstance(other, int)), default=0)
    most = "no group" if not groups else "one group" if groups == 1 else f"{groups} groups"
    message = f"{name} is never captured: the patterns here have {most} at most"
    return message, suggest.nearest(name, names) if isinstance(key, str) else None
