"""Rules and filters as the YAML declares them, and the steps of a proxy that they become.

`tvarr.config.load` asks for what is wrong with the sentences, the controller for the steps of each
proxy, and the pipeline for the sentence of each step. What a sentence means is left to
`tvarr.expression`, which is heavy: it is loaded only where there is a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, WithJsonSchema, model_validator

from tvarr.catalog import logo_ids
from tvarr.logs import redact
from tvarr.spec.addresses import check_logo
from tvarr.spec.declared import Declared, refuse, sentence
from tvarr.spec.server import DEFAULT_PORT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Self

    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from tvarr.expression.fields import Domain
    from tvarr.expression.problems import ExpressionProblem
    from tvarr.expression.sentence import Sentence
    from tvarr.spec.manifest import Manifest
    from tvarr.spec.proxy import Proxy
    from tvarr.spec.source import Source

AppliesTo = Literal["channels", "programmes"]
Verdict = Literal["rule", "include", "exclude"]
Kind = Literal["rule", "filter"]

# --- what the YAML has -----------------------------------------------------------------------


_UNDER_DO = "the sentence of a rule stands below it, after `do:`"


class Rule(Declared):
    """A sentence that changes rows."""

    applies_to: AppliesTo = "channels"
    """What it is about: `channels` or `programmes`."""

    do: str
    """The sentence: a condition and actions, see the manual of the language."""

    about: str | None = None
    """What it is for, in your own words."""

    @model_validator(mode="before")
    @classmethod
    def _is_no_text_alone(cls, given: Any) -> Any:
        if isinstance(given, str):
            refuse([sentence((), _UNDER_DO, _UNDER_DO)])
        return given


class Filter(Declared):
    """A condition that rows are chosen by; it may be written as just its text."""

    applies_to: AppliesTo = "channels"
    """What it is about: `channels` or `programmes`."""

    where: str
    """The condition, see the manual of the language."""

    about: str | None = None
    """What it is for, in your own words."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        return {"where": given} if isinstance(given, str) else given


class _OrText:
    """Lets the JSON Schema allow for a filter's text alone."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the schema of both ways of writing."""
        return {"anyOf": [{"type": "string"}, handler(schema)]}


WrittenFilter = Annotated[Filter, _OrText]
"""A filter as the YAML may have it."""


_ONE_OF_BOTH = "write exactly one of both here: `include: NAME` or `exclude: NAME`"


class Selection(Declared):
    """One entry of a proxy's filters: a filter's name, and what becomes of the rows it is about."""

    include: str | None = None
    """Name of the filter whose rows are added."""

    exclude: str | None = None
    """Name of the filter whose rows are taken out."""

    @model_validator(mode="before")
    @classmethod
    def _is_no_name_alone(cls, given: Any) -> Any:
        if isinstance(given, str):
            refuse([sentence((), _ONE_OF_BOTH, _ONE_OF_BOTH)])
        return given

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if (self.include is None) == (self.exclude is None):
            refuse([sentence((), _ONE_OF_BOTH, _ONE_OF_BOTH)])
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say that exactly one key is needed."""
        written = handler.resolve_ref_schema(handler(schema))
        written["oneOf"] = [{"required": [name]} for name in cls.model_fields]
        return written

    @property
    def verdict(self) -> Literal["include", "exclude"]:
        """Which of both it is."""
        return "exclude" if self.include is None else "include"

    @property
    def name(self) -> str:
        """The name of the filter."""
        return self.include or self.exclude or ""


Picture = Annotated[
    str,
    AfterValidator(check_logo),
    WithJsonSchema({"type": "string", "minLength": 1}),
]
"""The address of a picture, as it is written into playlists, or a file of this machine."""

# --- what is wrong with the sentences --------------------------------------------------------


@dataclass(frozen=True)
class WrongSentence:
    """One problem of one sentence of the YAML."""

    place: tuple[str, ...]
    """Of its text, such as `("rules", "tidy", "do")`."""
    text: str
    problem: ExpressionProblem


_SECTIONS: tuple[tuple[Kind, str, str], ...] = (
    ("rule", "rules", "do"),
    ("filter", "filters", "where"),
)
"""What a section of the manifest declares, and the key of its sentences."""


def wrong_sentences(given: Mapping[str, Any]) -> Iterator[WrongSentence]:
    """Yield all that is wrong with rules and filters, whether a proxy has them or not.

    `given` is a manifest's fields, or what the YAML holds in their place: anything that is not of
    the right shape is passed over, so that sentences are checked even when other fields are wrong.
    Where the section of the logos cannot be read or is misspelt, any logo may be named.
    """
    from tvarr.spec.manifest import is_misspelt  # which is made of the models here

    logos = given.get("logos") or {}
    is_known = isinstance(logos, Mapping) and not is_misspelt("logos", given)
    names = frozenset(map(str, logos)) if is_known else None
    for kind, section, key in _SECTIONS:
        declared = given.get(section)
        for name, written in declared.items() if isinstance(declared, Mapping) else ():
            text, applies_to = _field(written, key), _field(written, "applies_to", "channels")
            if isinstance(text, str) and applies_to in ("channels", "programmes"):
                place = (section, name) if isinstance(written, str) else (section, name, key)
                for problem in _problems(text, applies_to, kind, names):
                    yield WrongSentence(place, text, problem)


def _field(written: object, key: str, default: object = None) -> object:
    if isinstance(written, str):
        return written if key == "where" else default
    if isinstance(written, Mapping):
        return default if written.get(key) is None else written[key]
    return getattr(written, key, default)


class _Anything(frozenset[str]):
    """The names of a section that cannot be read: any name may stand there."""

    def __contains__(self, name: object) -> bool:
        return True


@lru_cache(maxsize=10_000)
def _problems(
    text: str, applies_to: str, kind: Kind, logos: frozenset[str] | None
) -> tuple[ExpressionProblem, ...]:
    """Return all that is wrong with a sentence; with `logos` None, any logo may be named."""
    from tvarr.expression.fields import Domain
    from tvarr.expression.problems import Category, ExpressionError
    from tvarr.expression.sentence import parse

    domain = Domain(applies_to.removesuffix("s"))
    known = _Anything() if logos is None else logos
    try:
        _parsed(text, domain, kind, mentioned(known, [text]))
    except ExpressionError as error:
        if all(problem.category is not Category.HELPER for problem in error.problems):
            return error.problems
    else:
        return ()
    try:  # with all logos, to know which one was meant
        parse(text, domain, kind=kind, logos=known)
    except ExpressionError as error:
        return error.problems
    return ()


# --- the steps of a proxy --------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One rule or filter of a proxy, with its text."""

    name: str
    """As the proxy has it: `tidy`, `preset/no-adult`."""
    verdict: Verdict
    domain: Domain
    text: str

    def sentence(self, logos: Collection[str]) -> Sentence:
        """Return its sentence, read once in a process; `logos` has the names that are declared."""
        kind: Kind = "rule" if self.verdict == "rule" else "filter"
        return _parsed(self.text, self.domain, kind, mentioned(logos, [self.text]))


@lru_cache(maxsize=10_000)
def _parsed(text: str, domain: Domain, kind: Kind, logos: frozenset[str]) -> Sentence:
    from tvarr.expression.sentence import parse

    return parse(text, domain, kind=kind, logos=logos)


_LOGO = re.compile(r"(?ai)@logo:([\w-]+)")
"""Finds at least the names that `tvarr.expression` reads, which are of ASCII letters too."""


def mentioned(logos: Iterable[str], texts: Iterable[str]) -> frozenset[str]:
    """Return those of `logos` that a text speaks of."""
    names = {name for text in texts for name in _LOGO.findall(text)}
    return frozenset(names.intersection(logos)) if names else frozenset()


def steps_of(manifest: Manifest, proxy: Proxy) -> tuple[Step, ...]:
    """Return the proxy's rules in order, then its filters in order, of both domains."""
    if not proxy.rules and not proxy.filters:
        return ()
    from tvarr.spec.presets import preset_filters, preset_rules

    rules = {**preset_rules(), **manifest.rules}
    filters = {**preset_filters(), **manifest.filters}
    listed = [_step(name, "rule", rules[name].applies_to, rules[name].do) for name in proxy.rules]
    for selection in proxy.filters:
        chosen = filters[selection.name]
        listed.append(_step(selection.name, selection.verdict, chosen.applies_to, chosen.where))
    return tuple(listed)


def _step(name: str, verdict: Verdict, applies_to: AppliesTo, text: str) -> Step:
    from tvarr.expression.fields import Domain

    return Step(name, verdict, Domain(applies_to.removesuffix("s")), text)


# --- what the sentences may know of a source -------------------------------------------------


@dataclass(frozen=True)
class Origin:
    """A source as sentences see it, without credentials."""

    name: str
    type: str
    """Its kind, such as `m3u`."""
    url: str
    """Scheme, host, port and path; a path as it is written."""


def origin(name: str, source: Source) -> Origin:
    """Return what sentences may know of the source called `name`."""
    url = _place(source)
    parts = urlsplit(url)
    if parts.scheme:
        url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return Origin(name, source.kind, redact(url))


def _place(source: Source) -> str:
    """Return the first address of a source, or what it has in the place of one."""
    if addresses := getattr(source, "addresses", ()):
        first: str = addresses[0].get_secret_value()
        return first
    return str(getattr(source, "address", getattr(source, "path", "")))


# --- what a proxy's sentences are made of ------------------------------------------------------


@dataclass(frozen=True)
class Sentences:
    """All that a proxy's rules and filters depend on, besides the rows."""

    steps: tuple[Step, ...] = ()
    """Its rules in order, then its filters in order."""
    logos: tuple[tuple[str, str], ...] = ()
    """Name and address of each declared logo that a step speaks of."""
    origins: tuple[Origin, ...] = ()
    """What the steps may know of its sources, first one first in priority."""


def is_file(picture: str) -> bool:
    """Whether a picture of the YAML is a file of this machine, which players get from tvarr."""
    return not picture.lower().startswith(("http://", "https://"))


def logo_addresses(manifest: Manifest) -> dict[str, str]:
    """Return where players find each picture of the YAML, by its name.

    Where no `base_url` is declared, what is served puts the address of each request in its place.
    """
    base_url = manifest.server.reached_at(manifest.server.port or DEFAULT_PORT)
    return {
        name: logo_ids.address(base_url, logo_ids.declared_id(name))
        if is_file(picture)
        else picture
        for name, picture in manifest.logos.items()
    }


def sentences_of(manifest: Manifest, proxy: Proxy) -> Sentences:
    """Return what the proxy's rules and filters are made of."""
    steps = steps_of(manifest, proxy)
    spoken_of = mentioned(manifest.logos, (step.text for step in steps))
    return Sentences(
        steps,
        tuple(item for item in logo_addresses(manifest).items() if item[0] in spoken_of),
        tuple(origin(name, manifest.sources[name]) for name in proxy.sources),
    )
