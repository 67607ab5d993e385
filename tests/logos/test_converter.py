"""A picture may cost its own process, and nothing else."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.logos.pictures import SVG, picture
from tvarr.errors import Reason, Transient
from tvarr.logos import converter
from tvarr.logos.converter import Converter

if TYPE_CHECKING:
    from pathlib import Path

BOMB = (
    b'<svg xmlns="http://www.w3.org/2000/svg" xmlns:x="http://www.w3.org/1999/xlink">'
    b'<defs><g id="a0"><rect width="9" height="9"/></g>'
    + b"".join(
        b'<g id="a%d">%s</g>' % (n, b'<use x:href="#a%d"/>' % (n - 1) * 10) for n in range(1, 12)
    )
    + b'</defs><use x:href="#a11"/></svg>'
)
"""A drawing of 100,000,000,000 squares."""


async def test_pictures_come_one_after_the_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(picture(800, 400))
    async with Converter() as convert:
        made = await convert.convert(tmp_path / "a", tmp_path / "a.png", 100)
        drawn = await convert.draw("BC", 3, tmp_path / "b.png", 64)
    assert (made.width, made.height, made.kind) == (100, 50, "png")
    assert (drawn.width, drawn.height, drawn.kind) == (64, 64, "drawn")


async def test_why_there_is_no_picture_comes_back(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"<html>")
    async with Converter() as convert:
        with pytest.raises(Transient) as refused:
            await convert.convert(tmp_path / "a", tmp_path / "a.png", 100)
    assert refused.value.reason is Reason.HTML_ANSWER


async def test_a_drawing_without_end_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "bomb").write_bytes(BOMB)
    (tmp_path / "good").write_bytes(SVG)
    async with Converter() as convert:
        with pytest.raises(Transient):
            await convert.convert(tmp_path / "bomb", tmp_path / "a.png", 100)
        assert (await convert.convert(tmp_path / "good", tmp_path / "b.png", 100)).kind == "svg"


async def test_a_picture_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless")
    async with Converter(longest=0.2) as convert:
        with pytest.raises(Transient) as refused:
            await convert.convert(tmp_path / "endless", tmp_path / "a.png", 100)
        assert refused.value.reason is Reason.TOO_LARGE
        assert convert._child is None


async def test_a_process_that_dies_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "good").write_bytes(SVG)
    async with Converter() as convert:
        await convert.convert(tmp_path / "good", tmp_path / "a.png", 100)
        assert convert._child is not None
        convert._child.kill()
        await convert._child.wait()
        with pytest.raises(Transient):
            await convert.convert(tmp_path / "good", tmp_path / "b.png", 100)
        await convert.convert(tmp_path / "good", tmp_path / "c.png", 100)


async def test_a_process_is_replaced_after_many_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converter, "MOST_PICTURES", 1)
    async with Converter() as convert:
        await convert.draw("A", 1, tmp_path / "a.png", 64)
        first = convert._child
        await convert.draw("A", 1, tmp_path / "a.png", 64)
        assert convert._child is not first
