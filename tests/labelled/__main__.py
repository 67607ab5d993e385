"""`python -m tests.labelled`: precision and recall of matching on the labelled set.

Real playlists and guides of the data pack are referred to by their rows, never copied: where a
playlist's id stands in a guide, that pair is the truth; the ids are then hidden, and the names have
to find it again. A channel of another country, or one whose guide channel was taken out, is a trap:
whatever is found for it is wrong. To these come pairs written by hand, in `traps.txt`.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tests.labelled.held_out import LATER, judge_held_out
from tests.labelled.judge import Verdict, judge_real, judge_traps

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Print the figures; return 1 where precision is below 0.99 or pairs are too few."""
    parser = argparse.ArgumentParser(prog="python -m tests.labelled", description=__doc__)
    parser.add_argument("--threshold", type=int, default=90, metavar="PERCENT")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong or missed")
    options = parser.parse_args()
    data = Path(os.environ.get("TVARR_TEST_DATA", ROOT.parent / "shared" / "data"))
    verdict = judge_traps(options.threshold)
    if data.is_dir():
        held_out = judge_held_out(data, options.threshold)
        later = judge_held_out(data, options.threshold, LATER)
        verdict += judge_real(data, options.threshold)
        _tell("rules were made with these in view", verdict, options.wrong)
        _tell("held out, mended since", held_out, options.wrong)
        _tell("labelled after that", later, options.wrong)
        verdict += held_out + later
    else:
        print(f"no data pack at {data}: the pairs written by hand only")
    _tell("all", verdict, wrong=False)
    return int(verdict.precision < 0.99 or verdict.pairs < 400)


def _tell(title: str, verdict: Verdict, wrong: bool) -> None:
    print(f"{title}: {verdict.pairs} pairs, {verdict.traps} channels that no guide has")
    print(f"  precision {verdict.precision:.4f}: {verdict.right} right, {len(verdict.wrong)} wrong")
    print(f"  recall    {verdict.recall:.4f}: {len(verdict.missed)} missed")
    for kind, lines in (("wrong", verdict.wrong), ("missed", verdict.missed)) if wrong else ():
        for line in lines:
            print(f"    {kind}: {line}")


if __name__ == "__main__":
    sys.exit(main())
