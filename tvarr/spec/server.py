"""What the YAML says about the server itself."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tvarr.spec.addresses import BaseUrl
from tvarr.spec.declared import Declared

DEFAULT_PORT = 8888


class Server(Declared):
    """The public listener."""

    port: Annotated[int, Field(ge=1, le=65535, examples=[8888])] | None = None
    """The TCP port, unless tvarr was started with another one; without either, 8888."""

    base_url: BaseUrl | None = None
    """How players reach the server, such as http://192.168.1.10:8888; written into playlists.

    Without it, the address of each request is used.
    """

    access: Literal["lan", "open"] = "lan"
    """Who is answered: `lan` the home network only, `open` everybody."""

    def reached_at(self, port: int) -> str:
        """Return what published files call the server: `base_url`, else this machine and `port`."""
        return (self.base_url or f"http://127.0.0.1:{port}").rstrip("/")
