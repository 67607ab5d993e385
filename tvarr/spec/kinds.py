"""Which model a source or guide is read with: the one of its `kind`.

Used by `tvarr.spec.source` and `tvarr.spec.guide`. The kinds that tvarr comes with are known here
by their models; those of other packages come from `tvarr.spec.plugins`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import core_schema

from tvarr.spec.declared import did_you_mean, mistake, refuse, sentence, shorten

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue


Reader = Callable[[Mapping[str, Any]], BaseModel]
"""Reads a map; raises `ValidationError` for what does not fit."""


def no_more_kinds() -> Mapping[str, Reader]:
    """Return the kinds of other packages where there can be none."""
    return {}


class ByKind:
    """Beside a union of models in `Annotated`: reads a map with the model of its `kind`."""

    def __init__(
        self,
        what: str,
        *models: type[BaseModel],
        more: Callable[[], Mapping[str, Reader]] = no_more_kinds,
    ) -> None:
        """`what` is the word for the thing; `more` gives kinds that are known at run time only.

        It is called only where a kind is none of the models'.
        """
        self._what = what
        self._models = {str(_kind_of(model)): model for model in models}
        self._more = more

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return a schema that validates by kind; the JSON Schema is the union's."""
        return core_schema.no_info_wrap_validator_function(self._read, handler(source))

    def _read(self, given: Any, _union: object) -> BaseModel:
        if isinstance(given, BaseModel):
            return given
        if not isinstance(given, Mapping):
            refuse([mistake((), "model_type", given)])
        kind = given.get("kind")
        if kind is None:
            return self._likely(given).model_validate(given)
        if isinstance(kind, str) and kind in self._models:
            return self._models[kind].model_validate(given)
        more = self._more()
        if not isinstance(kind, str) or kind not in more:
            refuse([self._unknown(kind, list({**self._models, **more}))])
        return more[kind](given)

    def _likely(self, given: Mapping[str, Any]) -> type[BaseModel]:
        """Return the kind that most of the keys are of, to say that its name is missing."""
        return max(self._models.values(), key=lambda model: len(given.keys() & model.model_fields))

    def _unknown(self, kind: object, known: list[str]) -> Any:
        *others, last = known
        rule = f"only {', '.join(others)}{' or ' if others else ''}{last} is possible here"
        near = did_you_mean(str(kind), known) if len(known) > 1 else ""
        return sentence(("kind",), f'cannot use "{shorten(str(kind))}": {rule}{near}', rule)


class OrWord:
    """In `Annotated`: lets a word stand for a whole value."""

    def __init__(self, words: Mapping[str, object], otherwise: str) -> None:
        """`otherwise` says where what is none of the words may belong."""
        self._words = dict(words)
        self._rule = f"only {' or '.join(words)}, or a map, is possible here; {otherwise}"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Return a schema that takes a word or what the type itself takes."""
        return core_schema.no_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of both ways of writing."""
        return {"anyOf": [{"type": "string", "enum": list(self._words)}, handler(schema)]}

    def _read(self, given: Any) -> Any:
        if given is None or isinstance(given, Mapping | BaseModel):
            return given
        if not isinstance(given, str) or "://" in given:  # an address may hold a password
            refuse([sentence((), self._rule, self._rule)])
        if given not in self._words:
            refuse([sentence((), f'cannot use "{shorten(given)}": {self._rule}', self._rule)])
        return self._words[given]


def _kind_of(model: type[BaseModel]) -> object:
    """Return the one value that the `kind` of a model may have."""
    (kind,) = model.model_fields["kind"].annotation.__args__  # type: ignore[union-attr]
    return kind
