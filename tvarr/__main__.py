"""`python -m tvarr`, and the `tvarr` command: the quick answer first, then the command line."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, unless it is a `build` with nothing to do."""
    arguments = sys.argv[1:]
    if arguments[:1] == ["build"] and _nothing_to_do(arguments):
        return
    from tvarr import cli

    cli.main()


def _nothing_to_do(arguments: list[str]) -> bool:
    from datetime import UTC, datetime

    from tvarr import unchanged

    said = unchanged.still_current(arguments, datetime.now(UTC))
    for line in said or ():
        print(line)  # noqa: T201 - what the command has to say
    return said is not None


if __name__ == "__main__":
    main()
