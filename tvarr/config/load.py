"""How the YAML file gets in: read, put together, checked; everything wrong with it at once.

Called by the controller at each change of the file, and by `tvarr validate`. It never raises for
what stands in the file: the problems are part of the answer, and the caller keeps what it had.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic.json_schema import GenerateJsonSchema

from tvarr.config.scalars import locate
from tvarr.config.tree import BROKEN, Tree, read_tree
from tvarr.config.wording import sentence_for
from tvarr.logs import redact
from tvarr.spec.declared import EXPRESSION, MISSING_FIELD, UNKNOWN_FIELD, UNSEEN, refuse, shorten
from tvarr.spec.manifest import Manifest, misreferences
from tvarr.spec.sentences import wrong_sentences
from tvarr.state.conditions import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import ErrorDetails, core_schema

    from tvarr.config.document import Spot
    from tvarr.config.tree import Place
    from tvarr.spec.sentences import WrongSentence

MAX_PROBLEMS = 500
"""More are counted, not listed."""


@dataclass(frozen=True)
class Loaded:
    """The outcome of reading the YAML file once."""

    manifest: Manifest | None
    """None if, and only if, there are problems."""
    problems: tuple[Problem, ...]
    """In the order of the file; included files follow where they were read."""
    files: tuple[Path, ...]
    """Absolute paths of the files and folders a change of which changes the outcome.

    Those that were missing are among them: creating one is a change, too.
    """


def load_manifest(path: Path, environ: Mapping[str, str] = os.environ) -> Loaded:
    """Return what the YAML file at `path` declares, or everything that is wrong with it.

    `environ` is what `!env_var` sees. Reads local files only, within limits of size, depth and
    number; may take seconds for thousands of sources, so it is called in a thread.
    """
    tree = read_tree(path, environ)
    problems = [_problem(wrong.spot, place, str(wrong)) for place, wrong in tree.wrong]
    manifest = None
    if tree.data is None and not problems:
        problems.append(_nothing(tree))
    elif tree.data is not None and tree.data is not BROKEN:
        manifest, more = _validate(tree)
        problems += more
    return Loaded(
        manifest=None if problems else manifest,
        problems=_in_order(problems, tree),
        files=tuple(tree.files),
    )


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the YAML file as a person writes it.

    Editors complete and check by it; tags such as `!secret` are outside of what it can say.
    """
    schema = Manifest.model_json_schema(schema_generator=_AsWritten)
    return {"$schema": _AsWritten.schema_dialect, **schema, "title": "tvarr.yaml"}


class _AsWritten(GenerateJsonSchema):
    """Defaults as the YAML has them, no unknown names, no titles that only repeat the keys."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - pydantic's hook
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        written = super().default_schema(schema)
        write = _serialiser(schema["schema"])
        if write and "default" in schema:
            written["default"] = write(schema["default"])
        return written

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        written = super().dict_schema(schema)
        return written | ({"additionalProperties": False} if "patternProperties" in written else {})


def _serialiser(schema: Any) -> Callable[[Any], str] | None:
    """Return the function that writes a value of this schema as text, below its validators."""
    while "serialization" not in schema:
        if "schema" not in schema:
            return None
        schema = schema["schema"]
    function: Callable[[Any], str] | None = schema["serialization"].get("function")
    return function


def _nothing(tree: Tree) -> Problem:
    """Refuse an empty file: an editor or a failed copy may have cut it, and all would be pruned."""
    message = "nothing is declared; write `{}` if that is what you want"
    return _problem(tree.values[()], (), message)


def _validate(tree: Tree) -> tuple[Manifest | None, list[Problem]]:
    try:
        return Manifest.model_validate(tree.data), []
    except ValidationError as error:
        found = {details["loc"]: details for details in error.errors(include_url=False)}
    # names in proxies and sentences too, which pydantic looks at only if all else is right
    given = tree.data if isinstance(tree.data, dict) else {}
    try:
        refuse(misreferences(given))
    except ValidationError as error:
        found |= {details["loc"]: details for details in error.errors(include_url=False)}
    problems = [
        _translate(details, tree) for details in found.values() if details["type"] != EXPRESSION
    ]
    sentences = [_misread(wrong, tree) for wrong in wrong_sentences(given)]
    return None, [problem for problem in problems if problem] + sentences


def _misread(wrong: WrongSentence, tree: Tree) -> Problem:
    """Return the problem of a sentence, at its letter in the YAML; of a hidden one, its kind."""
    found, place = wrong.problem, wrong.place
    if place in tree.hidden or place not in tree.scalars:
        message = f"the sentence is wrong at line {found.line}, column {found.column} of it"
        if place in tree.hidden:
            message = f"cannot use the value of {tree.hidden[place]}: {message}"
        problem = _problem(tree.values[place], place, message)
        return problem.model_copy(update={"category": str(found.category)})
    before = wrong.text.split("\n")[: found.line - 1]
    start = min(sum(len(line) + 1 for line in before) + found.column - 1, len(wrong.text))
    located = locate(tree.scalars[place], tree.values[place].file, start, found.length)
    return _problem(located.spot, place, redact(found.message)).model_copy(
        update={
            "category": str(found.category),
            "excerpt": located.excerpt,
            "suggestion": redact(found.suggestion) if found.suggestion else None,
        }
    )


def _translate(details: ErrorDetails, tree: Tree) -> Problem | None:
    """Return the problem with its place in the files; None if that place is known to be broken."""
    kind, place, is_key = details["type"], details["loc"], False
    if place[-1:] == ("[key]",):
        place, is_key = place[:-1], True
    if is_key or kind == UNKNOWN_FIELD:
        shown = place[:-1] if kind in (UNKNOWN_FIELD, UNSEEN) else place
        return _problem(tree.keys[place], shown, sentence_for(details))
    if kind == MISSING_FIELD:
        return _missing(details, tree)
    if _at(place, tree.data) is BROKEN:
        return None
    return _problem(tree.values[place], place, sentence_for(details, tree.hidden.get(place)))


def _missing(details: ErrorDetails, tree: Tree) -> Problem:
    """Point at the key with nothing after it, else at the key of the map that lacks one."""
    place, parent = details["loc"], details["loc"][:-1]
    spot = tree.keys.get(place) or tree.keys.get(parent) or tree.values[parent]
    message = sentence_for(details)
    if place in tree.keys:
        message = message.replace(" is missing", " has nothing after it", 1)
    return _problem(spot, parent, message)


def _at(place: Place, data: Any) -> Any:
    for part in place:
        data = data[part]
    return data


def _problem(spot: Spot, place: Place, message: str) -> Problem:
    return Problem(
        file=spot.file, line=spot.line, column=spot.column, where=_where(place), message=message
    )


def _where(place: Place) -> str:
    """`("proxies", "family", "sources", 0)` → `proxies.family.sources[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{shorten(part)}" for part in place)
    return text.removeprefix(".")


def _in_order(problems: list[Problem], tree: Tree) -> tuple[Problem, ...]:
    files = dict.fromkeys(spot.file for spot in tree.values.values())
    rank = {file: index for index, file in enumerate(files)}
    once = dict.fromkeys(problems)
    listed = sorted(once, key=lambda p: (rank.get(p.file, len(rank)), p.line, p.column))
    if len(listed) <= MAX_PROBLEMS:
        return tuple(listed)
    rest = listed[MAX_PROBLEMS].model_copy(
        update={"where": "", "message": f"and {len(listed) - MAX_PROBLEMS} more problems"}
    )
    return (*listed[:MAX_PROBLEMS], rest)
