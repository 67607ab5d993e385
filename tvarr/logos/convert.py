"""The process that looks into pictures: `python -m tvarr.logos.convert`, one JSON line a picture.

Started by `tvarr.logos.converter`. A picture can be made to take all memory or never to end, so the
system bounds what this process may use, and whoever started it ends it when an answer takes too
long. It ends by itself with its standard input.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tvarr.errors import Transient
from tvarr.logos import picture, placeholder

MEMORY: Final = 768 * 2**20
"""Bytes of address space, the program itself included."""
SECONDS: Final = 600
"""Of computing, for all pictures together; the parent starts another process long before."""
LARGEST_FILE: Final = 64 * 2**20


def main() -> None:
    """Answer one line for each line, until there are no more."""
    _bound()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)


def answer(task: dict[str, object]) -> dict[str, object]:
    """Do one task: `into`, `size`, and either `document` or `initials` and `colour`."""
    into, size = Path(str(task["into"])), int(str(task["size"]))
    try:
        if "document" in task:
            return asdict(picture.convert(Path(str(task["document"])), into, size))
        drawn = placeholder.draw(str(task["initials"]), int(str(task["colour"])), size)
        return asdict(picture.write(drawn, into, "drawn"))
    except Transient as error:
        return {"reason": error.reason, "sentence": error.sentence}


def _bound() -> None:
    """Have the system end this process rather than give it more than it should have."""
    limits = (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in limits:
        with suppress(ValueError, OSError):  # a lower limit holds already, or there is none here
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
