"""Kinds that other packages bring: loaded late, once, and without trust."""

from __future__ import annotations

import logging
import sys
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import pytest
from pydantic import BaseModel, SecretStr, ValidationError, field_validator

from tvarr.spec import plugins
from tvarr.spec.declared import Declared
from tvarr.spec.fetched import Remote, Scheduled
from tvarr.spec.manifest import Manifest
from tvarr.spec.values import spec_hash

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stations(Scheduled):
    kind: Literal["stations"]
    count: int = 1
    password: SecretStr | None = None

    @field_validator("count")
    @classmethod
    def _fail(cls, count: int) -> int:
        if count == 13:
            raise RuntimeError("thirteen, with the password hunter22")
        if count == 14:
            sys.exit(3)
        return count


class OfNoKind(Scheduled):
    other: str = ""


class NeverOff(Declared):
    kind: Literal["stations"]


class Open(Scheduled, extra="allow"):
    kind: Literal["stations"]


class Plain(BaseModel):
    kind: Literal["stations"]


class Hasty(Remote):
    kind: Literal["stations"]

    @property
    def addresses(self) -> object:
        raise RuntimeError("no addresses")


async def collect(spec: Any, collecting: Any) -> None: ...


def read(collected: Any, stage: Any, name: str, spec: Any) -> None: ...


@dataclass
class Installed:
    """What a test pretends to have installed."""

    entries: list[EntryPoint] = field(default_factory=list)
    looked: int = 0

    def add(self, kind: str = "stations", **things: Any) -> None:
        """Install a package for a kind, with a module that has these things."""
        name = f"tvarr_test_{kind}_{len(self.entries)}"
        module = ModuleType(name)
        for thing, value in ({"spec": Stations, "collect": collect, "read": read} | things).items():
            setattr(module, thing, value)
        sys.modules[name] = module
        self.entries.append(EntryPoint(kind, name, plugins.GROUP))

    def add_missing(self, kind: str) -> None:
        self.entries.append(EntryPoint(kind, "tvarr_not_there", plugins.GROUP))

    def entry_points(self, *, group: str) -> list[EntryPoint]:
        assert group == "tvarr.sources"
        self.looked += 1
        return self.entries


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    found = Installed()
    monkeypatch.setattr(plugins, "entry_points", found.entry_points)
    plugins.plugins.cache_clear()
    yield found
    plugins.plugins.cache_clear()
    for name in [name for name in sys.modules if name.startswith("tvarr_test_")]:
        del sys.modules[name]


def declare(**fields: Any) -> Any:
    manifest = Manifest.model_validate({"sources": {"radio": {"kind": "stations", **fields}}})
    return manifest.sources["radio"]


def problem(**fields: Any) -> str:
    found = declare(**fields)
    assert isinstance(found, plugins.Unusable)
    return found.problem


def test_a_kind_of_a_package_is_declared_like_any_other(installed: Installed) -> None:
    installed.add()

    assert declare(count=2, refresh="1h") == Stations(kind="stations", count=2, refresh="1h")


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"refresh": "1h", "cuont": 2}, 'unknown field "cuont", did you mean "count"?'),
        ({}, '"refresh" is missing'),
        ({"refresh": "1h", "count": "many"}, "valid integer"),
    ],
)
def test_its_mistakes_are_told_like_any_other(
    installed: Installed, fields: dict[str, Any], text: str
) -> None:
    installed.add()

    with pytest.raises(ValidationError) as caught:
        declare(**fields)
    [error] = caught.value.errors()
    assert error["loc"][:2] == ("sources", "radio")
    assert text in error["msg"]


def test_nothing_is_loaded_where_all_kinds_are_ours(installed: Installed) -> None:
    Manifest.model_validate({"sources": {"uk": {"kind": "m3u", "url": "uk.m3u"}}})

    assert installed.looked == 0


def test_packages_are_loaded_once(installed: Installed) -> None:
    installed.add()
    for _ in range(3):
        declare(refresh="1h")

    assert installed.looked == 1


def test_an_unknown_kind_is_told_with_all_that_there_are(installed: Installed) -> None:
    installed.add()

    with pytest.raises(ValidationError, match=r"files or stations is possible here") as caught:
        Manifest.model_validate({"sources": {"radio": {"kind": "statoins"}}})
    assert 'did you mean "stations"?' in str(caught.value)


def test_a_package_cannot_take_the_place_of_a_kind_of_ours(installed: Installed) -> None:
    installed.add("m3u")

    with pytest.raises(ValidationError, match='"url" is missing'):
        Manifest.model_validate({"sources": {"uk": {"kind": "m3u"}}})


def test_a_package_that_cannot_be_loaded_leaves_the_yaml_valid(
    installed: Installed, caplog: pytest.LogCaptureFixture
) -> None:
    installed.add_missing("stations")
    with caplog.at_level(logging.WARNING):
        told = problem(anything=["at", "all"])

    assert (
        told
        == "it cannot be loaded: ModuleNotFoundError: No module named 'tvarr_not_there'"
        + (told[told.rindex(" (") :])
    )
    assert [record.getMessage().partition(": ")[0] for record in caplog.records] == [
        "sources of kind stations cannot be used"
    ]


def test_another_package_is_not_concerned(installed: Installed) -> None:
    installed.add_missing("other")
    installed.add()

    assert isinstance(declare(refresh="1h"), Stations)


@pytest.mark.parametrize(
    ("things", "text"),
    [
        ({"spec": None}, "its `spec` is not derived from"),
        ({"spec": Stations(kind="stations", refresh="1h")}, "its `spec` is not derived from"),
        ({"spec": Plain}, "its `spec` is not derived from"),
        ({"spec": OfNoKind}, 'the `kind` of its `spec` is not Literal["stations"]'),
        ({"spec": NeverOff}, "its `spec` has no field `enabled`"),
        ({"spec": Open}, "its `spec` takes unknown fields"),
        ({"collect": None}, "its `collect` is no `async def` function"),
        ({"collect": read}, "its `collect` is no `async def` function"),
        ({"read": None}, "its `read` is no plain function"),
        ({"read": collect}, "its `read` is no plain function"),
    ],
)
def test_a_package_without_what_it_needs_is_told(
    installed: Installed, things: dict[str, Any], text: str
) -> None:
    installed.add(**things)

    assert problem(refresh="1h").startswith(text)


def test_a_kind_of_another_name_is_told(installed: Installed) -> None:
    installed.add("radios")
    manifest = Manifest.model_validate({"sources": {"radio": {"kind": "radios"}}})

    assert 'Literal["radios"]' in str(manifest.sources["radio"])


def test_a_model_that_no_child_process_would_find_is_told(installed: Installed) -> None:
    class Local(Scheduled):
        kind: Literal["stations"]

    installed.add(spec=Local)

    assert "it cannot be loaded" in problem()


def test_two_packages_of_one_kind_are_told(installed: Installed) -> None:
    installed.add()
    installed.add()

    assert problem() == "both bring a kind of this name"


@pytest.mark.parametrize("count", [13, 14])
def test_a_model_that_fails_leaves_the_yaml_valid_and_tells_no_secret(
    installed: Installed, count: int
) -> None:
    installed.add()

    found = declare(refresh="1h", count=count, password="hunter22")

    assert isinstance(found, plugins.Unusable)
    assert found.problem.startswith("its model fails: ")
    assert "hunter22" not in repr(found)


def test_a_property_that_fails_is_found_before_others_ask_for_it(installed: Installed) -> None:
    installed.add(spec=Hasty)

    assert problem(refresh="1h", timeout="5s", max_size="1MiB").startswith("its model fails")


@pytest.mark.parametrize(("written", "enabled"), [(True, True), (False, False), ("no", False)])
def test_a_source_that_cannot_be_used_may_be_switched_off(
    installed: Installed, written: object, enabled: bool
) -> None:
    installed.add_missing("stations")

    assert declare(enabled=written).enabled is enabled


def test_a_source_is_read_again_with_another_version_of_its_package(installed: Installed) -> None:
    installed.add()
    found = declare(refresh="1h")

    assert plugins.made_by(found) == ("tvarr_test_stations_0",)  # it has no version of its own
    assert plugins.made_by(declare_m3u()) == ()
    assert len(spec_hash(found)) == 16


def declare_m3u() -> Any:
    return Manifest.model_validate({"sources": {"uk": {"kind": "m3u", "url": "a"}}}).sources["uk"]
