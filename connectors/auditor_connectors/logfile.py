"""Read the lines of a server's log file, plain or compressed with gzip, as a stream of bounded pieces."""

from __future__ import annotations

import gzip
import itertools
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from auditor.errors import UsageError

LINE = 1 << 20
"""Bytes of one line that are read; what a longer line holds beyond them is skipped."""
MESSAGE = 1 << 16
"""Characters of a message or statement that are kept while it is interpreted."""
_PEEKED = 500


class LogFile:
    """An open log file, a context manager: ``first`` are its first lines, ``lines`` counts those that were read."""

    def __init__(self, path: Path) -> None:
        """Open a file and look at its first lines.

        Raises:
            UsageError: the file cannot be read.

        """
        self.lines = 0
        self.path = path
        with self._explained():
            self._file = _open(path)
            self.first = list(itertools.islice(self._pieces(), _PEEKED))

    def __enter__(self) -> Self:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._file.close()

    def read(self) -> Iterator[str]:
        """Read the lines, once.

        Raises:
            UsageError: the file cannot be read to its end.

        """
        with self._explained():
            for line in itertools.chain(self.first, self._pieces()):
                self.lines += 1
                yield line
        self.first = []

    def _pieces(self) -> Iterator[str]:
        """Read lines of bounded length; the rest of a longer one is thrown away."""
        whole = True
        while piece := self._file.readline(LINE):
            if whole:
                yield piece.decode("utf-8", "replace")
            whole = piece.endswith(b"\n")

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, zlib.error) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"cannot read the log file {self.path}: {reason}", "check the path and its permissions"
            ) from None


def _open(path: Path) -> IO[bytes]:
    """Open a file; a compressed one is known by its first bytes, whatever its name."""
    with path.open("rb") as probe:
        packed = probe.read(2) == b"\x1f\x8b"
    return cast("IO[bytes]", gzip.open(path, "rb")) if packed else path.open("rb")
