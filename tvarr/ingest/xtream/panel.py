"""Where a panel is asked for what, and where its streams are: the addresses of one account.

The forms are those of Xtream Codes 2.x and XUI.one, as their clients use them: `player_api.php`
with `username`, `password` and `action`; `xmltv.php`; and streams below `live/`, `movie/`,
`series/` and `timeshift/` with both in the path. All of them hold the account's credentials.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from tvarr.spec.source import XtreamSource

API: Final = "player_api.php"
_PAGES = re.compile(r"(?i)/+(?:(?:player_api|panel_api|get|xmltv)\.php(?:\?.*)?|c)?/*$")
"""What people paste behind the host: the panel's own pages, and the portal of set-top boxes."""
_TIMESHIFT: Final = "{duration:60}/{Y}-{m}-{d}:{H}-{M}"
"""Minutes and local start in the words of Kodi's IPTV Simple, which other players know as well."""


@dataclass(frozen=True)
class Panel:
    """One account at one host of a provider."""

    base: str = field(repr=False)
    """The address without a slash at its end; may hold a user and password of its own."""
    username: str = field(repr=False)
    password: str = field(repr=False)

    @classmethod
    def of(cls, spec: XtreamSource, address: str) -> Panel:
        """Return the panel at a declared address, or at one that was asked before."""
        base = _PAGES.sub("", address.partition("?")[0])
        user, password = spec.username, spec.password
        return cls(base, user.get_secret_value(), password.get_secret_value())

    def api(self, action: str | None = None, **parameters: object) -> str:
        """Return where the panel answers an action; without one it tells of the account."""
        query = {**self._login, **({"action": action} if action else {}), **parameters}
        return f"{self.base}/{API}?{_encoded(query)}"

    def guide(self) -> str:
        """Return where the whole guide is, in XMLTV."""
        return f"{self.base}/xmltv.php?{_encoded(self._login)}"

    def stream(self, folder: str) -> str:
        """Return what stands before the id of a stream: `live`, `movie` or `series`."""
        return f"{self.base}/{folder}/{quote(self.username, safe='')}/" + (
            f"{quote(self.password, safe='')}/"
        )

    def timeshift(self) -> str:
        """Return what stands before the id of an archived stream, with a player's own words."""
        return f"{self.stream('timeshift')}{_TIMESHIFT}/"

    @property
    def _login(self) -> dict[str, object]:
        return {"username": self.username, "password": self.password}


def _encoded(query: dict[str, object]) -> str:
    return urlencode(query, quote_via=quote, safe="")
