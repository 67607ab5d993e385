"""A tuner of the HDHomeRun family, by the two documents that it and its imitators have.

Called by way of `tvarr.ingest.kinds`. `discover.json` tells how many tuners there are and where the
lineup is; `lineup.json` has the channels. The fields are those that Jellyfin reads
(`HdHomerunHost`), and of SiliconDust's "HDHomeRun HTTP Development" document.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

import orjson

from tvarr.errors import Reason, Transient
from tvarr.fetch.client import NotModified
from tvarr.fetch.decompress import open_document
from tvarr.fetch.sizes import too_many
from tvarr.ingest.collect import Collected
from tvarr.ingest.document import excerpt, refuse_web_page, told
from tvarr.ingest.listed import Listed, write_channels
from tvarr.ingest.tally import Tally
from tvarr.spec.addresses import STREAMS
from tvarr.state.conditions import Account

if TYPE_CHECKING:
    from pathlib import Path

    from tvarr.ingest.collect import Collecting, Part
    from tvarr.ingest.report import IngestReport
    from tvarr.spec.source import HdhomerunSource

DEVICE: Final = "device"
LINEUP: Final = "lineup"

PROTECTED: Final = "channel with copy protection"
NO_URL: Final = "channel without a URL"
NO_NAME: Final = "channel without a name"
NO_CHANNEL: Final = "entry that is no channel"
REJECTED: Final = (PROTECTED, NO_URL, NO_NAME, NO_CHANNEL)
"""Why a channel of the lineup is left out."""

FAVOURITES: Final = "Favourites"
"""The group of the channels that somebody has marked at the tuner."""

MOST_CHANNELS: Final = 10_000
"""The guide numbers of all the world's aerials are fewer."""
_MOST_VALUES: Final = 20 * MOST_CHANNELS
"""In one document, so that it never takes more than some hundred megabytes to hold."""
_MOST_TUNERS: Final = 1000
_CODECS: Final = {"VideoCodec": "video-codec", "AudioCodec": "audio-codec"}
_STREAM = re.compile(rf"(?i)(?:{'|'.join(STREAMS)})://[^\s\x00-\x1f]+")


async def collect(spec: HdhomerunSource, collecting: Collecting) -> Collected | NotModified:
    """Ask the device what it is and for its lineup.

    Raises what `Fetcher.fetch` does, and `Transient` for an answer that no tuner gives.
    """
    address = f"{spec.address}/"
    # always in full: what it says of the device is not kept
    device = await collecting.get(
        DEVICE, urljoin(address, "discover.json"), spec, stage="tuner", anew=True
    )
    facts = await asyncio.to_thread(_device, device, spec.max_size)
    lineup = await collecting.get(LINEUP, _lineup_url(facts, address), spec)
    if lineup is None:
        return NotModified()
    return Collected((lineup,), Account(connections=_tuners(facts)))


def read(collected: Collected, stage: Path, name: str, spec: HdhomerunSource) -> IngestReport:
    """Read the lineup into a staged snapshot.

    Raises what `open_document` does and `Transient`: `HtmlAnswer`, `ParseError`, `TooLarge` for
    more channels than `MOST_CHANNELS`, and `EmptyAnswer` where no channel can be used.
    """
    tally = Tally()
    (part,) = collected.parts
    entries = _load(part, spec.max_size)
    if not isinstance(entries, list):
        raise Transient(Reason.PARSE_ERROR, "the tuner's lineup is no list of channels")
    if len(entries) > MOST_CHANNELS:
        raise too_many(MOST_CHANNELS, "channels")
    places = enumerate(entries, start=1)
    listed = [found for place, entry in places if (found := _listed(entry, place, tally))]
    if not listed:
        raise Transient(Reason.EMPTY_ANSWER, _no_channels(tally))
    return tally.report(write_channels(name, listed, stage), {})


def _device(part: Part | None, max_size: int) -> dict[str, Any]:
    facts = _load(part, max_size) if part else None
    if isinstance(facts, dict) and facts.keys() & {"DeviceID", "LineupURL", "BaseURL"}:
        return facts
    raise Transient(
        Reason.BAD_ANSWER, "what answers at this address is no tuner of the HDHomeRun family"
    )


def _lineup_url(facts: dict[str, Any], address: str) -> str:
    """Return where the lineup is: where the device says, if that is the declared host.

    A device behind another server names an address that is not reached from here, and one that is
    not what it seems may name any.
    """
    said = facts.get("LineupURL")
    try:
        parts = urlsplit(urljoin(address, said)) if isinstance(said, str) else None
    except ValueError:
        parts = None
    if parts and parts.scheme in ("http", "https") and parts.netloc == urlsplit(address).netloc:
        return parts.geturl()
    return urljoin(address, "lineup.json")


def _tuners(facts: dict[str, Any]) -> int | None:
    """Return how many streams may run at once."""
    count = str(facts.get("TunerCount", ""))
    found = int(count) if re.fullmatch("[0-9]{1,4}", count) else 0
    return found if 1 <= found <= _MOST_TUNERS else None


def _listed(entry: Any, place: int, tally: Tally) -> Listed | None:
    """Return one channel, or None after counting why it is left out."""
    if not isinstance(entry, dict):
        tally.reject(place, NO_CHANNEL, told(entry))
        return None
    number, name = _text(entry.get("GuideNumber")), _text(entry.get("GuideName"))
    url, tags = _text(entry.get("URL")), _tags(entry)
    problem = (
        (PROTECTED if _is_set(entry, "DRM") or "drm" in tags else None)
        or (NO_URL if not _STREAM.fullmatch(url) else None)
        or (NO_NAME if not (name or number) else None)
    )
    if problem:
        tally.reject(place, problem, f"{number} {name} {url}")
        return None
    is_favourite = _is_set(entry, "Favorite") or "favorite" in tags
    return Listed(
        key=f"{number}\0{name}",
        name=name or number,
        stream_url=url,
        group_title=FAVOURITES if is_favourite else None,
        channel_number=number or None,
        provider_id=number or None,
        attributes=_attributes(entry, is_favourite=is_favourite),
    )


def _attributes(entry: dict[str, Any], *, is_favourite: bool) -> tuple[tuple[str, str], ...]:
    flags = {"hd": _is_set(entry, "HD"), "favorite": is_favourite}
    codecs = {name: _text(entry.get(field)) for field, name in _CODECS.items()}
    return (
        *((name, "1") for name, is_set in flags.items() if is_set),
        *((name, codec) for name, codec in codecs.items() if codec),
    )


def _tags(entry: dict[str, Any]) -> set[str]:
    """Return what older firmware says in one text: `favorite,drm`."""
    return {tag.strip().lower() for tag in _text(entry.get("Tags")).split(",")}


def _is_set(entry: dict[str, Any], field: str) -> bool:
    return _text(entry.get(field)).lower() in ("1", "true")


def _text(value: Any) -> str:
    """Return a text or a number as one line of text, and nothing for anything else."""
    if not isinstance(value, str | int | float):
        return ""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(value))
    return " ".join(printable.split())[:1000]


def _load(part: Part, max_size: int) -> Any:
    with open_document(part.path, max_size) as stream:
        text = stream.read()
    if text.count(b",") > _MOST_VALUES:
        raise too_many(MOST_CHANNELS, "channels")
    try:
        return orjson.loads(text.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        said = text[:2048].decode("utf-8", "replace")
    refuse_web_page(said)
    raise Transient(
        Reason.PARSE_ERROR if said.strip() else Reason.EMPTY_ANSWER,
        f"the tuner's {part.name} cannot be read as JSON: {excerpt(said)}",
    )


def _no_channels(tally: Tally) -> str:
    reasons = ", ".join(f"{problem}: {count}" for problem, count in tally.rejected.items())
    return f"the tuner has no channels ({reasons or 'let it scan for them'})"
