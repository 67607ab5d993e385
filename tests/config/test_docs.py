"""The example and the reference say what is so, and say all of it."""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from tvarr import cli
from tvarr.config import document, load, secrets, tree
from tvarr.config.load import json_schema, load_manifest
from tvarr.config.settings import Settings
from tvarr.spec.fetched import OnShrink
from tvarr.spec.guide import GuideOfSource, XmltvGuide
from tvarr.spec.lineup import Group, Numbering
from tvarr.spec.manifest import Manifest
from tvarr.spec.matching import DummyProgramme, Matching
from tvarr.spec.proxy import GuideWindow, Proxy
from tvarr.spec.quality import Quality
from tvarr.spec.sentences import Filter, Rule, Selection
from tvarr.spec.server import Server
from tvarr.spec.source import (
    FilesSource,
    HdhomerunSource,
    M3uSource,
    ManualChannel,
    ManualSource,
    XtreamSource,
)
from tvarr.spec.values import RESERVED, format_size

if TYPE_CHECKING:
    from pydantic import BaseModel

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tvarr.yaml.example"
REFERENCE = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
SCHEMA = ROOT / "docs" / "tvarr.schema.json"

HEADINGS: dict[str, type[BaseModel]] = {
    "## `server`": Server,
    "### `kind: m3u`": M3uSource,
    "### `kind: xtream`": XtreamSource,
    "### `kind: manual`": ManualSource,
    "### `channels` of a manual source": ManualChannel,
    "### `kind: hdhomerun`": HdhomerunSource,
    "### `kind: files`": FilesSource,
    "### `on_shrink`": OnShrink,
    "### `guide` of a source": GuideOfSource,
    "### `kind: xmltv`": XmltvGuide,
    "## `rules`": Rule,
    "## `filters`": Filter,
    "## `proxies`": Proxy,
    "### `filters` of a proxy": Selection,
    "### `numbering`": Numbering,
    "### `quality`": Quality,
    "### `groups`": Group,
    "### `matching`": Matching,
    "### `guide`": GuideWindow,
    "### `dummy`": DummyProgramme,
}
YAML_BLOCKS = re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL)


def section(heading: str) -> str:
    """Return the text below a heading, up to the next one."""
    _, _, below = REFERENCE.partition(f"\n{heading}\n")
    return re.split(r"^#{2,3} ", below, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> dict[str, list[str]]:
    """Return the cells of each row of the tables in `text`, by the first cell."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    table = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {first.strip(" `|"): rest for first, *rest in table}


# --- the example -------------------------------------------------------------------------------


def test_the_example_loads_as_it_is() -> None:
    loaded = load_manifest(EXAMPLE, {})

    assert loaded.problems == ()
    assert loaded.manifest is not None
    assert loaded.manifest.proxies


def plain_example() -> Any:
    """Return the example as an editor's check sees it: tags aside."""
    text = re.sub(r"!env_var \w+", "", EXAMPLE.read_text(encoding="utf-8"))
    return YAML(typ="safe", pure=True).load(text)


def test_the_example_fits_the_schema_that_its_first_line_names() -> None:
    first = EXAMPLE.read_text(encoding="utf-8").splitlines()[0]

    assert first == f"# yaml-language-server: $schema={SCHEMA.name}"
    jsonschema.Draft202012Validator(json_schema()).validate(plain_example())


def test_the_example_shows_every_field() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    shown = set(re.findall(r"^[ #-]*([a-z_0-9]+):", text, re.MULTILINE))
    models: list[type[BaseModel]] = [Manifest, *HEADINGS.values()]

    assert {name for model in models for name in model.model_fields} - shown == set()


@pytest.mark.parametrize("tag", ["!secret", "!env_var", "!include", "!include_dir_named"])
def test_the_example_speaks_of_every_tag(tag: str) -> None:
    assert tag in EXAMPLE.read_text(encoding="utf-8")


def test_the_published_schema_is_the_one_of_the_program() -> None:
    """To mend: `tvarr schema > docs/tvarr.schema.json`."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == json_schema()


# --- the reference -----------------------------------------------------------------------------


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_reference_has_a_row_for_every_field_and_none_too_many(heading: str) -> None:
    assert sorted(rows(section(heading))) == sorted(HEADINGS[heading].model_fields)


def test_the_reference_has_a_heading_for_every_part() -> None:
    assert [name for name in Manifest.model_fields if f"\n## `{name}`\n" not in REFERENCE] == []


@pytest.mark.parametrize("heading", HEADINGS)
def test_the_reference_names_every_default(heading: str) -> None:
    model = HEADINGS[heading]
    schema = json_schema()["$defs"][model.__name__]["properties"]
    table = rows(section(heading))

    for name, field in model.model_fields.items():
        assert table[name][0] == written_default(schema[name], field), name


def written_default(schema: dict[str, Any], field: Any) -> str:
    if field.is_required():
        return "needed"
    default = schema.get("default", {} if field.default is PydanticUndefined else None)
    if default is None:
        return "none"
    if default and isinstance(default, dict):
        return "see below"
    text = json.dumps(default).replace('"', "")
    return f"`{text}`"


def test_the_reference_names_every_reserved_name() -> None:
    assert [name for name in sorted(RESERVED) if f"`{name}`" not in section("## `proxies`")] == []


def test_the_reference_names_every_limit() -> None:
    limits = section("## Limits")

    assert f"| {format_size(document.MAX_BYTES)} |" in limits
    assert f"| {document.MAX_DEPTH} levels |" in limits
    for count in (tree.MAX_NODES, tree.MAX_INCLUDES, secrets.MAX_INCLUDED, load.MAX_PROBLEMS):
        assert f"| {count:,} |" in limits


def test_the_reference_has_a_row_for_every_setting_and_none_too_many() -> None:
    table = rows(section("## Settings of the process"))

    assert sorted(table) == sorted(f"TVARR_{name.upper()}" for name in Settings.model_fields)


def test_the_reference_names_the_flags_that_there_are() -> None:
    """A flag is a parameter of the command that runs."""
    flags = {f"`--{name.replace('_', '-')}`" for name in inspect.signature(cli.run).parameters}

    for variable, (flag, *_) in rows(section("## Settings of the process")).items():
        own = f"`--{variable.removeprefix('TVARR_').lower().replace('_', '-')}`"
        assert flag == (own if own in flags else "none")


def test_the_reference_has_examples() -> None:
    assert len(YAML_BLOCKS) >= len(HEADINGS)


@pytest.mark.parametrize("block", YAML_BLOCKS)
def test_every_example_of_the_reference_loads(tmp_path: Path, block: str) -> None:
    (tmp_path / "secrets.yaml").write_text(
        "provider_url: https://example.org/a.m3u\nprovider_user: ann\nprovider_password: a-word\n"
    )
    (tmp_path / "epg.yaml").write_text("uk: {kind: xmltv, url: uk.xml}\n")
    (tmp_path / "proxies").mkdir()
    (tmp_path / "proxies" / "family.yaml").write_text("sources: [provider]\n")
    (tmp_path / "tvarr.yaml").write_text(block, encoding="utf-8")

    loaded = load_manifest(tmp_path / "tvarr.yaml", {})

    assert [str(problem) for problem in loaded.problems] == []
