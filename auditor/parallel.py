"""Two things at once, on a machine that can: one here, the other in a forked copy of this process.

A copy shares what this process knows without having to send it, and only the results travel. Where a copy cannot be
made safely (no fork, one processor, other threads that may hold locks), or where it dies, all is done here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")


def can_fork() -> bool:
    """Whether a copy of this process would be safe and of use."""
    forks = "fork" in multiprocessing.get_all_start_methods() and hasattr(os, "sched_getaffinity")
    return forks and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def both(here: Callable[[], T], there: Callable[[], T]) -> tuple[T, T]:
    """Return the results of two functions that run at the same time. The second one's must be fit for pickling.

    An exception of either ends both; one of the second is found by running it again here.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    copy = context.Process(target=_run, args=(there, sender), daemon=True)
    copy.start()
    sender.close()
    try:
        own = here()
        try:
            other = receiver.recv()
        except EOFError:
            other = there()
        return own, other
    finally:
        copy.kill()
        copy.join()
        receiver.close()


def _run(function: Callable[[], object], sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a key on the terminal: the process that we are a copy of ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        result = function()
    except Exception:  # noqa: BLE001 -- told by the silence
        return
    sender.send(result)
