"""What is too large, and how large that is; said alike by all that reads or writes documents."""

from __future__ import annotations

from tvarr.errors import Reason, Transient


def too_large(max_size: int, what: str = "the document") -> Transient:
    """Return the error for something of more than `max_size` bytes."""
    limit = readable_size(max_size)
    return Transient(
        Reason.TOO_LARGE,
        f"{what} is larger than max_size ({limit}): raise max_size if it should be that large",
    )


def too_many(most: int, what: str) -> Transient:
    """Return the error for a document that holds more than `most` of something (a plural)."""
    return Transient(
        Reason.TOO_LARGE,
        f"the document holds more than {most:,} {what}, which is more than memory is meant for",
    )


def readable_size(size: int) -> str:
    """Return a number of bytes as it may be written in the YAML (`64MiB`)."""
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g}{name}"
    return f"{size}B"
