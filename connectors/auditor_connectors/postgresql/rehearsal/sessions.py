"""The sessions of a rehearsal, all of which end with it."""

from __future__ import annotations

import threading
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import psycopg

NAME = "auditor rehearsal"
"""How the sessions call themselves at the server."""

Connection = psycopg.Connection[tuple[Any, ...]]

_SETTINGS = "-c search_path=pg_catalog -c timezone=UTC -c extra_float_digits=1 -c statement_timeout=30s"
_CANCELLING = 2.0


class Sessions:
    """Opens sessions in one database; leaving the context ends every one of them, whatever it is doing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._lock = threading.Lock()
        self._open: list[Connection] = []
        self.control = self.open(prepare=False, settings=_SETTINGS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def open(self, *, prepare: bool, settings: str = "") -> Connection:
        """Connect in autocommit mode. ``prepare``: every statement is prepared at its first use.

        Raises:
            psycopg.Error: the server refuses.

        """
        threshold = 0 if prepare else None
        connection = psycopg.connect(
            self.url, autocommit=True, prepare_threshold=threshold, options=settings, application_name=NAME
        )
        with self._lock:
            self._open = [one for one in self._open if not one.closed]
            self._open.append(connection)
        return connection

    def end(self, process: int) -> None:
        """End a session by its process."""
        self.control.execute("SELECT pg_terminate_backend(%s)", (process,))

    def close(self) -> None:
        """End every session."""
        with self._lock:
            others = [one for one in self._open if one is not self.control and not one.closed]
        with suppress(psycopg.Error):
            self.control.execute(
                "SELECT pg_terminate_backend(unnest(%s::int[]))", ([one.info.backend_pid for one in others],)
            )
        for one in others:
            one.close()
        self.control.close()
