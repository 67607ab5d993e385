"""The tags of the YAML that name a value from elsewhere, as Home Assistant has them.

`!secret NAME` is a line of `secrets.yaml` beside the main file, `!env_var NAME [default]` a
variable of the process's environment; both give a text that no message may show. `!include FILE`
and `!include_dir_named FOLDER` name local files. Called by `tvarr.config.tree`, which puts the
values in their place and reads the included files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ruamel.yaml.nodes import MappingNode, ScalarNode

from tvarr.config.document import Spot, Wrong, read_nodes, spot_of
from tvarr.spec.declared import did_you_mean, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRETS_FILE = "secrets.yaml"
MAX_INCLUDED = 1000
"""Files that one folder may bring in."""
_SCALAR = "tag:yaml.org,2002:"


class Secrets:
    """The texts of one `secrets.yaml`, read when the first of them is asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._shown = str(path)
        self._texts: dict[str, str] | None = None
        self.flaws: list[Wrong] = []
        """What is wrong with the file itself."""

    def text(self, name: str, spot: Spot) -> str | None:
        """Return the secret called `name`; None if its file has `flaws`.

        Raises:
            Wrong: there is no such secret, or it is empty. Its place is `spot`.
        """
        if self._texts is None:
            self._texts = self._read(spot, name)
        if self.flaws:
            return None
        if name not in self._texts:
            near = did_you_mean(name, self._texts) or f"; add a line `{shorten(name)}: …`"
            raise Wrong(spot, f'no secret "{shorten(name)}" in {self._shown}{near}')
        if not self._texts[name]:
            raise Wrong(spot, f'the secret "{shorten(name)}" in {self._shown} is empty')
        return self._texts[name]

    def _read(self, spot: Spot, name: str) -> dict[str, str]:
        if not self.path.exists():
            raise Wrong(
                spot, f"{self._shown} does not exist; create it with a line `{shorten(name)}: …`"
            )
        try:
            root = read_nodes(self.path)
        except Wrong as flaw:
            self.flaws.append(flaw)
            return {}
        if root is None or not isinstance(root, MappingNode):
            self.flaws.append(Wrong(Spot(self._shown), "one secret a line is needed: `name: text`"))
            return {}
        return self._texts_of(root)

    def _texts_of(self, root: MappingNode) -> dict[str, str]:
        """Take every value as the text it is written as, so that 0042 stays 0042."""
        texts: dict[str, str] = {}
        for key, value in root.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            if name in texts:
                self._flaw(key, f'"{shorten(name)}" stands here twice; take one of them out')
            if not isinstance(value, ScalarNode) or not str(value.tag).startswith(_SCALAR):
                self._flaw(value, "a secret is a plain text; put it in quotes")
            elif str(value.tag) == f"{_SCALAR}null":
                texts[name] = ""
            else:
                texts[name] = value.value
        return texts

    def _flaw(self, node: ScalarNode, message: str) -> None:
        self.flaws.append(Wrong(spot_of(node.start_mark, self._shown), message))


def env_var(argument: str, environ: Mapping[str, str], spot: Spot) -> str:
    """Return the value of the variable that `NAME [default]` names.

    Raises:
        Wrong: it is not set and there is no default.
    """
    name, _, default = argument.strip().partition(" ")
    value = environ.get(name) or default.strip()
    if value:
        return value
    raise Wrong(
        spot,
        f"the environment variable {shorten(name)} is not set or is empty;"
        f" set it, or write a default: `!env_var {shorten(name)} default`",
    )


def included_file(argument: str, folder: Path, spot: Spot) -> Path:
    """Return the local file that `!include` names, seen from the folder of the including file.

    Raises:
        Wrong: it is an address, or nothing.
    """
    if not argument or "://" in argument or "\0" in argument:
        raise Wrong(spot, "a local file is included by its path, like `!include sources.yaml`")
    return folder / argument


def included_folder(argument: str, folder: Path, spot: Spot) -> tuple[list[Path], list[Path]]:
    """Return the YAML files of the folder that `!include_dir_named` names, and all its folders.

    As in Home Assistant: `*.yaml` in it and in the folders below it, sorted, without hidden ones
    and `secrets.yaml`.

    Raises:
        Wrong: it is not a folder, or has too many files.
    """
    top = included_file(argument, folder, spot)
    if not top.is_dir():
        raise Wrong(spot, "this folder does not exist; create it or name another one")
    files: list[Path] = []
    folders: list[Path] = []
    for parent, children, names in os.walk(top):
        children[:] = sorted(child for child in children if not child.startswith("."))
        folders.append(Path(parent))
        files += [
            Path(parent, name)
            for name in sorted(names)
            if name.endswith(".yaml") and not name.startswith(".") and name != SECRETS_FILE
        ]
        if len(files) > MAX_INCLUDED or len(folders) > MAX_INCLUDED:
            raise Wrong(spot, f"this folder has more than {MAX_INCLUDED} files or folders")
    return files, folders
