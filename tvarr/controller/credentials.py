"""What a declaration keeps secret, and how it stays so when a provider's answer repeats it.

`tvarr.logs.redact` knows what credentials look like in addresses. A provider also writes them into
error pages, JSON and rows ("Your account ann has ended"), and then only what was declared tells
that it is one. Used by `sources` for everything that goes into a status or a report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from tvarr.logs import HIDDEN, redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tvarr.errors import TvarrError
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.source import Fetched

SHORTEST: Final = 4
"""Letters of what is hidden: a shorter text stands in too many words by chance."""
SHORTEST_PART: Final = 8
"""Letters of a part of the path that may be a token."""


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

    def hide_in(self, report: IngestReport) -> IngestReport:
        """Return a report in which samples and header hold no credential."""
        samples = tuple(
            row.model_copy(update={"excerpt": self.hide(row.excerpt)}) for row in report.samples
        )
        header = {self.hide(name): self.hide(redact(text)) for name, text in report.header.items()}
        return report.model_copy(update={"samples": samples, "header": header})

    def hide_in_error(self, error: TvarrError) -> None:
        """Take them out of what the error says."""
        error.sentence = self.hide(error.sentence)
        error.args = (error.sentence,)


NOTHING_SECRET: Final = Credentials()


def credentials_of(spec: Fetched) -> Credentials:
    """Return what is secret in a source or guide: in its URL and in the values of its headers."""
    found = {text for text in _declared(spec) if len(text) >= SHORTEST}
    return Credentials(tuple(sorted(found, key=lambda text: (-len(text), text))))


def _declared(spec: Fetched) -> Iterator[str]:
    for value in spec.headers.values():
        yield from _with_words(value.get_secret_value())
    try:
        url = urlsplit(spec.url.get_secret_value())
    except ValueError:  # the fetch says so
        return
    if url.scheme.lower() not in ("http", "https"):
        return
    for text in (*url.netloc.rpartition("@")[0].split(":", 1), *_values(url.query)):
        yield from (text, unquote(text))
    yield from (part for part in url.path.split("/")[:-1] if len(part) >= SHORTEST_PART)


def _values(query: str) -> Iterator[str]:
    """Yield the values of a query as they stand there, and decoded."""
    yield from (part.partition("=")[2] for part in re.split("[&;]", query))
    yield from (value for _, value in parse_qsl(query))


def _with_words(value: str) -> Iterator[str]:
    """Yield a header's value; of `Bearer abc` also what follows the first word."""
    value = value.strip()
    yield value
    yield value.partition(" ")[2].strip()
