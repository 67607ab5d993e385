"""Asking the tvarr that is at work in a data folder, over HTTP on this machine.

Called by the commands that have something done: `tvarr refresh` and `tvarr numbers`. Where it is
reached stands in a file of the data folder, see `tvarr.controller.serving`.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tvarr.errors import CannotStartError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPConnection
    from pathlib import Path

    from tvarr.controller.serving import Served

LONGEST_LINE = 2**20
_SILENCE = 90.0
"""Seconds without a word, of which the server sends one each 30, after which it is given up."""


def is_at_work(data: Path) -> bool:
    """Whether another tvarr holds the data folder."""
    from tvarr.controller.lock import locked

    try:
        with locked(data):
            return False
    except FileNotFoundError:
        return False
    except CannotStartError:
        return True


def connect(served: Served) -> HTTPConnection:
    """Return a connection to this machine; no proxy of the environment has a part in it."""
    from http.client import HTTPConnection

    return HTTPConnection(served.host, served.port, timeout=_SILENCE)


def post(
    served: Served, kinds: str, name: str, what: str, wishes: Mapping[str, bool]
) -> dict[str, Any]:
    """Ask for `what` is to be done to `name`, one of `kinds` in the path, and return the answer.

    Raises OSError, ValueError or AttributeError where the answer is none of a tvarr.
    """
    with closing(connect(served)) as connection:
        path = f"/api/v1/{kinds}/{quote(name, safe='')}/{what}"
        headers = {"Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(wishes), headers)
        answer = json.loads(connection.getresponse().read(LONGEST_LINE))
    return {str(key): value for key, value in answer.items()}
