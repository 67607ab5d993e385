"""Whether an answer holds so much less than the one before that a person should look first. Pure.

Called by `sources` when a document has been read and is not yet a snapshot. A provider in trouble
often answers well, with a tenth of its channels; what is served would lose the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tvarr.controller.verdict import counted
from tvarr.errors import HeldBackError

if TYPE_CHECKING:
    from collections.abc import Mapping


def hold_back(
    asked: str, before: Mapping[str, int], counts: Mapping[str, int], threshold: int
) -> None:
    """Raise `HeldBackError` if more than `threshold` percent of any count is missing.

    `asked` is how a person asks for the document, as `verdict.asked_as` has it.
    `before` are the counts of the snapshot that is there, such as channels and programmes, none of
    them for one that anything may follow; `counts` are those of the answer.
    """
    shrunk = {
        kind: count for kind, count in before.items() if _is_shrunk(kind, count, counts, threshold)
    }
    if not shrunk:
        return
    now = " and ".join(_counted(kind, counts.get(kind, 0)) for kind in shrunk)
    there = " and ".join(f"{count:,}" for count in shrunk.values())
    were = "was" if list(shrunk.values()) == [1] else "were"
    raise HeldBackError(
        f"the answer has {now} where there {were} {there} before, so it is held back; "
        f"if that is right, `{asked} --accept` takes it",
        counts,
    )


def _is_shrunk(kind: str, count: int, counts: Mapping[str, int], threshold: int) -> bool:
    return counts.get(kind, 0) * 100 < count * (100 - threshold)


def _counted(kind: str, count: int) -> str:
    """Return `no channels`, `1 channel`, `2 series`, `3 programmes to come`."""
    if kind == "series":
        return f"{count:,} series"
    noun, _, rest = kind.replace("_", " ").partition(" ")
    words = counted(count, noun.removesuffix("s")) if count else f"no {noun}"
    return f"{words} {rest}".rstrip()
