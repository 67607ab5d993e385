"""What the YAML says about the server itself."""

from __future__ import annotations

from typing import Literal

from tvarr.spec.values import Declared


class Server(Declared):
    """The public listener."""

    port: int | None = None
    base_url: str | None = None
    access: Literal["lan", "open"] = "lan"
