"""The whole file."""

from __future__ import annotations

from tvarr.spec.proxy import Proxy
from tvarr.spec.server import Server
from tvarr.spec.source import Guide, Source
from tvarr.spec.values import Declared, Name


class Manifest(Declared):
    """Everything one YAML file declares; maps keep the file's order."""

    server: Server = Server()
    sources: dict[Name, Source] = {}
    epg: dict[Name, Guide] = {}
    proxies: dict[Name, Proxy] = {}
