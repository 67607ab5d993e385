"""The scalar kinds of the YAML: durations, sizes, schedules, URLs that may hold secrets, names."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    StringConstraints,
)

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SIZES = {
    "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30,
}  # fmt: skip


class Declared(BaseModel):
    """Base of all that stands in the YAML: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def parse_duration(value: Any) -> timedelta:
    """Read `90s`, `5m`, `6h`, `1d`, `1w` or a chain of them (`1h30m`)."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, str) and re.fullmatch(r"(?:\d+(?:\.\d+)?(?:ms|[smhdw]))+", value.strip()):
        parts = re.findall(r"(\d+(?:\.\d+)?)(ms|[smhdw])", value)
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
    raise ValueError("a duration is written like 90s, 5m, 6h, 1d or 1h30m")


def parse_size(value: Any) -> int:
    """Read `64MiB`, `10MB` or a number of bytes."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?i?B)", str(value).strip(), re.IGNORECASE)
    if not match:
        raise ValueError("a size is written like 64MiB, 10MB or a number of bytes")
    return int(float(match[1]) * _SIZES[match[2].upper()])


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Size = Annotated[int, BeforeValidator(parse_size)]


class Schedule(BaseModel):
    """When a resource is refreshed: an interval or a cron line, exactly one of the two."""

    model_config = ConfigDict(frozen=True)

    every: timedelta | None = None
    cron: str | None = None


Secret = SecretStr
