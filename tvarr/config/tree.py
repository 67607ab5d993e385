"""The main file with its secrets and included files as one tree of plain values.

Called by `tvarr.config.load`. Every value and key keeps its place (file, line, column), so that
whoever finds it wrong later can point at it. What the values mean is left to `tvarr.spec`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from tvarr.config.document import MAX_DEPTH, NoFile, Spot, Wrong, read_nodes, spot_of
from tvarr.config.secrets import (
    SECRETS_FILE,
    Secrets,
    env_var,
    included_file,
    included_folder,
)
from tvarr.spec.declared import did_you_mean, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Place = tuple[str | int, ...]
"""Keys and indexes from the top: `("proxies", "family", "sources", 0)`, as pydantic has them."""

MAX_NODES = 200_000
"""Values of one tree, counted where they are used: aliases cannot multiply without end."""
MAX_INCLUDES = 10
"""Files that may include each other in a row."""

_YAML = "tag:yaml.org,2002:"
_TAGS = ("!secret", "!env_var", "!include", "!include_dir_named")


class Broken:
    """Stands in the tree where a value could not be read; its problem is already noted."""


BROKEN: Final = Broken()


@dataclass
class Tree:
    """Plain values (dict, list, str, int, float, bool, None, `BROKEN`) and where they stand."""

    data: Any = None
    keys: dict[Place, Spot] = field(default_factory=dict)
    values: dict[Place, Spot] = field(default_factory=dict)
    scalars: dict[Place, ScalarNode] = field(default_factory=dict)
    """Values that are written where they stand, as the YAML parser has them."""
    hidden: dict[Place, str] = field(default_factory=dict)
    """Values that no message may show, and what may be shown for them: `!secret NAME`."""
    wrong: list[tuple[Place, Wrong]] = field(default_factory=list)
    files: dict[Path, None] = field(default_factory=dict)
    """Absolute paths of all files and folders that were read or looked for, in that order."""


class _Origin(NamedTuple):
    """Where a node comes from."""

    file: Path
    chain: tuple[Path, ...]
    """The file and those that include it, resolved, the main file first."""


class TooMuch(Exception):  # noqa: N818 - as `Wrong`
    """The tree has more values than are read."""


def read_tree(main: Path, environ: Mapping[str, str]) -> Tree:
    """Return the tree of the YAML file `main`; all that is wrong with it is in `Tree.wrong`."""
    reader = _Reader(main, environ)
    tree = reader.tree
    try:
        tree.data = reader.read_file(main, (), ())
    except NoFile as flaw:
        reader.note(flaw, ())
    except TooMuch:
        much = Wrong(Spot(str(main)), f"more than {MAX_NODES:,} values; use fewer aliases")
        reader.note(much, ())
    tree.wrong += [((), flaw) for flaw in reader.secrets.flaws]
    return tree


class _Reader:
    """Builds one tree."""

    def __init__(self, main: Path, environ: Mapping[str, str]) -> None:
        self.tree = Tree()
        self.secrets = Secrets(main.parent / SECRETS_FILE)
        self._environ = environ
        self._count = 0
        self._open: set[int] = set()
        """Nodes whose inside is being read."""

    def note(self, flaw: Wrong, place: Place) -> Broken:
        """Remember what is wrong at `place`."""
        self.tree.wrong.append((place, flaw))
        return BROKEN

    def read_file(self, file: Path, place: Place, chain: tuple[Path, ...]) -> Any:
        """Return what `file` holds; None if it is empty. Raises NoFile."""
        self.tree.files[file.absolute()] = None
        self.tree.values[place] = Spot(str(file))
        try:
            root = read_nodes(file)
        except NoFile:
            raise
        except Wrong as flaw:
            return self.note(flaw, place)
        if root is None:
            return None
        return self._value(root, place, _Origin(file, (*chain, file.resolve())))

    def _value(self, node: Node, place: Place, origin: _Origin) -> Any:
        self._tally()
        spot = spot_of(node.start_mark, str(origin.file))
        self.tree.values[place] = spot
        try:
            return self._convert(node, place, origin, spot)
        except Wrong as flaw:
            return self.note(flaw, place)

    def _tally(self) -> None:
        self._count += 1
        if self._count > MAX_NODES:
            raise TooMuch

    def _convert(self, node: Node, place: Place, origin: _Origin, spot: Spot) -> Any:
        tag = str(node.tag)
        if tag in _TAGS:
            return self._from_elsewhere(tag, node, place, origin, spot)
        if not tag.startswith(_YAML):
            advice = did_you_mean(tag, _TAGS) or "; put a text that begins with ! in quotes"
            raise Wrong(spot, f"this tag is not known{advice}")
        if isinstance(node, ScalarNode):
            self.tree.scalars[place] = node
            return _scalar(node, spot)
        if tag not in (f"{_YAML}map", f"{_YAML}seq"):
            raise Wrong(spot, "this tag is not known; leave it out")
        return self._collection(node, place, origin, spot)

    # --- maps and lists ----------------------------------------------------------------------

    def _collection(self, node: Node, place: Place, origin: _Origin, spot: Spot) -> Any:
        self._enter(node, place, spot)
        try:
            if isinstance(node, MappingNode):
                values: dict[str, Any] = {}
                self._fill(values, node, place, origin)
                return values
            return [
                self._value(child, (*place, index), origin)
                for index, child in enumerate(node.value)
            ]
        finally:
            self._open.discard(id(node))

    def _enter(self, node: Node, place: Place, spot: Spot) -> None:
        if id(node) in self._open:
            raise Wrong(spot, "an alias (*) stands inside of what it names; take it out")
        if len(place) > MAX_DEPTH:
            raise Wrong(spot, "this is nested too deeply")
        self._open.add(id(node))

    def _fill(
        self, values: dict[str, Any], node: MappingNode, place: Place, origin: _Origin
    ) -> None:
        """Add the keys of `node` that `values` has not; then those that it merges with `<<`."""
        own: dict[str, int] = {}
        for key, value in node.value:
            self._tally()
            spot = spot_of(key.start_mark, str(origin.file))
            if str(key.tag) == f"{_YAML}merge":
                continue
            if not isinstance(key, ScalarNode) or not str(key.tag).startswith(_YAML):
                self.note(Wrong(spot, "a key is a plain text"), place)
            elif key.value in own:
                self.note(Wrong(spot, _twice(key.value, own[key.value])), place)
            else:
                own[key.value] = spot.line
                if key.value not in values:
                    inside = (*place, str(key.value))
                    self.tree.keys[inside] = spot
                    values[key.value] = self._value(value, inside, origin)
                    if not value.value and values[key.value] is None:
                        self.tree.values[inside] = spot  # YAML sees it on some line below
        for key, value in node.value:
            if str(key.tag) == f"{_YAML}merge":
                self._merge(values, value, place, origin)

    def _merge(self, values: dict[str, Any], node: Node, place: Place, origin: _Origin) -> None:
        self._tally()
        spot = spot_of(node.start_mark, str(origin.file))
        if str(node.tag) not in (f"{_YAML}map", f"{_YAML}seq"):
            raise Wrong(spot, "after << stands an alias (*) of a map, or a list of them")
        self._enter(node, place, spot)
        try:
            if isinstance(node, MappingNode):
                self._fill(values, node, place, origin)
            else:
                for child in node.value:
                    self._merge(values, child, place, origin)
        finally:
            self._open.discard(id(node))

    # --- tags --------------------------------------------------------------------------------

    def _from_elsewhere(
        self, tag: str, node: Node, place: Place, origin: _Origin, spot: Spot
    ) -> Any:
        if not isinstance(node, ScalarNode) or not node.value.strip():
            raise Wrong(spot, f"after {tag} stands a name")
        argument = node.value.strip()
        match tag:
            case "!secret":
                return self._secret(argument, place, spot)
            case "!env_var":
                self.tree.hidden[place] = f"{tag} {shorten(argument.split()[0])}"
                return env_var(argument, self._environ, spot)
            case "!include":
                return self._include(argument, place, origin, spot)
            case _:
                return self._include_folder(argument, place, origin, spot)

    def _secret(self, name: str, place: Place, spot: Spot) -> str | Broken:
        self.tree.files[self.secrets.path.absolute()] = None
        self.tree.hidden[place] = f"!secret {shorten(name)}"
        text = self.secrets.text(name, spot)
        return BROKEN if text is None else text

    def _include(self, argument: str, place: Place, origin: _Origin, spot: Spot) -> Any:
        file = included_file(argument, origin.file.parent, spot)
        return self._read_included(file, place, origin, spot)

    def _read_included(self, file: Path, place: Place, origin: _Origin, spot: Spot) -> Any:
        if file.resolve() in origin.chain:
            chain = " → ".join(path.name for path in (*origin.chain, file))
            raise Wrong(spot, f"this file includes itself: {chain}")
        if len(origin.chain) > MAX_INCLUDES:
            raise Wrong(spot, f"more than {MAX_INCLUDES} files include each other")
        try:
            return self.read_file(file, place, origin.chain)
        except NoFile as flaw:
            raise Wrong(spot, f"{file}: {flaw}") from None

    def _include_folder(
        self, argument: str, place: Place, origin: _Origin, spot: Spot
    ) -> dict[str, Any]:
        self.tree.files[included_file(argument, origin.file.parent, spot).absolute()] = None
        files, folders = included_folder(argument, origin.file.parent, spot)
        self.tree.files.update(dict.fromkeys(folder.absolute() for folder in folders))
        values: dict[str, Any] = {}
        for file in files:
            name, inside = file.stem, (*place, file.stem)
            if name in values:
                self.note(Wrong(Spot(str(file)), f'two files are called "{shorten(name)}"'), place)
                continue
            self.tree.keys[inside] = Spot(str(file))
            values[name] = self._read_included(file, inside, origin, spot)
        return values


def _twice(name: str, line: int) -> str:
    return f'"{shorten(name)}" stands here twice, first in line {line}; take one of them out'


def _scalar(node: ScalarNode, spot: Spot) -> str | int | float | bool | None:
    """Return the value of a plain node; a date stays the text that it is."""
    kind, text = str(node.tag).removeprefix(_YAML), str(node.value)
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() in ("true", "yes", "on", "y")
        case "int" | "float":
            return _number(kind, text)
        case "str" | "timestamp":
            return text
    raise Wrong(spot, "this tag is not known; put the text in quotes")


def _number(kind: str, text: str) -> int | float | str:
    """Return the number, or the text where Python reads numbers otherwise than YAML (1:30)."""
    try:
        if kind == "float":
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))
        return int(text, 0) if text.lstrip("+-").startswith(("0x", "0o")) else int(text)
    except ValueError:
        return text
