"""The example of docs/explain.md: a YAML, its documents, and what the commands say about it.

`python -m tests.explained` writes the page's blocks anew.
"""

from __future__ import annotations

import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

from typer.testing import CliRunner

from tvarr import cli

PAGE = Path(__file__).parents[1] / "docs" / "explain.md"
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
NOW = "2026-08-22T18:30:00Z"


def lay_out(folder: Path) -> None:
    """Write the example into a folder and build it."""
    (found,) = YAML.findall(PAGE.read_text(encoding="utf-8"))
    (folder / "tvarr.yaml").write_text(found, encoding="utf-8")
    for name, text in (("uk.m3u", PLAYLIST), ("main.xml", GUIDE), ("more.xml", MORE)):
        (folder / name).write_text(text, encoding="utf-8")
    built = CliRunner().invoke(cli.app, ["build", "--data", "data", "--now", NOW])
    assert built.exit_code == 0, built.output


def said(command: str) -> str:
    """Return what a command prints in the folder of the example, its clock stopped."""
    words = shlex.split(command)[1:]
    return CliRunner().invoke(cli.app, [*words, "--data", "data", "--now", NOW]).output


def blocks() -> list[tuple[str, str]]:
    """Return the commands of the page, with what it says they print."""
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


def _write_anew() -> None:
    page = PAGE.read_text(encoding="utf-8")
    page = BLOCK.sub(lambda block: f"```console\n$ {block[1]}\n{said(block[1])}```", page)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        lay_out(Path(place))
        _write_anew()
    sys.stdout.write(f"{PAGE} is written\n")
