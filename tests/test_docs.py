"""The documentation knows every reason, and its links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tvarr.errors import Reason

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_heading_in_the_troubleshooting_page(reason: Reason) -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text()

    assert re.search(rf"^### {reason}$", page, re.MULTILINE)


def test_the_troubleshooting_page_has_no_heading_for_what_cannot_happen() -> None:
    page = (ROOT / "docs" / "troubleshooting.md").read_text()

    assert set(re.findall(r"^### (\w+)$", page, re.MULTILINE)) == {str(r) for r in Reason}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text())

    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_every_module_named_in_the_architecture_exists() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    house = page.split("## The house")[1].split("**Imports")[0]
    packages, missing = "", []
    for indent, name in re.findall(r"^( +)(\w+(?:\.py|/))", house, re.MULTILINE):
        if name == "tvarr/":
            continue
        packages = name if name.endswith("/") else packages if len(indent) > 6 else ""
        path = ROOT / "tvarr" / (name if packages == name else packages + name)
        if not path.exists():
            missing.append(str(path.relative_to(ROOT)))
    assert missing == []
