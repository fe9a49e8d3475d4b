"""The errors that end a run, each with its exit status and the next thing to try."""

from __future__ import annotations


class AuditorError(Exception):
    """An error that a user can act on: one line that says what is wrong, and one that says what to do next.

    The message never holds a secret: whoever raises it has scrubbed what a driver said.
    """

    status = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AuditorError):
    """The command line, the configuration or an input file is wrong (exit status 2)."""


class UnreachableError(AuditorError):
    """The target could not be reached, or refused the login (exit status 3)."""

    status = 3
