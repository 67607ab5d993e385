"""What pydantic found wrong, as sentences for the person who wrote it.

Called by `tvarr.config.load` for the YAML and by `tvarr.config.settings` for flags and the
environment. A sentence says what is wrong and what to do; the value stands in it unless it may be
a credential.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from tvarr.logs import redact
from tvarr.spec.declared import (
    MISSING_FIELD,
    SENTENCE,
    UNKNOWN_FIELD,
    UNSEEN,
    did_you_mean,
    shorten,
)

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_RULES = {
    "string_type": "a text is needed here; put it in quotes",
    "int_type": "a whole number is needed here",
    "int_parsing": "a whole number is needed here",
    "int_parsing_size": "a smaller number is needed here",
    "int_from_float": "a whole number is needed here",
    "bool_type": "true or false is needed here",
    "bool_parsing": "true or false is needed here",
    "dict_type": "a map is needed here: keys with values, indented below",
    "model_type": "a map is needed here: keys with values, indented below",
    "tuple_type": "a list is needed here, like [a, b]",
    "too_short": "at least one is needed here",
    "greater_than_equal": "{ge} is the least that is possible here",
    "less_than_equal": "{le} is the most that is possible here",
}
"""By pydantic's type of error: the rule that was broken."""


def sentence_for(details: ErrorDetails, hidden: str | None = None) -> str:
    """Return what is wrong with a value and what to do.

    `hidden` is what may be shown instead of the value, such as `!secret token`.
    """
    kind, context = details["type"], details.get("ctx", {})
    if kind in (UNKNOWN_FIELD, MISSING_FIELD) or (kind == SENTENCE and not hidden):
        return redact(details["msg"])
    rule = _rule(kind, context, details)
    if hidden:
        return f"cannot use the value of {hidden}: {rule}"
    shown = None if kind == UNSEEN else show(details["input"])
    if kind == "literal_error" and shown and len(_choices(context)) > 1:
        rule += did_you_mean(str(details["input"]), _choices(context))
    return f"cannot use {shown}: {rule}" if shown else rule


def _rule(kind: str, context: dict[str, Any], details: ErrorDetails) -> str:
    if kind == SENTENCE:
        return str(context["rule"])
    if kind == "value_error":
        return str(context["error"])
    if kind == UNSEEN:
        return details["msg"]
    if kind == "literal_error":
        *others, last = _choices(context)
        return f"only {', '.join(others)}{' or ' if others else ''}{last} is possible here"
    return _RULES.get(kind, "another kind of value is needed here").format(**context)


def _choices(context: dict[str, Any]) -> list[str]:
    """`'lan' or 'open'` → lan, open."""
    return re.findall(r"'([^']*)'", str(context.get("expected", "")))


def show(value: object) -> str | None:
    """Return a plain value as it may stand in a message: short and redacted; None if it is none."""
    if isinstance(value, str):
        return json.dumps(shorten(redact(value)), ensure_ascii=False)
    if isinstance(value, bool | int | float):
        return shorten(json.dumps(value))
    return None
