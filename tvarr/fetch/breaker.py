"""A circuit breaker for each host: what fails again and again is left alone for a while.

Ten sources of one dead host would each wait for their timeout otherwise, and a host that is coming
back would be met by all of them at once. `tvarr.fetch.http` asks before every request and tells how
it went; only trouble of the host itself counts, never that of an account or a document. The circuit
is closed at first, open after `FAILURES` failures in a row, and half-open after `PAUSE`: then one
request goes through, and its outcome closes or opens it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tvarr.errors import Reason, Transient

if TYPE_CHECKING:
    from collections.abc import Callable

FAILURES: Final = 5
"""How many failures in a row open the circuit."""
PAUSE: Final = 120.0
"""Seconds that a host is left alone."""
TRIAL: Final = 30.0
"""Seconds after which the others ask again while one request tries whether the host is back."""
FORGOTTEN: Final = 3600.0
"""Seconds between two failures that make no row any more."""

TROUBLE_OF_THE_HOST: Final = frozenset(
    {
        Reason.CONNECT_FAILED,
        Reason.CONNECT_TIMEOUT,
        Reason.DNS_FAILED,
        Reason.TIMEOUT,
        Reason.SERVER_ERROR,
    }
)


@dataclass
class _Circuit:
    failures: int
    last: Transient
    failed_at: float
    trial: bool = False
    """Whether a request is on its way to try the host."""


class Breakers:
    """The circuits of all hosts; lives as long as the session. For one event loop."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """`now` tells seconds from any beginning."""
        self._now = now
        self._circuits: dict[str, _Circuit] = {}

    def check(self, place: str, *, insist: bool = False) -> None:
        """Raise `Transient`, with the host's last reason, if `place` is to be left alone.

        Whoever passes has to tell `succeeded`, `failed` or `gave_up`. `insist` passes in any case:
        a person asks.
        """
        circuit = self._circuits.get(place)
        if circuit is None or circuit.failures < FAILURES:
            return
        left = circuit.failed_at + PAUSE - self._now()
        if not insist and (left > 0 or circuit.trial):
            raise _left_alone(place, circuit, max(left, TRIAL if circuit.trial else 0))
        circuit.trial = True

    def succeeded(self, place: str) -> None:
        """Close the circuit: the host answers."""
        self._circuits.pop(place, None)

    def failed(self, place: str, error: Transient) -> None:
        """Count a failure, if it is the host's own; any other one proves that the host answers."""
        if error.reason is Reason.NETWORK_DOWN:
            self.gave_up(place)
        elif error.reason in TROUBLE_OF_THE_HOST:
            self._count(place, error)
        else:
            self.succeeded(place)

    def gave_up(self, place: str) -> None:
        """Take notice that a request ended without an outcome, as when it is cancelled."""
        if circuit := self._circuits.get(place):
            circuit.trial = False

    def _count(self, place: str, error: Transient) -> None:
        now = self._now()
        before = self._circuits.get(place)
        known = before is not None and now - before.failed_at <= FORGOTTEN
        failures = before.failures + 1 if before is not None and known else 1
        self._circuits[place] = _Circuit(failures, error, now)


def _left_alone(place: str, circuit: _Circuit, seconds: float) -> Transient:
    return Transient(
        circuit.last.reason,
        f"{place} failed {circuit.failures} times in a row, so it is left alone for "
        f"{max(round(seconds), 1)} seconds; what it came to last: {circuit.last.sentence}",
        retry_after=seconds,
    )
