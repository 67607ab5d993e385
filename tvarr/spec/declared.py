"""The base of every model of the YAML, and the words for what does not fit a model.

Every model of `tvarr.spec` is a `Declared`. Errors raised here and in `tvarr.spec.values` hold
rules, never the value that broke them: `tvarr.config.wording` puts the value before the rule
where it may be shown, and `tvarr.config.load` adds file, line and column.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from pydantic_core import ErrorDetails

UNKNOWN_FIELD = "unknown_field"
"""The last part of the error's place is the key that is not known."""
MISSING_FIELD = "missing_field"
"""The last part of the error's place is the key that ought to be there."""
SENTENCE = "sentence"
"""The error's text is a whole sentence that holds the value; `rule` in its context does not."""
EXPRESSION = "expression"
"""The error is one of a rule's or filter's sentence; its text has the place in that sentence."""
UNSEEN = "unseen"
"""The error's text is a rule, and the value that broke it may be a credential: never shown."""


class Declared(BaseModel):
    """Base of all that stands in the YAML: frozen, unknown keys refused.

    A known key with nothing after it counts as not written, so that the last entry of a map can
    be commented out without touching its heading.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @model_validator(mode="wrap")
    @classmethod
    def _speak_of_fields(cls, given: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Drop empty keys; name the fields nearest to an unknown one, and what a missing one is."""
        if isinstance(given, Mapping):
            given = {k: v for k, v in given.items() if v is not None or k not in cls.model_fields}
        lacking = cls.lacking(given) if isinstance(given, Mapping) else []
        try:
            made = validate(given)
        except ValidationError as error:
            wrong = [_in_our_words(cls, details) for details in _without_echoes(cls, error)]
            raise ValidationError.from_exception_data(cls.__name__, wrong + lacking) from None
        refuse(lacking)
        return made

    @classmethod
    def lacking(cls, given: Mapping[str, Any]) -> list[InitErrorDetails]:  # noqa: ARG003
        """Return errors that concern several fields together; told beside those of the fields."""
        return []


def _without_echoes(model: type[BaseModel], error: ValidationError) -> list[ErrorDetails]:
    """Leave out what only repeats another error.

    That a field is missing where a misspelt one stands for it; that a list is too short of which
    no entry was taken.
    """
    found = error.errors()
    unknown = [str(d["loc"][0]) for d in found if _is_own(d, "extra_forbidden")]
    meant = "".join(did_you_mean(name, model.model_fields) for name in unknown)
    return [
        details
        for details in found
        if not (_is_own(details, "missing") and f'"{details["loc"][0]}"?' in meant)
        and not (details["type"] == "too_short" and _is_within(details["loc"], found))
    ]


def _is_within(place: tuple[int | str, ...], errors: Iterable[ErrorDetails]) -> bool:
    """Whether one of the errors is about something inside of the place."""
    return any(len(e["loc"]) > len(place) and e["loc"][: len(place)] == place for e in errors)


def _is_own(details: ErrorDetails, kind: str) -> bool:
    return len(details["loc"]) == 1 and details["type"] == kind


def _in_our_words(model: type[BaseModel], details: ErrorDetails) -> InitErrorDetails:
    place, kind, text = details["loc"], details["type"], details["msg"]
    if len(place) == 1 and kind == "extra_forbidden":
        kind, text = UNKNOWN_FIELD, _unknown(str(place[0]), model)
    elif len(place) == 1 and kind == "missing":
        kind, text = MISSING_FIELD, _missing(str(place[0]), model)
    return _error(place, kind, text, details["input"], details.get("ctx", {}))


def _unknown(name: str, model: type[BaseModel]) -> str:
    known = f"; known here: {', '.join(model.model_fields)}"
    return f'unknown field "{shorten(name)}"{did_you_mean(name, model.model_fields) or known}'


def stands_for(name: str, given: Iterable[object], model: type[BaseModel]) -> bool:
    """Whether one of the keys that nobody knows is written nearly like the field `name`."""
    unknown = [str(key) for key in given if key not in model.model_fields]
    return any(did_you_mean(key, model.model_fields).endswith(f'"{name}"?') for key in unknown)


def missing(name: str, model: type[BaseModel]) -> InitErrorDetails:
    """Return the error that a field of the model is not there."""
    return _error((name,), MISSING_FIELD, _missing(name, model), None, {})


def _missing(name: str, model: type[BaseModel]) -> str:
    examples = model.model_fields[name].examples
    advice = f"; write for example `{name}: {examples[0]}`" if examples else ""
    return f'"{name}" is missing{advice}'


def _error(
    place: tuple[int | str, ...], kind: str, text: str, value: object, context: dict[str, Any]
) -> InitErrorDetails:
    custom = PydanticCustomError(kind, "{text}", {**context, "text": text})
    return InitErrorDetails(type=custom, loc=place, input=value)


def mistake(
    place: tuple[int | str, ...], kind: str, value: object, text: str = ""
) -> InitErrorDetails:
    """Return an error of one of pydantic's kinds, or of ours with its text."""
    return _error(place, kind, text, value, {})


def sentence(place: tuple[int | str, ...], text: str, rule: str) -> InitErrorDetails:
    """Return an error at `place` that reads `text`, or `rule` where the value may not be seen."""
    return _error(place, SENTENCE, text, None, {"rule": rule})


def misread(place: tuple[int | str, ...], text: str) -> InitErrorDetails:
    """Return an error of the sentence at `place`, which may not be shown."""
    return _error(place, EXPRESSION, text, None, {})


def unseen(rule: str) -> PydanticCustomError:
    """Return an error that says `rule` and never shows the value."""
    return PydanticCustomError(UNSEEN, "{text}", {"text": rule})


def refuse(errors: list[InitErrorDetails]) -> None:
    """Raise all `errors` at once, if there are any."""
    if errors:
        raise ValidationError.from_exception_data("tvarr", errors)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `, did you mean "freeview"?` with the nearest of `known`, or nothing."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(word.lower()[:100], by_lower, n=1, cutoff=0.6)
    return f', did you mean "{by_lower[near[0]]}"?' if near else ""


def shorten(text: str, length: int = 60) -> str:
    """Return `text`, printable and with its end cut off where it is longer than `length`."""
    visible = "".join(letter if letter.isprintable() else " " for letter in text)
    return visible if len(visible) <= length else f"{visible[: length - 1]}…"


def refuse_one_name_twice(names: Iterable[str]) -> None:
    """Raise ValueError for two that are one, letter case and blanks aside: only one could count."""
    firsts: dict[str, str] = {}
    for name in names:
        first = firsts.setdefault(name.strip().casefold(), name)
        if first != name:
            raise ValueError(
                f'"{shorten(first)}" and "{shorten(name)}" are one name, letter case aside; '
                "take one of them out"
            )
