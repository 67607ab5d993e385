"""What the kinds of sources and guides have in common: when, how often, how patiently, how much.

`tvarr.spec.source` and `tvarr.spec.guide` have the kinds themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import ConfigDict, Field, SecretStr

from tvarr.spec.addresses import HeaderName, HeaderValue, Line, Url
from tvarr.spec.declared import Declared, missing, sentence, stands_for
from tvarr.spec.values import Duration, EachOnce, Percent, Refresh, Size, sized, within

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import InitErrorDetails

MaybeAddress = Annotated[
    Url | None,
    Field(
        description="The address: http, https, file: or a path relative to the YAML file."
        " It may hold credentials, so it is never shown."
    ),
]
Addresses = Annotated[
    tuple[Url, ...],
    EachOnce,
    Field(min_length=1, max_length=100, description="Several addresses, in the place of `url`."),
]
Refreshed = Annotated[
    Refresh,
    Field(description='How often it is fetched: an interval (6h) or a cron line ("15 4 * * *").'),
]
Timeout = Annotated[
    Duration,
    within("1s", "10m"),
    Field(description="For connecting and for each wait on the network, not for all of it."),
]
MaxSize = Annotated[
    Size,
    sized("1KiB", "64GiB"),
    Field(description="The largest document that is taken, before and after decompression."),
]


class OnShrink(Declared):
    """What becomes of an answer that holds much less than the one before."""

    threshold: Percent = 50
    """Most that may be missing, as a share of what was there before."""

    action: Literal["hold", "accept"] = "hold"
    """`hold` keeps the last good one until somebody releases the new one; `accept` takes it."""


class Scheduled(Declared):
    """What every source and guide may say."""

    refresh: Refreshed

    enabled: bool = True
    """With `false` it is not fetched and takes part in no proxy; what was read of it is kept."""

    on_shrink: OnShrink = OnShrink()
    """What becomes of an answer that holds much less than the one before."""


class Remote(Scheduled):
    """What every source and guide may say that is fetched from elsewhere."""

    timeout: Timeout
    max_size: MaxSize

    user_agent: Line | None = None
    """The name that the provider is told; without it, tvarr's own."""

    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict)
    """HTTP headers sent along, such as a token."""

    verify_tls: bool = True
    """Whether the certificate of an https address must be valid."""


class Addressed(Remote):
    """One address or several."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["url"]}, {"required": ["urls"]}]}
    )

    url: MaybeAddress = None
    urls: Addresses = ()

    @property
    def addresses(self) -> tuple[SecretStr, ...]:
        """All addresses, the first one first."""
        return self.urls or ((self.url,) if self.url else ())

    @classmethod
    def lacking(cls, given: Mapping[str, Any]) -> list[InitErrorDetails]:
        """Refuse neither and both of `url` and `urls`."""
        if "url" in given and "urls" in given:
            text = "write one of both: `url: ADDRESS` or `urls: [ADDRESS, …]`"
            return [sentence(("urls",), text, text)]
        there = "url" in given or "urls" in given or stands_for("url", given, cls)
        return [] if there else [missing("url", cls)]
