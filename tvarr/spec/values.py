"""The scalar kinds of the YAML: names, durations, sizes, schedules, time zones.

Used by the models of `tvarr.spec` and by `tvarr.config.settings`. Each kind is read from the text
that a person writes, and its JSON Schema describes that text. A `ValueError` raised here holds
the rule only, never the value.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    PlainSerializer,
    SecretStr,
    WithJsonSchema,
)

from tvarr.spec.declared import did_you_mean, refuse, sentence, shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import InitErrorDetails

# --- names -----------------------------------------------------------------------------------

_NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"

RESERVED = frozenset(
    {"api", "assets", "docs", "health", "healthz", "live", "logos", "metrics", "ready", "static"}
)
"""First parts of the paths that the server answers itself; no proxy can be called so."""


def _check_name(name: str) -> str:
    if re.fullmatch(_NAME, name):
        return name
    better = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:63]
    advice = f', such as "{better}"' if better else ""
    raise ValueError(
        "a name is made of a-z, 0-9, - and _, begins with a letter or digit"
        f" and has at most 63 characters{advice}"
    )


def _check_proxy_name(name: str) -> str:
    if name in RESERVED:
        raise ValueError(
            "the server answers under this name itself; choose another name for the proxy"
        )
    return name


_NAME_SCHEMA = WithJsonSchema({"type": "string", "pattern": _NAME})

Name = Annotated[str, AfterValidator(_check_name), _NAME_SCHEMA]
"""The name of a source or a guide."""

ProxyName = Annotated[
    str, AfterValidator(_check_name), AfterValidator(_check_proxy_name), _NAME_SCHEMA
]
"""The name of a proxy, which is also the first part of its URLs."""


def _each_once(values: tuple[str | SecretStr, ...]) -> tuple[str | SecretStr, ...]:
    refuse([_twice(index, value) for index, value in enumerate(values) if value in values[:index]])
    return values


def _twice(index: int, value: str | SecretStr) -> InitErrorDetails:
    rule = "this one is listed twice; take one of them out"
    if isinstance(value, SecretStr):
        return sentence((index,), rule, rule)
    return sentence((index,), f'"{shorten(value)}" is listed twice; take one of them out', rule)


EachOnce = AfterValidator(_each_once)
"""For a list in which nothing may stand twice; the error points at the second one."""

# --- durations and sizes ---------------------------------------------------------------------

Bound = TypeVar("Bound", timedelta, int)

_MILLISECONDS = {"d": 86400000, "h": 3600000, "m": 60000, "s": 1000, "ms": 1}
_UNITS = _MILLISECONDS | {"w": 604800000}
_DURATION = r"^(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|[smhdw]))+$"
_BYTES = {
    "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30,
}  # fmt: skip
_SIZE = r"^[0-9]{1,18}(?:\.[0-9]{1,3})? ?(?:[KkMmGg][Ii]?)?[Bb]$"


def parse_duration(value: Any) -> timedelta:
    """Read `200ms`, `90s`, `5m`, `6h`, `1d`, `1w` or a chain of them (`1h30m`).

    Raises:
        ValueError: it is none of these, or more than Python's timedelta can hold.
    """
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    if isinstance(value, str) and len(text) <= 100 and re.fullmatch(_DURATION, text):
        parts = re.findall(r"([0-9.]+)(ms|[smhdw])", text)
        try:
            milliseconds = sum(Decimal(number) * _UNITS[unit] for number, unit in parts)
            return timedelta(microseconds=int(milliseconds * 1000))
        except OverflowError:
            raise ValueError("this duration is too long") from None
    raise ValueError("a duration is written with its unit, like 90s, 5m, 6h, 1d or 1h30m")


def format_duration(value: timedelta) -> str:
    """Write a duration as the YAML has it: `1h30m`, `7d`, `200ms`; the reverse of reading."""
    milliseconds = round(value.total_seconds() * 1000)
    text = ""
    for unit, size in _MILLISECONDS.items():
        count, milliseconds = divmod(milliseconds, size)
        text += f"{count}{unit}" if count else ""
    return text or "0s"


def parse_size(value: Any) -> int:
    """Read `64MiB`, `10MB` or a number of bytes; return bytes.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = str(value).strip()
    if re.fullmatch(r"[0-9]{1,18}", text):
        return int(text)
    if not re.fullmatch(_SIZE, text):
        raise ValueError("a size is written like 64MiB, 10MB or a number of bytes")
    number, unit = re.findall(r"([0-9.]+) ?([a-z]+)", text, re.IGNORECASE)[0]
    return int(Decimal(number) * _BYTES[unit.upper()])


def format_size(value: int) -> str:
    """Write a number of bytes as the YAML has it: `256MiB`, `4GiB`, `1500B`."""
    for unit, size in {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10}.items():
        if value and value % size == 0:
            return f"{value // size}{unit}"
    return f"{value}B"


def within(low: str, high: str) -> AfterValidator:
    """Return the check that a duration is from `low` to `high`, both written as in the YAML."""
    least, most = parse_duration(low), parse_duration(high)
    return AfterValidator(_between(least, most, f"from {low} to {high}"))


def sized(low: str, high: str) -> AfterValidator:
    """Return the check that a size is from `low` to `high`, both written as in the YAML."""
    least, most = parse_size(low), parse_size(high)
    return AfterValidator(_between(least, most, f"from {low} to {high}"))


def _between(least: Bound, most: Bound, words: str) -> Callable[[Bound], Bound]:
    def check(value: Bound) -> Bound:
        if least <= value <= most:
            return value
        raise ValueError(f"anything {words} is possible here")

    return check


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": _DURATION}),
]
Size = Annotated[
    int,
    BeforeValidator(parse_size),
    PlainSerializer(format_size, return_type=str, when_used="json"),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": _SIZE}, {"type": "integer"}]}),
]

# --- shares, offsets and channel numbers -------------------------------------------------------

_PERCENT = r"^[0-9]{1,3} ?%$"
_OFFSET = r"^[+-]?(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|[smhd]))+$"
_NUMBER = r"^[0-9]{1,7}(\.[0-9]{1,4})?$"


def _parse_percent(value: Any) -> int:
    """Read `50%` or 50 as a whole number from 1 to 100."""
    text = str(value).strip().removesuffix("%").strip()
    number = int(text) if re.fullmatch(r"[0-9]{1,3}", text) else 0
    if isinstance(value, bool) or not 1 <= number <= 100:
        raise ValueError("a share is written like 50%, from 1% to 100%")
    return number


def _parse_offset(value: Any) -> timedelta:
    """Read `1h`, `+30m` or `-1h30m`: a duration with a sign, of a day at most."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    length = timedelta() if text == "0" else parse_duration(text.lstrip("+-"))
    if length > timedelta(days=1) or len(text) - len(text.lstrip("+-")) > 1:
        raise ValueError("an offset is written like 1h or -30m, a day at most")
    return -length if text.startswith("-") else length


def _format_offset(value: timedelta) -> str:
    return f"-{format_duration(-value)}" if value < timedelta() else format_duration(value)


def _parse_number(value: Any) -> str:
    """Read `7` or `5.1`; YAML takes both for numbers."""
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(_NUMBER, text):
        raise ValueError("a channel's number is written like 7 or 5.1")
    return text


Percent = Annotated[
    int,
    BeforeValidator(_parse_percent),
    PlainSerializer(lambda share: f"{share}%", return_type=str, when_used="json"),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^[0-9]{1,3} ?%$"}, {"type": "integer"}]}
    ),
]
Offset = Annotated[
    timedelta,
    BeforeValidator(_parse_offset),
    PlainSerializer(_format_offset, return_type=str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^[+-]?(?:[0-9]{1,9}(?:\.[0-9]{1,3})?(?:ms|[smhd]))+$"}
    ),
]
"""A duration that may be negative."""
ChannelNumber = Annotated[
    str,
    BeforeValidator(_parse_number),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]{1,7}(\.[0-9]{1,4})?$"},
                {"type": "number"},
            ]
        }
    ),
]

# --- schedules -------------------------------------------------------------------------------

SHORTEST_INTERVAL = timedelta(seconds=10)
LONGEST_INTERVAL = timedelta(days=366)
_SCHEDULE_RULE = 'write an interval like 6h or a cron line like "15 4 * * *"'


@dataclass(frozen=True)
class Schedule:
    """When a resource is refreshed: an interval or a cron line, exactly one of the two."""

    every: timedelta | None = None
    cron: str | None = None
    """Five fields: minute, hour, day of the month, month, day of the week."""

    def __str__(self) -> str:
        """Return the text that the YAML has."""
        return self.cron or format_duration(self.every or timedelta(0))


def parse_schedule(value: Any) -> Schedule:
    """Read an interval (`6h`, from 10s to 366d) or a cron line of five fields (`15 4 * * *`).

    Raises:
        ValueError: it is neither, or a cron line that never comes.
    """
    if isinstance(value, Schedule):
        return value
    if isinstance(value, str) and len(value.split()) > 1:
        return Schedule(cron=_check_cron(" ".join(value.split())))
    try:
        every = parse_duration(value)
    except ValueError:
        raise ValueError(_SCHEDULE_RULE) from None
    if SHORTEST_INTERVAL <= every <= LONGEST_INTERVAL:
        return Schedule(every=every)
    raise ValueError("an interval is at least 10s and at most 366d")


def _check_cron(line: str) -> str:
    if line.count(" ") != 4 and "*" not in line:  # more like "6 hours"
        raise ValueError(_SCHEDULE_RULE)
    if line.count(" ") != 4 or len(line) > 200:
        raise ValueError(
            "a cron line has five fields: minute, hour, day of the month, month, day of the week"
        )
    try:
        next(CronSim(line, datetime(2000, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        field = str(error).lower().removeprefix("bad ").replace("-", " ")
        raise ValueError(f"the {field} of this cron line is not possible") from None
    except StopIteration:
        raise ValueError("this cron line never comes") from None
    return line


Refresh = Annotated[
    Schedule,
    BeforeValidator(parse_schedule),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["6h", "15 4 * * *"]}),
]

# --- time zones ------------------------------------------------------------------------------


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # what zoneinfo raises for odd names, all of them
        rule = "a time zone is written like Europe/London, or UTC"
        near = did_you_mean(name, available_timezones()) or f": {rule}"
        refuse([sentence((), f'no time zone "{shorten(name)}"{near}', rule)])
    return name


Timezone = Annotated[str, AfterValidator(_check_timezone)]
"""An IANA name."""

# --- fingerprints of a spec ------------------------------------------------------------------


def spec_hash(model: BaseModel) -> str:
    """Return 16 hexadecimal digits that change when anything declared in `model` changes.

    Defaults count as if they were written, secrets by their value, and the order of keys does
    not matter. The digest is one-way, so it may stand in the status.
    """
    text = json.dumps(model.model_dump(), sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
