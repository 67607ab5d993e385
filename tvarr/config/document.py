"""One YAML file from the disk to nodes that know their place, within limits.

Called by `tvarr.config.tree` for the main file and for every included one, and by
`tvarr.config.secrets` for `secrets.yaml`. What the nodes mean is left to them. The sentences
about syntax never quote the file: a line that YAML cannot read may hold a password.
"""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from tvarr.spec.values import format_size

if TYPE_CHECKING:
    from pathlib import Path

    from ruamel.yaml.error import StreamMark
    from ruamel.yaml.nodes import Node

MAX_BYTES = 2 * 2**20
"""About 20,000 sources; reading takes some seconds for each MiB."""
MAX_DEPTH = 40


class Spot(NamedTuple):
    """A place in a file, lines and columns from 1."""

    file: str
    line: int = 1
    column: int = 1


class Wrong(Exception):  # noqa: N818 - it becomes a `Problem`, which says what is wrong where
    """One thing that is wrong with a file or a node of it; `str()` says what and what to do."""

    def __init__(self, spot: Spot, message: str) -> None:
        super().__init__(message)
        self.spot = spot


class NoFile(Wrong):
    """There is nothing to read at that path."""


def read_nodes(path: Path) -> Node | None:
    """Return the root node of the YAML file at `path`; None if there is nothing in it.

    Raises:
        NoFile: the file is missing or cannot be read.
        Wrong: it is too large, not UTF-8 or not YAML.
    """
    shown = str(path)
    text = _decode(_read(path), shown)
    yaml = YAML(typ="safe", pure=True)
    yaml.max_depth = MAX_DEPTH
    yaml.composer.warn_double_anchors = False
    try:
        root: Node | None = yaml.compose(text)
    except ReaderError as error:
        before = text[: error.position]
        column = len(before) - before.rfind("\n")
        message = "this character cannot stand in a YAML file; take it out"
        raise Wrong(Spot(shown, before.count("\n") + 1, column), message) from None
    except MarkedYAMLError as error:
        raise _syntax(error, shown) from None
    except (YAMLError, RecursionError, ValueError):
        raise Wrong(Spot(shown), "this is not YAML; check quotes, colons and indentation") from None
    return root


def _read(path: Path) -> bytes:
    spot = Spot(str(path))
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise NoFile(spot, "this is not a file; name a YAML file")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NoFile(spot, "the file does not exist; create it or name another one") from None
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or "its name is not possible"
        raise NoFile(spot, f"the file cannot be read: {cause}; check its permissions") from None
    if len(data) > MAX_BYTES:
        most = format_size(MAX_BYTES)
        raise Wrong(spot, f"the file is larger than {most}; split it by !include")
    return data


def _decode(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        spot = Spot(shown, before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise NoFile(spot, "this is not UTF-8; save the file in the encoding UTF-8") from None


_SYNTAX = (
    # words of the parser, our sentence; the first one that is found counts
    ("maximum depth", "this is nested too deeply"),
    ("'\\t'", "a tab stands here; indent with spaces"),
    ("scanning a quoted scalar", "the quotation mark that opens here is never closed"),
    (
        "scanning a double-quoted scalar",
        "this escape is not known; write \\\\ for a backslash, or put the text in single quotes",
    ),
    ("scanning an alias", "a text that begins with * must stand in quotes"),
    ("undefined alias", "a text that begins with * must stand in quotes"),
    ("scanning an anchor", "a text that begins with & must stand in quotes"),
    ("cannot start any token", "a text that begins with this character must stand in quotes"),
    ("a tag", "a text that begins with ! must stand in quotes, unless it is a known tag"),
    ("undefined tag handle", "a text that begins with ! must stand in quotes"),
    ("scanning a block scalar", "after | or > the text begins on the next line"),
    ("single document", "a second document begins here; one file holds one document"),
    ("flow sequence", "the list that opens here with [ is not closed, or lacks a comma"),
    ("flow mapping", "the map that opens here with { is not closed, or lacks a comma"),
    (
        "mapping values are not allowed",
        'a ":" cannot stand here; check the indentation, and put a text that holds ": " in quotes, '
        "or on lines of its own after |",
    ),
    ("sequence entries are not allowed", "a list cannot begin here; begin it on the next line"),
    ("could not find expected ':'", 'a key lacks its ":"'),
    ("expected <block end>", "the indentation does not fit the lines above"),
    ("expected the node content", "a value is expected here; put a text with [ ] { } in quotes"),
)
_QUOTED_TOO_SHORT = (
    "a quoted text has ended just before this; put a text that holds quotes on lines of its own "
    "after |"
)
_AT_THE_OPENING = ("quoted scalar", "flow sequence", "flow mapping")
"""Where the parser's complaint is about the end of something, its beginning helps more."""


def _syntax(error: MarkedYAMLError, shown: str) -> Wrong:
    words = f"{error.context or ''}; {error.problem or ''}"
    advice = next((ours for theirs, ours in _SYNTAX if theirs in words), None)
    if "expected <block end>" in words and _stands_behind_a_text(error.problem_mark):
        advice = _QUOTED_TOO_SHORT
    opening = any(kind in (error.context or "") for kind in _AT_THE_OPENING)
    mark = error.context_mark if opening and "escape" not in words else error.problem_mark
    message = f"this is not YAML: {advice or 'check quotes, colons and indentation'}"
    return Wrong(spot_of(mark or error.context_mark, shown), message)


def _stands_behind_a_text(mark: StreamMark | None) -> bool:
    """Whether a quotation mark closes before `mark`, with nothing but blanks between."""
    source = getattr(mark, "buffer", None)
    if mark is None or source is None:
        return False
    line: str = source[: mark.index].rpartition("\n")[2]
    return line.rstrip().endswith(("'", '"'))


def spot_of(mark: StreamMark | None, shown: str) -> Spot:
    """Return where a mark of the parser is, counted from 1."""
    return Spot(shown, mark.line + 1, mark.column + 1) if mark else Spot(shown)
