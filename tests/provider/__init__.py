"""A provider of television that is as slow, wrong, rate-limited or cut as a test wants.

It is a real HTTP server on a port of loopback, with a table from path to behaviour:

    async with Provider({"/tv.m3u": document(b"#EXTM3U")}) as provider:
        provider.url("/tv.m3u")
        provider.table["/tv.m3u"] = status(503)
        provider.seen[-1].headers

A behaviour answers one request; those that wrap another one (`delayed`, `guarded`) say so. A
`Panel` (`tests.provider.panel`) is the table of an Xtream account, playlist and guide included.
Tests of synchronous code use `in_thread`. By hand, `python -m tests.provider` serves one of each.
"""

from tests.provider.behaviours import (
    cut,
    delayed,
    document,
    endless,
    guarded,
    in_turn,
    raw,
    redirect,
    silent,
    status,
    stuck,
)
from tests.provider.panel import Panel
from tests.provider.server import Behaviour, Provider, Seen, in_thread
from tests.provider.showcase import SHOWCASE

__all__ = [
    "SHOWCASE",
    "Behaviour",
    "Panel",
    "Provider",
    "Seen",
    "cut",
    "delayed",
    "document",
    "endless",
    "guarded",
    "in_thread",
    "in_turn",
    "raw",
    "redirect",
    "silent",
    "status",
    "stuck",
]
