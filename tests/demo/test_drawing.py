from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta, timezone

import pytest
from PIL import Image, ImageChops

from tvarr.demo.drawing import FRAME, legible, logo_png, panel, rounded, shaded, tile
from tvarr.demo.guide import on_air
from tvarr.demo.lineup import CHANNELS, Channel, find

AT = datetime(2026, 8, 22, 18, 30, 5, tzinfo=UTC)
EACH = pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.slug)


def owl() -> Channel:
    found = find("owl-hours")
    assert found
    return found


def painted(channel: Channel, at: datetime) -> Image.Image:
    return Image.frombytes("RGBA", FRAME, panel(channel, at, on_air(channel, at)))


def box_of_change(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one, other).getbbox(alpha_only=False)


@EACH
def test_a_logo_is_a_small_png_with_round_corners(channel: Channel) -> None:
    body = logo_png(channel)
    image = Image.open(io.BytesIO(body))
    assert (image.format, image.size, image.mode) == ("PNG", (400, 400), "RGBA")
    assert image.getchannel("A").getpixel((0, 0)) == 0
    assert image.getchannel("A").getpixel((200, 200)) == 255
    assert len(body) < 100_000


@EACH
def test_an_emblem_stands_clearly_on_its_tile(channel: Channel) -> None:
    bright = tile(channel, 100).convert("L").point([0] * 245 + [255] * 11)
    part = bright.histogram()[255] / 100**2
    assert 0.05 < part < 0.6


def test_no_two_logos_are_the_same() -> None:
    assert len({logo_png(channel) for channel in CHANNELS}) == len(CHANNELS)


@EACH
def test_a_panel_fills_one_frame_exactly(channel: Channel) -> None:
    assert len(panel(channel, AT, on_air(channel, AT))) == FRAME[0] * FRAME[1] * 4


def test_a_panel_lets_the_scene_be_seen() -> None:
    see_through = painted(owl(), AT).getchannel("A").histogram()[0]
    assert see_through > FRAME[0] * FRAME[1] / 2


def test_within_a_minute_only_the_clock_and_the_progress_change() -> None:
    change = box_of_change(painted(owl(), AT), painted(owl(), AT + timedelta(seconds=1)))
    assert change
    left, top, right, bottom = change
    assert left > 200, "left of it stand the logo and the names"
    assert right < 1240
    assert top > 540
    assert bottom < 680


def test_the_clock_shows_the_time_of_the_zone_that_is_asked_for() -> None:
    there = AT.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert box_of_change(painted(owl(), AT), painted(owl(), there))


def test_a_channel_without_a_guide_has_a_panel_without_progress() -> None:
    river = find("slow-river")
    assert river
    later = AT + timedelta(seconds=1)
    change = box_of_change(painted(river, AT), painted(river, later))
    assert change
    assert change[0] > 900, "only the clock, on the right"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Petits Écureuils", "Petits Ecureuils"),
        ("Moss & Fern", "Moss & Fern"),
        ("10:15 - 11:00", "10:15 - 11:00"),
        ("日本", ""),
    ],
)
def test_text_is_painted_in_letters_that_the_font_has(text: str, shown: str) -> None:
    assert legible(text) == shown


def test_every_channel_and_show_can_be_read_on_the_panel() -> None:
    for channel in CHANNELS:
        assert len(legible(channel.name)) == len(channel.name)
        assert len(legible(channel.motto)) == len(channel.motto)


def test_shading_goes_from_the_upper_to_the_lower_colour() -> None:
    image = shaded(("#ff0000", "#0000ff"), 64)
    red, blue = image.getchannel("R"), image.getchannel("B")
    column = [(red.getpixel((3, y)), blue.getpixel((3, y))) for y in (0, 32, 63)]
    assert column[0] > (250, 0)
    assert column[-1] < (5, 255)
    assert column == sorted(column, reverse=True)


def test_a_rounded_mask_keeps_the_middle_and_drops_the_corners() -> None:
    mask = rounded((60, 40), 10)
    assert mask.size == (60, 40)
    assert [mask.getpixel(at) for at in ((0, 0), (59, 0), (0, 39), (59, 39))] == [0, 0, 0, 0]
    assert mask.getpixel((30, 20)) == 255
