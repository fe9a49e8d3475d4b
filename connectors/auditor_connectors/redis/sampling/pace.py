"""How fast a server is asked: a small share of its time, and no longer than it answers quickly."""

from __future__ import annotations

import time
from collections import deque
from statistics import median

from auditor_connectors.redis.node import Node

SHARE = 0.02
"""The share of a server's one thread that a sample takes."""
_CREDIT = 0.05
"""Seconds of a server's time that are taken at once: small servers are sampled without a pause."""
_OURS = 40e-6
"""Seconds per command that pass on our side, or on the way: what takes longer is put down to the server."""
_LATE = 0.005
"""Seconds by which an answer to nothing may be late."""
_ASKED = 9


class Pace:
    """The pace for one server. ``cut`` says why no more may be asked, once that is so."""

    def __init__(self, node: Node, until: float, share: float = SHARE) -> None:
        self.node, self._until, self._share = node, until, share
        self.cut: str | None = None
        self.received = 0
        """Bytes of names that came."""
        self._credit = _CREDIT
        self._way = min(self._ping() for _ in range(3))
        self._late: deque[float] = deque(maxlen=_ASKED)

    def spent(self, commands: int, each: float, seconds: float) -> None:
        """Pause after commands: ``each`` took the server so many seconds, all of them ``seconds`` until the answer."""
        server = commands * each + max(0.0, seconds - self._way - commands * _OURS)
        covered = min(server, self._credit)
        self._credit -= covered
        pause = (server - covered) / self._share - seconds
        if pause > 0:
            time.sleep(min(pause, max(0.0, self._until - time.monotonic()), 2.0))

    def goes_on(self, received: int) -> bool:
        """Whether more may be asked; ``received`` is how many bytes may have come."""
        if self.cut is None:
            self._late.append(self._ping() - self._way)
            if time.monotonic() >= self._until:
                self.cut = "time"
            elif self.received > received:
                self.cut = "bytes"
            elif len(self._late) == _ASKED and median(self._late) > _LATE:
                self.cut = "answers that were late"
        return self.cut is None

    def _ping(self) -> float:
        begun = time.perf_counter()
        self.node.command("PING")
        return time.perf_counter() - begun
