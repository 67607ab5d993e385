"""Settings of the process itself: where the YAML and the data are, and how to listen.

Built once by the command line (`load_settings`). A flag counts before the environment
(`TVARR_*`), that before the options file of a Home Assistant add-on, that before the defaults.
What tvarr does with television is not set here but in the YAML.
"""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from tvarr.config.wording import sentence_for
from tvarr.errors import Reason, Stalled
from tvarr.logs import LogLevel
from tvarr.spec.values import parse_duration, within

OPTIONS = Path("/data/options.json")
"""Where the Home Assistant Supervisor writes what the user chose for the add-on."""
CONFIG_FOLDER = Path("/config")
"""Where a container has the YAML, and Home Assistant its add-on's configuration."""

_OPTIONS_BYTES = 2**20
_RENAMED = {"config_file": "config"}


def _seconds(value: Any) -> timedelta:
    """Read a duration as the YAML has it, or a number of seconds."""
    if isinstance(value, timedelta):
        return value
    text = str(value).strip()
    plain = text.replace(".", "", 1)
    return parse_duration(f"{text}s" if plain.isascii() and plain.isdigit() else text)


Seconds = Annotated[timedelta, BeforeValidator(_seconds)]


def _home(path: Path) -> Path:
    return path.expanduser()


Location = Annotated[Path, AfterValidator(_home)]


def _default_config() -> Path:
    in_container = CONFIG_FOLDER / "tvarr.yaml"
    return in_container if in_container.is_file() else Path("tvarr.yaml")


def _default_data(given: dict[str, Any]) -> Path:
    """Return the add-on's own folder where there is one, else the user's folder for data."""
    options = Path(given.get("options", OPTIONS))
    if options.is_file() and os.access(options.parent, os.W_OK):
        return options.parent
    home = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(home).expanduser() / "tvarr"


class Settings(BaseSettings):
    """How this process runs; frozen for its life."""

    model_config = SettingsConfigDict(
        env_prefix="TVARR_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        use_attribute_docstrings=True,
    )

    options: Location = Field(default_factory=lambda: OPTIONS)
    """A JSON file with settings, as a Home Assistant add-on has it; it need not exist."""

    config: Location = Field(default_factory=_default_config)
    """The YAML file: /config/tvarr.yaml if it exists, else tvarr.yaml in the working folder."""

    data: Location = Field(default_factory=_default_data)
    """The folder for snapshots, status and published files."""

    host: str = "0.0.0.0"  # noqa: S104 - who is answered is decided request by request
    """The address to listen on."""

    port: int = Field(default=8888, ge=0, le=65535)
    """The TCP port; if nobody set it, the one of the YAML counts. 0 takes a free one."""

    log_level: LogLevel = "info"
    """How much is logged: debug, info, warning or error."""

    force_polling: bool = False
    """Look at the YAML again and again; for network shares, which send no word of changes."""

    fetches: int = Field(default=4, ge=1, le=64)
    """How many sources and guides are fetched at once."""

    fetches_per_host: int = Field(default=2, ge=1, le=64)
    """How many of them from one host."""

    debounce: Annotated[Seconds, within("10ms", "1m")] = timedelta(milliseconds=200)
    """How long the YAML must lie still after an edit before it is read."""

    shutdown_timeout: Annotated[Seconds, within("0s", "10m")] = timedelta(seconds=10)
    """How long work may go on after the signal to stop."""

    def port_for(self, declared: int | None) -> int:
        """Return the port to listen on: the one that was set, else the YAML's, else 8888."""
        if declared is None or "port" in self.model_fields_set:
            return self.port
        return declared

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not read: a stray .env decides nothing
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Put the options file behind flags and environment, either of which may name it."""
        named = {**env_settings(), **init_settings()}.get("options", OPTIONS)
        options = InitSettingsSource(settings_cls, _read_options(Path(named).expanduser()))
        return init_settings, env_settings, options


def load_settings(**flags: Any) -> Settings:
    """Return the settings; `flags` are those of the command line, None where one was not given.

    Raises:
        Stalled: with `ConfigInvalid` and one sentence a bad value, which names where it was set.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        wrong = [
            f"{_origin(str(details['loc'][0]), given)}: {sentence_for(details)}"
            for details in error.errors(include_url=False)
        ]
        raise Stalled(Reason.CONFIG_INVALID, "\n".join(wrong)) from None


def _origin(name: str, flags: dict[str, Any]) -> str:
    """Return what the user wrote it as: a flag, a variable, or an option of the add-on."""
    if name in flags:
        return f"--{name.replace('_', '-')}"
    variable = f"TVARR_{name.upper()}"
    if os.environ.get(variable):
        return variable
    return f"{name} in the options file"


def _read_options(path: Path) -> dict[str, Any]:
    """Return what the add-on's options say of our settings; a path is seen from /config."""
    try:
        with path.open("rb") as file:
            options = json.loads(file.read(_OPTIONS_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or "it is not JSON"
        raise Stalled(Reason.CONFIG_INVALID, f"{path} cannot be read: {cause}") from None
    if not isinstance(options, dict):
        raise Stalled(Reason.CONFIG_INVALID, f"{path} cannot be read: it is not a JSON object")
    chosen: dict[str, Any] = {
        _RENAMED.get(str(name), str(name)): value
        for name, value in options.items()
        if value is not None and value != ""
    }
    if isinstance(chosen.get("config"), str):
        chosen["config"] = CONFIG_FOLDER / chosen["config"]
    return chosen
