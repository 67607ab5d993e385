"""The page about accounts: its examples load, and it says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tvarr.config.load import load_manifest
from tvarr.ingest.xtream import guide, listings

PAGE = (Path(__file__).parents[3] / "docs" / "xtream.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SECRETS = "provider_user: ann.user\nprovider_password: secret password\n"


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_every_example_loads(tmp_path: Path, number: int) -> None:
    (tmp_path / "secrets.yaml").write_text(SECRETS)
    config = tmp_path / "tvarr.yaml"
    config.write_text(EXAMPLES[number])
    loaded = load_manifest(config)
    assert loaded.problems == ()


def test_it_has_examples_and_the_shape_of_a_kinds_page() -> None:
    assert len(EXAMPLES) == 2
    headings = re.findall(r"^## (.*)$", PAGE, re.MULTILINE)
    assert headings == [
        "Example", "Specification", "Working with it", "Status when ready", "Failing", "Stalled",
    ]  # fmt: skip


def test_its_numbers_are_those_of_the_code() -> None:
    words = " ".join(PAGE.split())
    assert f"the first {listings.MOST_CHANNELS} channels" in words
    assert listings.AT_ONCE == 3
    assert "three at a time" in words
    assert guide.PROBE == 1024
