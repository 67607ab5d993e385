"""The examples of pages: a YAML, its documents, and what the commands say about it.

`python -m tests.explained` writes the blocks of these pages anew.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from tvarr import cli

DOCS = Path(__file__).parents[1] / "docs"
BLOCK = re.compile(r"^```console\n\$ (tvarr [^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)

PLAYLIST = """\
#EXTM3U
#EXTINF:-1 tvg-id="BBC1.uk" group-title="General",UK: BBC One HD
http://provider.invalid/live/user/password/1.ts
#EXTINF:-1 tvg-id="two.uk" tvg-logo="http://logos.invalid/two.png" group-title="General",BBC Two
http://provider.invalid/live/user/password/2.ts
#EXTINF:-1 group-title="Shopping",UK: Bargains 24
http://provider.invalid/live/user/password/3.ts
"""
GUIDE = """\
<?xml version="1.0" encoding="UTF-8"?>
<tv>
<channel id="bbc1.uk"><display-name>BBC One</display-name></channel>
<programme start="20260822170000 +0000" stop="20260822180000 +0000" channel="bbc1.uk">\
<title>Pointless</title></programme>
<programme start="20260822180000 +0000" stop="20260822190000 +0000" channel="bbc1.uk">\
<title>The Six O'Clock News</title><desc>The day's stories.</desc></programme>
<programme start="20260822184500 +0000" stop="20260822193000 +0000" channel="bbc1.uk">\
<title>Weather</title></programme>
</tv>
"""
MORE = """\
<?xml version="1.0" encoding="UTF-8"?>
<tv>
<channel id="bbc1.uk"><display-name>BBC One</display-name></channel>
<programme start="20260822181500 +0000" stop="20260822191500 +0000" channel="bbc1.uk">\
<title>News</title></programme>
</tv>
"""
STREAMS = """\
#EXTM3U
#EXTINF:-1 tvg-id="bbc1.uk" tvg-chno="101",UK: BBC One HD
http://main.invalid/live/user/password/1.ts
#EXTINF:-1,UK: BBC One FHD 50fps
http://main.invalid/live/user/password/2.ts
#EXTINF:-1 tvg-id="bbc1.uk",UK: BBC One RAW
http://main.invalid/live/user/password/3.ts
#EXTINF:-1 tvg-id="bbc2.uk" tvg-chno="102",UK: BBC Two HD
http://main.invalid/live/user/password/4.ts
"""
SPARE = """\
#EXTM3U
#EXTINF:-1,BBC 1 (backup)
http://spare.invalid/live/user/password/1.ts
#EXTINF:-1 tvg-id="bbc1.uk",BBC One FHD
http://spare.invalid/live/user/password/2.ts
"""
NOW = "2026-08-22T18:30:00Z"


@dataclass(frozen=True)
class Example:
    """A page and the documents that its YAML names."""

    page: Path
    documents: tuple[tuple[str, str], ...]


EXPLAIN = Example(
    DOCS / "explain.md", (("uk.m3u", PLAYLIST), ("main.xml", GUIDE), ("more.xml", MORE))
)
DUPLICATES = Example(
    DOCS / "duplicates.md", (("main.m3u", STREAMS), ("spare.m3u", SPARE), ("uk.xml", GUIDE))
)
EXAMPLES = (EXPLAIN, DUPLICATES)


def lay_out(folder: Path, example: Example = EXPLAIN) -> None:
    """Write the example into a folder and build it."""
    (found,) = YAML.findall(example.page.read_text(encoding="utf-8"))
    (folder / "tvarr.yaml").write_text(found, encoding="utf-8")
    for name, text in example.documents:
        (folder / name).write_text(text, encoding="utf-8")
    built = CliRunner().invoke(cli.app, ["build", "--data", "data", "--now", NOW])
    assert built.exit_code == 0, built.output


def said(command: str) -> str:
    """Return what a command prints in the folder of the example, its clock stopped."""
    words = shlex.split(command)[1:]
    return CliRunner().invoke(cli.app, [*words, "--data", "data", "--now", NOW]).output


def blocks(example: Example = EXPLAIN) -> list[tuple[str, str]]:
    """Return the commands of the page, with what it says they print."""
    return BLOCK.findall(example.page.read_text(encoding="utf-8"))


def _write_anew(example: Example) -> None:
    text = example.page.read_text(encoding="utf-8")
    text = BLOCK.sub(lambda block: f"```console\n$ {block[1]}\n{said(block[1])}```", text)
    example.page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    for each in EXAMPLES:
        with tempfile.TemporaryDirectory() as place:
            os.chdir(place)
            lay_out(Path(place), each)
            _write_anew(each)
        sys.stdout.write(f"{each.page} is written\n")
