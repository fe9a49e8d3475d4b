"""Many things by two: this process and a forked copy of it each take the next one that is left.

A copy shares what this process knows without having to send it, and only the results travel. Where a copy cannot be
made safely (no fork, one processor, other threads that may hold locks), or where it dies, all is done here.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")
_BYTES = 4
"""Of a task's number. 10,000 of them are far less than what a pipe holds without a reader (64 KiB on Linux)."""


def can_fork() -> bool:
    """Whether a copy of this process would be safe and of use."""
    forks = "fork" in multiprocessing.get_all_start_methods() and hasattr(os, "sched_getaffinity")
    return forks and len(os.sched_getaffinity(0)) > 1 and threading.active_count() == 1


def share_out(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Return the results of up to 10,000 functions, in their order. Those of the copy must be fit for pickling.

    An exception of one of them ends it all.
    """
    left, right = os.pipe()  # holds the numbers of the tasks that nobody has taken
    os.write(right, b"".join(number.to_bytes(_BYTES, "big") for number in range(len(tasks))))
    os.close(right)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    copy = context.Process(target=_help, args=(tasks, left, sender), daemon=True)
    copy.start()
    sender.close()
    try:
        results = _take(tasks, left)
        with suppress(EOFError):  # it died, or met an exception
            results |= receiver.recv()
        return [results[number] if number in results else task() for number, task in enumerate(tasks)]
    finally:
        copy.kill()
        copy.join()
        receiver.close()
        os.close(left)


def _take(tasks: Sequence[Callable[[], T]], left: int) -> dict[int, T]:
    results = {}
    while number := os.read(left, _BYTES):
        task = int.from_bytes(number, "big")
        results[task] = tasks[task]()
    return results


def _help(tasks: Sequence[Callable[[], object]], left: int, sender: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of a key on the terminal: the process that we are a copy of ends us
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    with suppress(Exception):  # it is met again where it can be told
        sender.send(_take(tasks, left))
