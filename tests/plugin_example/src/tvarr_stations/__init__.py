"""Radio stations from a list in JSON: `[{"name": …, "stream": …, "genre": …}]`."""

from datetime import timedelta
from pathlib import Path
from typing import Literal

import orjson
from pydantic import Field

from tvarr.errors import Reason, Transient
from tvarr.fetch.client import NotModified
from tvarr.fetch.decompress import open_document
from tvarr.ingest.collect import Collected, Collecting
from tvarr.ingest.listed import Listed, write_channels
from tvarr.ingest.report import IngestReport
from tvarr.spec.addresses import Url
from tvarr.spec.fetched import MaxSize, Refreshed, Remote, Timeout
from tvarr.spec.values import Schedule


class Stations(Remote):
    """What the YAML says of such a source."""

    kind: Literal["stations"]
    url: Url
    genre: str | None = Field(default=None, max_length=100)
    refresh: Refreshed = Schedule(every=timedelta(days=1))
    timeout: Timeout = timedelta(seconds=30)
    max_size: MaxSize = 2**20


async def collect(spec: Stations, collecting: Collecting) -> Collected | NotModified:
    """Bring the list to this machine, if it has changed."""
    part = await collecting.get("stations", spec.url.get_secret_value(), spec)
    return Collected((part,)) if part else NotModified()


def read(collected: Collected, stage: Path, name: str, spec: Stations) -> IngestReport:
    """Turn the list into channels."""
    (part,) = collected.parts
    with open_document(part.path, spec.max_size) as stream:
        text = stream.read()
    try:
        stations = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Transient(Reason.PARSE_ERROR, "the list of stations is no JSON") from None
    listed = [
        Listed(
            key=station["name"],
            name=station["name"],
            stream_url=station["stream"],
            group_title=station.get("genre"),
            radio=True,
        )
        for station in stations
        if spec.genre in (None, station.get("genre"))
    ]
    return IngestReport(channels=write_channels(name, listed, stage))


spec = Stations
