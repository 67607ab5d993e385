"""The other end of `workers`: `python -m tvarr.controller.child PARENT`, one call, one answer.

Reads a pickled call from standard input and writes its pickled outcome to standard output, both
between us and our own parent only. Log lines go to standard error, as the parent's do.
"""

from __future__ import annotations

import ctypes
import logging
import os
import pickle
import signal
import sys
import traceback
from typing import BinaryIO

_PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>: the signal that a process gets when its parent ends."""


def main(parent: int) -> None:
    """Answer one call of the process `parent`, or end with it."""
    if not die_with(parent):
        return
    answers = _keep_stdout_for_the_answer()
    level, function, args = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own parent's words
    _configure_logs(level)
    try:
        outcome = (True, function(*args))
    except Exception as error:  # noqa: BLE001 - raised again in the parent
        outcome = (False, _portable(error))
    answers.write(pickle.dumps(outcome))
    answers.close()


def die_with(parent: int) -> bool:
    """Have the kernel kill this process when its parent ends; False if that has happened.

    Where there is no prctl (it is Linux's own), a killed parent leaves the child to finish.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


def _keep_stdout_for_the_answer() -> BinaryIO:
    """Whatever a library prints goes to standard error from now on."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _configure_logs(level: int) -> None:
    from tvarr import logs

    logs.configure()
    logging.getLogger("tvarr").setLevel(level)


def _portable(error: Exception) -> Exception:
    """Return the error with its traceback as a note; one that cannot be pickled as a plain one."""
    text = "".join(traceback.format_exception(error))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    except Exception:  # noqa: BLE001 - any error class may fail in its own way
        error = RuntimeError(f"{type(error).__name__}: {error}")
    error.add_note(text)
    return error


if __name__ == "__main__":
    main(int(sys.argv[1]))
