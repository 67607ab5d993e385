"""Settings: which of flag, environment, options file and default counts."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tvarr.config import settings
from tvarr.config.settings import load_settings
from tvarr.errors import Reason, Stalled


@pytest.fixture(autouse=True)
def nothing_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide what this machine has: variables, /data, /config, a home."""
    for name in [name for name in os.environ if name.startswith("TVARR_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(settings, "OPTIONS", tmp_path / "data" / "options.json")
    monkeypatch.setattr(settings, "CONFIG_FOLDER", tmp_path / "config")


def write_options(tmp_path: Path, **options: Any) -> Path:
    path = tmp_path / "data" / "options.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(options))
    return path


def refusal(**flags: Any) -> str:
    with pytest.raises(Stalled) as caught:
        load_settings(**flags)
    assert caught.value.reason is Reason.CONFIG_INVALID
    return caught.value.sentence


def test_without_any_word_the_defaults_count(tmp_path: Path) -> None:
    chosen = load_settings()

    assert chosen.config == Path("tvarr.yaml")
    assert chosen.data == tmp_path / "home" / ".local" / "share" / "tvarr"
    assert (chosen.host, chosen.port, chosen.log_level) == ("0.0.0.0", 8888, "info")
    assert chosen.force_polling is False
    assert chosen.debounce == timedelta(milliseconds=200)
    assert chosen.shutdown_timeout == timedelta(seconds=10)


def test_the_yaml_of_a_container_counts_if_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "tvarr.yaml").touch()

    assert load_settings().config == tmp_path / "config" / "tvarr.yaml"


def test_the_users_folder_for_data_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/somewhere")

    assert load_settings().data == Path("/somewhere/tvarr")


def test_an_add_on_keeps_its_data_beside_its_options(tmp_path: Path) -> None:
    write_options(tmp_path)

    assert load_settings().data == tmp_path / "data"


def test_a_flag_counts_before_the_environment_and_that_before_the_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_options(tmp_path, port=1, host="options", log_level="debug")
    monkeypatch.setenv("TVARR_PORT", "2")
    monkeypatch.setenv("TVARR_HOST", "environment")

    chosen = load_settings(port=3, host=None)

    assert (chosen.port, chosen.host, chosen.log_level) == (3, "environment", "debug")


def test_the_options_file_can_be_named_by_flag_or_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.json").write_text(json.dumps({"port": number}))
    monkeypatch.setenv("TVARR_OPTIONS", str(tmp_path / "1.json"))

    assert load_settings().port == 1
    assert load_settings(options=tmp_path / "2.json").port == 2


def test_an_add_on_names_its_yaml_from_its_configuration_folder(tmp_path: Path) -> None:
    write_options(tmp_path, config_file="tv/tvarr.yaml")
    assert load_settings().config == tmp_path / "config" / "tv" / "tvarr.yaml"

    write_options(tmp_path, config="/share/tvarr.yaml")
    assert load_settings().config == Path("/share/tvarr.yaml")


def test_options_of_others_and_empty_ones_are_passed_over(tmp_path: Path) -> None:
    write_options(tmp_path, port=None, host="", ssl=True, nested={"port": 1})

    assert load_settings().port == 8888


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TVARR_PORT", "")

    assert load_settings().port == 8888


@pytest.mark.parametrize(
    ("written", "seconds"), [("90s", 90), ("1m", 60), ("5", 5), ("0.5", 0.5), (5, 5), (2.5, 2.5)]
)
def test_a_time_is_a_duration_or_a_number_of_seconds(written: Any, seconds: float) -> None:
    assert load_settings(shutdown_timeout=written).shutdown_timeout == timedelta(seconds=seconds)


def test_a_home_is_found(tmp_path: Path) -> None:
    assert load_settings(config="~/tv.yaml").config == tmp_path / "home" / "tv.yaml"


def test_a_stray_file_of_variables_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("TVARR_PORT=1\n")

    assert load_settings().port == 8888


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"port": "x"}, '--port: cannot use "x": a whole number is needed here'),
        ({"port": 65536}, "--port: cannot use 65536: 65535 is the most that is possible here"),
        (
            {"log_level": "chatty"},
            '--log-level: cannot use "chatty": only debug, info, warning or error is possible here',
        ),
        (
            {"debounce": "soon"},
            '--debounce: cannot use "soon":'
            " a duration is written with its unit, like 90s, 5m, 6h, 1d or 1h30m",
        ),
        (
            {"debounce": "0s"},
            '--debounce: cannot use "0s": anything from 10ms to 1m is possible here',
        ),
    ],
)
def test_a_bad_flag_is_refused_in_one_sentence(flags: dict[str, Any], sentence: str) -> None:
    assert refusal(**flags) == sentence


def test_all_bad_values_are_named_at_once_by_where_they_were_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_options(tmp_path, log_level="chatty")
    monkeypatch.setenv("TVARR_FORCE_POLLING", "maybe")

    assert sorted(line.split(":")[0] for line in refusal(port=-1).split("\n")) == [
        "--port",
        "TVARR_FORCE_POLLING",
        "log_level in the options file",
    ]


@pytest.mark.parametrize(
    ("text", "cause"),
    [("{", "it is not JSON"), ("[]", "it is not a JSON object"), ("\udcff", "it is not JSON")],
)
def test_a_damaged_options_file_is_refused(tmp_path: Path, text: str, cause: str) -> None:
    path = write_options(tmp_path)
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert refusal() == f"{path} cannot be read: {cause}"


def test_an_options_file_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(options=tmp_path) == f"{tmp_path} cannot be read: Is a directory"
