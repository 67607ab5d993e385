"""The words of the language, for editors that complete: fields, operators, actions, helpers.

Called by the web, which adds the presets and the values of fields. What the words mean is told in
the manual; here is one line for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.expression import fields
from tvarr.expression.fields import Kind
from tvarr.expression.language import Verb
from tvarr.expression.operators import SPELLINGS, Operator

if TYPE_CHECKING:
    from tvarr.expression.fields import Domain, Field

Entry = dict[str, object]

_OPERATORS = {
    Operator.EQUALS: "is this text",
    Operator.CONTAINS: "has this text somewhere in it",
    Operator.STARTS_WITH: "begins with this text",
    Operator.ENDS_WITH: "ends with this text",
    Operator.MATCHES: "has a place that fits this pattern",
    Operator.GREATER: "is a larger number, or a later time",
    Operator.GREATER_OR_EQUAL: "is as large, or larger",
    Operator.LESS: "is a smaller number, or an earlier time",
    Operator.LESS_OR_EQUAL: "is as small, or smaller",
}
_ACTIONS = {
    Verb.SET: ("=", "replaces the field"),
    Verb.SET_IF_EMPTY: ("?=", "replaces the field where it is empty"),
    Verb.APPEND: ("+=", "adds at the end of the field"),
    Verb.REMOVE: ("-=", "takes every occurrence out of the field"),
    Verb.DELETE: (None, "clears the field"),
}
_HELPERS = {
    "@logo:NAME": "the address of a logo of the YAML",
    "@time:now": "the time of the build, such as 2025-11-30T19:00:00Z",
    "@time:now()": "the time of the build in seconds since 1970",
    '@time:parse("…")': "a time in seconds since 1970",
    "@time:SECONDS": "seconds since 1970",
}
_WORDS = ("AND", "OR", "NOT", "case_sensitive", "true", "false")


def completion(domain: Domain) -> dict[str, object]:
    """Return all that may be written in a sentence of `domain`, as JSON has it."""
    return {
        "domain": domain.value,
        "fields": [_field(field) for field in fields.fields(domain)],
        "operators": [_operator(operator, text) for operator, text in _OPERATORS.items()],
        "actions": [
            {"name": verb.value, "shorthand": shorthand, "description": text}
            for verb, (shorthand, text) in _ACTIONS.items()
        ],
        "helpers": [{"name": name, "description": text} for name, text in _HELPERS.items()],
        "words": list(_WORDS),
    }


def _field(field: Field) -> Entry:
    return {
        "name": field.name,
        "aliases": list(field.aliases),
        "type": field.kind.value,
        "list": field.many,
        "writable": field.writable,
        "description": field.description,
    }


def _operator(operator: Operator, text: str) -> Entry:
    spellings = {
        negated: [word for word, means in SPELLINGS.items() if means == (operator, negated)]
        for negated in (False, True)
    }
    compared = (Kind.NUMBER, Kind.TIME) if operator.orders else (Kind.TEXT,)
    return {
        "name": operator.value,
        "synonyms": [word for word in spellings[False] if word != operator.value],
        "negated": spellings[True],
        "compares": [kind.value for kind in compared],
        "description": text,
    }
