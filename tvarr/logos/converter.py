"""Pictures into PNG files, in a child process that may die of them.

A round of logos opens one `Converter`. The child (`tvarr.logos.convert`) is started with the first
picture and replaced after many, after one that took too long and after one that it died of. One
that two processes die of has no PNG, and the reason is kept like any other.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final, Self

from tvarr.errors import Reason, Transient
from tvarr.logos.picture import Converted

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from pathlib import Path

LONGEST: Final = 20.0
"""Seconds after which a picture is given up, the start of the process included."""
MOST_PICTURES: Final = 500
"""After which the process is replaced, so that it never comes to its limits by diligence."""


class Converter:
    """The child process; an async context manager that ends it. One picture at a time."""

    def __init__(self, longest: float = LONGEST) -> None:
        self._longest = longest
        self._child: Process | None = None
        self._done = 0
        self._one = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def convert(self, document: Path, into: Path, size: int) -> Converted:
        """Write the picture in `document` as a PNG; raises as `tvarr.logos.picture.convert`.

        A picture that takes too long or too much memory is `Transient(TOO_LARGE)`.
        """
        return await self._ask({"document": str(document), "into": str(into), "size": size})

    async def draw(self, initials: str, colour: int, into: Path, size: int) -> Converted:
        """Write a placeholder; see `tvarr.logos.placeholder`."""
        task = {"initials": initials, "colour": colour, "into": str(into), "size": size}
        return await self._ask(task)

    async def _ask(self, task: dict[str, object]) -> Converted:
        async with self._one:
            try:
                async with asyncio.timeout(self._longest):
                    answer = await self._answer(task)
            except TimeoutError:
                await self._end()
                raise Transient(
                    Reason.TOO_LARGE, f"the picture was given up after {self._longest:g} seconds"
                ) from None
            except BaseException:
                await self._end()  # its next answer would be taken for that of another picture
                raise
        if "reason" in answer:
            raise Transient(Reason(answer["reason"]), str(answer["sentence"]))
        return Converted(**answer)

    async def _answer(self, task: dict[str, object]) -> dict[str, Any]:
        answer = await self._one_answer(task)
        if answer is None:  # it may have been somebody else who ended the process
            await self._end()
            answer = await self._one_answer(task)
        if answer is None:
            raise Transient(Reason.TOO_LARGE, "the picture needs too much memory or time")
        self._done += 1
        return answer

    async def _one_answer(self, task: dict[str, object]) -> dict[str, Any] | None:
        """Return what the child answers, None if it dies instead."""
        child = await self._ready()
        assert child.stdin is not None and child.stdout is not None  # noqa: S101, PT018 - asked for
        try:
            child.stdin.write(json.dumps(task).encode() + b"\n")
            await child.stdin.drain()
            line = await child.stdout.readline()
        except ConnectionError:
            line = b""
        return dict(json.loads(line)) if line.endswith(b"\n") else None

    async def _ready(self) -> Process:
        if self._child is not None and self._done >= MOST_PICTURES:
            await self._end()
        if self._child is None:
            self._done = 0
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",  # the working folder is no place to import from
                "-m",
                "tvarr.logos.convert",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the parent, which ends the child
                env={**os.environ, "MALLOC_ARENA_MAX": "2"},
            )
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        if child.returncode is None:
            child.kill()
        await asyncio.shield(child.wait())
