"""Sentences over HTTP: checked, tried on what was last read, and completed. Nothing is changed.

The answers are those of `tvarr expression …`. Work runs in two threads of its own, so that whoever
tries a heavy sentence does not keep players from their playlists; few requests may wait for them.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from aiohttp import web

from tvarr.errors import MisusedError
from tvarr.web.body import json_object
from tvarr.web.view import VIEW

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping

    from tvarr.expression.check import Checked
    from tvarr.expression.fields import Domain
    from tvarr.pipeline.current import Given
    from tvarr.spec.sentences import Filter, Rule
    from tvarr.web.view import View

    Stop = Callable[[], bool]
    Work = Callable[[View, Mapping[str, Any], Stop], dict[str, object]]

T = TypeVar("T")

LONGEST_BODY = 96 * 2**10
"""Bytes; a sentence may have 64 KiB, and JSON needs escapes."""
MOST_ROWS, MOST_VALUES = 100, 500
MOST_ACTIONS = 200
"""What a preview takes: planning more of them takes too long."""
WORKERS, QUEUE = 2, 8
LONGEST_WAIT = 30.0
"""Seconds after which a request stops waiting, and its work ends with the part at hand."""


class Bench:
    """Threads for sentences, and a count of who waits for them."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(WORKERS, thread_name_prefix="expression")
        self._places = threading.BoundedSemaphore(WORKERS + QUEUE)

    async def run(self, function: Callable[[Stop], T]) -> T:
        """Return what `function` returns, which is given a way to ask whether it may stop.

        Raises:
            HTTPServiceUnavailable: too many wait already, or it took too long.
        """
        if not self._places.acquire(blocking=False):
            raise _busy()
        given_up = threading.Event()
        work = self._threads.submit(function, given_up.is_set)
        work.add_done_callback(lambda _: self._places.release())
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                return await asyncio.wrap_future(work)
        except TimeoutError:
            raise _busy() from None
        finally:
            given_up.set()

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)


BENCH = web.AppKey("bench", Bench)


async def own_bench(app: web.Application) -> AsyncIterator[None]:
    """Keep the threads for as long as the application lives."""
    app[BENCH] = Bench()
    yield
    app[BENCH].close()


def routes() -> Iterable[web.RouteDef]:
    """Return the routes below `/api/v1/expressions/`."""
    return [
        web.post("/api/v1/expressions/validate", validate),
        web.post("/api/v1/expressions/preview", preview),
        web.get("/api/v1/expressions/completion", completion),
        web.get("/api/v1/expressions/values", values),
    ]


async def validate(request: web.Request) -> web.Response:
    """Answer what is wrong with `{expression, domain, kind}`, or how it is read."""
    asked = await json_object(request, {"expression", "domain", "kind"}, LONGEST_BODY)
    return _json(await _run(request, _validate, asked))


async def preview(request: web.Request) -> web.Response:
    """Answer what `{expression, domain, kind, source, limit}` would match and change now."""
    members = {"expression", "domain", "kind", "source", "limit"}
    asked = await json_object(request, members, LONGEST_BODY)
    return _json(await _run(request, _preview, asked))


async def completion(request: web.Request) -> web.Response:
    """Answer all words that a sentence of `domain` may have, and the presets for it."""
    return _json(await _run(request, _completion, request.query))


async def values(request: web.Request) -> web.Response:
    """Answer the values of `field` with their counts, the most frequent first; `q` searches.

    `domain`, `source` and `limit` as for a preview.
    """
    return _json(await _run(request, _values, request.query))


async def _run(request: web.Request, work: Work, asked: Mapping[str, Any]) -> dict[str, object]:
    return await request.app[BENCH].run(partial(work, request.app[VIEW], asked))


# --- in threads ------------------------------------------------------------------------------


def _validate(view: View, asked: Mapping[str, Any], _stop: Stop) -> dict[str, object]:
    from tvarr.expression.check import document

    return document(_checked(view, asked))


def _preview(view: View, asked: Mapping[str, Any], stop: Stop) -> dict[str, object]:
    from tvarr.expression.check import document
    from tvarr.pipeline import preview

    limit, source = _limit(asked.get("limit", 10), MOST_ROWS), _text(asked, "source")
    checked = _checked(view, asked)
    if checked.sentence is None:
        return document(checked)
    if len(checked.sentence.actions) > MOST_ACTIONS:
        raise web.HTTPBadRequest(
            text=f"A preview takes at most {MOST_ACTIONS} actions; `tvarr expression preview` more."
        )
    with _reading():
        given = _given(view, checked.domain, source)
        found = preview.preview(checked.sentence, given, view.now(), _logos(view), limit, stop)
    return document(checked) | preview.document(found)


def _values(view: View, asked: Mapping[str, Any], stop: Stop) -> dict[str, object]:
    from tvarr.expression import fields
    from tvarr.pipeline import current

    domain, word = _domain(asked.get("domain")), asked.get("field", "")
    limit = _limit(asked.get("limit", "50"), MOST_VALUES)
    field = fields.resolve(word, domain)
    if field is None:
        raise web.HTTPBadRequest(text=f"`field`: a {domain} has no field {word[:50]!r}.")
    if field.name in current.SECRET:
        raise web.HTTPBadRequest(text=f"`field`: {field.name} may hold credentials.")
    with _reading():
        given = _given(view, domain, asked.get("source"))
        query = asked.get("q", "").strip()
        found, total = current.values(field, domain, given, query, limit, stop)
    listed = [{"value": value, "count": number} for value, number in found]
    return {"domain": domain.value, "field": field.name, "total": total, "values": listed}


def _completion(_view: View, asked: Mapping[str, Any], _stop: Stop) -> dict[str, object]:
    return _words(_domain(asked.get("domain")))


def _checked(view: View, asked: Mapping[str, Any]) -> Checked:
    """Read the sentence of a body."""
    from tvarr.expression.batch import KINDS
    from tvarr.expression.check import check

    domain, word = _domain(_text(asked, "domain")), (_text(asked, "kind") or "auto").lower()
    expression = _text(asked, "expression")
    if expression is None:
        raise web.HTTPBadRequest(text="`expression` is missing: the text of a sentence.")
    if word not in KINDS:
        raise web.HTTPBadRequest(text=f"`kind` is none of: {', '.join(KINDS)}.")
    return check(expression, domain, KINDS[word], _logos(view))


def _given(view: View, domain: Domain, source: str | None) -> Given:
    from tvarr.catalog.snapshots import Snapshots
    from tvarr.pipeline.current import current

    given = current(view.store.all(), Snapshots(view.data / "snapshots"), view.manifest())
    return given if source is None else given.only(source, domain)


@contextmanager
def _reading() -> Iterator[None]:
    """Tell what can go wrong where snapshots are read."""
    from tvarr.pipeline.current import GivenUpError

    try:
        yield
    except MisusedError as error:
        raise web.HTTPBadRequest(text=f"`source`: {error}.") from None
    except (GivenUpError, FileNotFoundError):  # a snapshot was replaced by a newer one
        raise _busy() from None


@cache
def _words(domain: Domain) -> dict[str, object]:
    from tvarr.expression.completion import completion
    from tvarr.spec.presets import preset_filters, preset_rules

    presets: Mapping[str, Rule | Filter] = {**preset_rules(), **preset_filters()}
    listed = [
        {
            "name": name,
            "kind": "rule" if name in preset_rules() else "filter",
            "description": declared.about,
        }
        for name, declared in presets.items()
        if declared.applies_to == f"{domain}s"
    ]
    return {**completion(domain), "presets": listed}


def _logos(view: View) -> dict[str, str]:
    manifest = view.manifest()
    from tvarr.spec.sentences import logo_addresses

    return logo_addresses(manifest) if manifest else {}


# --- what is asked for -----------------------------------------------------------------------


def _text(asked: Mapping[str, Any], name: str) -> str | None:
    text = asked.get(name)
    if text is not None and not isinstance(text, str):
        raise web.HTTPBadRequest(text=f"`{name}` is not a text.")
    return text


def _domain(word: str | None) -> Domain:
    from tvarr.expression.batch import DOMAINS
    from tvarr.expression.fields import Domain

    domain = Domain.CHANNEL if word is None else DOMAINS.get(word.lower())
    if domain is None:
        raise web.HTTPBadRequest(text="`domain` is neither channel nor programme.")
    return domain


def _limit(asked: object, most: int) -> int:
    text = str(asked)
    if isinstance(asked, bool) or not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise web.HTTPBadRequest(text="`limit`: a number from 0 on is wanted.")
    return min(int(text), most)


def _busy() -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(
        text="The server is too busy to answer this; try again in a moment.",
        headers={"Retry-After": "10"},
    )


def _json(content: object) -> web.Response:
    return web.Response(
        body=orjson.dumps(content),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )
