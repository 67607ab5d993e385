"""What a declaration keeps secret, and how it stays so when a provider's answer repeats it.

`tvarr.logs.redact` knows what credentials look like in addresses. A provider also writes them into
error pages, JSON and rows ("Your account ann has ended"), and then only what was declared tells
that it is one. Used by `sources` for everything that goes into a status or a report.
"""

from __future__ import annotations

import html
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from pydantic import BaseModel, SecretStr

from tvarr.errors import TvarrError
from tvarr.logs import HIDDEN, redact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tvarr.ingest.report import IngestReport

SHORTEST: Final = 4
"""Letters of what is hidden: a shorter text stands in too many words by chance."""
SHORTEST_PART: Final = 8
"""Letters of a part of the path that may be a token."""

MOST_NAMED: Final = 60
"""Parts of one address that a stranger chose: a guide's has ten, and each costs time for ever."""

_ADDRESSES: Final = ("url", "urls", "backup_urls")
"""Fields of which only parts are secret."""


@dataclass(frozen=True)
class Credentials:
    """The texts of one declaration that nobody should read. Goes to a child process as it is."""

    texts: tuple[str, ...] = field(default=(), repr=False)
    """The longest first, so that none is hidden by half."""

    def hide(self, text: str) -> str:
        """Return `text` without them; nor does it end with the beginning of one, cut short."""
        for secret in self.texts:
            text = text.replace(secret, HIDDEN)
        for secret in self.texts:
            for length in range(min(len(secret) - 1, len(text)), SHORTEST - 1, -1):
                if text.endswith(secret[:length]):
                    return text[:-length] + HIDDEN
        return text

    def and_of(self, addresses: Iterable[str]) -> Credentials:
        """Return these, and what is secret in further addresses."""
        if not addresses:
            return self
        named = (text for url in addresses for text in _in_named(url))
        return Credentials(_longest_first(_written(named) | {*self.texts}))

    def hide_in(self, report: IngestReport) -> IngestReport:
        """Return a report in which samples and header hold no credential."""
        samples = tuple(
            row.model_copy(update={"excerpt": self.hide(row.excerpt)}) for row in report.samples
        )
        header = {self.hide(name): self.hide(redact(text)) for name, text in report.header.items()}
        return report.model_copy(update={"samples": samples, "header": header})

    @contextmanager
    def kept_out_of_errors(self) -> Iterator[None]:
        """Clean every `TvarrError` that passes through."""
        try:
            yield
        except TvarrError as error:
            self.hide_in_error(error)
            raise

    def hide_in_error(self, error: TvarrError) -> None:
        """Take them out of what the error says."""
        error.sentence = self.hide(error.sentence)
        error.args = (error.sentence,)


NOTHING_SECRET: Final = Credentials()


def credentials_of(*specs: BaseModel | None) -> Credentials:
    """Return what is secret in declarations: user, password, tokens in addresses and headers."""
    declared = (text for spec in specs if spec is not None for text in _declared(spec))
    return Credentials(_longest_first(_written(declared)))


def _longest_first(texts: set[str]) -> tuple[str, ...]:
    return tuple(sorted(texts, key=lambda text: (-len(text), text)))


def _written(secrets: Iterable[str]) -> set[str]:
    """Return all forms of those that are long enough."""
    return {form for text in secrets if len(text) >= SHORTEST for form in _forms(text)}


def _forms(text: str) -> Iterator[str]:
    """Yield a text as it may stand in addresses, in HTML and in JSON.

    PHP's `json_encode` escapes the slash, and by default all that is not ASCII.
    """
    yield from (text, quote(text, safe=""), quote(text), quote_plus(text), html.escape(text))
    for ascii_only in (True, False):
        written = json.dumps(text, ensure_ascii=ascii_only)[1:-1]
        yield from (written, written.replace("/", "\\/"))


def _declared(value: object, field: str = "") -> Iterator[str]:
    """Yield the secret texts of a model's field, or of all its fields."""
    match value:
        case SecretStr() if field in _ADDRESSES:
            yield from _in_address(value.get_secret_value())
        case SecretStr():
            yield from _with_words(value.get_secret_value())
        case BaseModel():
            for name in type(value).model_fields:
                yield from _declared(getattr(value, name), name)
        case dict():
            for entry in value.values():
                yield from _declared(entry, field)
        case tuple() | list():
            for entry in value:
                yield from _declared(entry, field)


def _in_address(text: str) -> Iterator[str]:
    try:
        url = urlsplit(text)
    except ValueError:  # the fetch says so
        return
    if url.scheme.lower() in ("", "file"):
        return
    for part in (*url.netloc.rpartition("@")[0].split(":", 1), *_values(url.query)):
        yield from (part, unquote(part))
    yield from (part for part in url.path.split("/")[:-1] if len(part) >= SHORTEST_PART)


def _in_named(url: str) -> Iterator[str]:
    """Yield what is secret in an address that is public for the most part, as its host is."""
    host = url.partition("://")[2].partition("/")[0]
    secrets = (text for text in _in_address(url) if text not in host.rpartition("@")[2])
    yield from islice(secrets, MOST_NAMED)


def _values(query: str) -> Iterator[str]:
    """Yield the values of a query as they stand there, and decoded."""
    yield from (part.partition("=")[2] for part in re.split("[&;]", query))
    yield from (value for _, value in parse_qsl(query))


def _with_words(value: str) -> Iterator[str]:
    """Yield a secret as it is and as addresses have it; of `Bearer abc` also the second word."""
    value = value.strip()
    yield value
    yield value.partition(" ")[2].strip()
    yield from {quote(value), quote(value, safe=""), quote_plus(value)}
