"""One server that is asked by itself: it is sent only commands that read, and each of these is bounded.

Every command goes through ``Node.command`` or ``Node.pipeline``; there is no other way to the driver.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Literal

import redis
from redis.exceptions import RedisError, ResponseError

from auditor_connectors.redis.probe import READS

Role = Literal["primary", "replica"]
Report = dict[str, dict[str, str]]
"""A server's own report, by section."""

DRIVER_ERRORS = (RedisError, OSError, UnicodeError, ValueError)
"""What a command can end in: the driver's errors, and how it fails on answers that are not what they should be."""


def words(answer: bytes | str | int | None) -> str:
    """An answer as text; bytes that are none are shown as escapes."""
    if isinstance(answer, bytes):
        return answer.decode("utf-8", "backslashreplace")
    return "" if answer is None else str(answer)


def pairs(answer: Any) -> dict[str, Any]:
    """A flat list of names and values, or a map, as a dictionary."""
    if isinstance(answer, dict):
        return {words(name): value for name, value in answer.items()}
    return {words(name): value for name, value in zip(answer[::2], answer[1::2], strict=False)}


class Node:
    """One server that is asked by itself: its number, what it is, and the way to it."""

    def __init__(self, number: int, role: Role, client: redis.Redis) -> None:
        self.number, self.role, self._client = number, role, client
        self.hits = 0
        """How many hits its counters have of this audit."""

    def command(self, *words_: str | bytes | int) -> Any:
        """Send a command that only reads, and return its answer.

        Raises:
            PermissionError: the command is none that a session may send.

        """
        _check(words_)
        answer: Any = self._client.execute_command(*words_)  # type: ignore[no-untyped-call]
        return answer

    def pipeline(self, commands: Sequence[Sequence[str | bytes | int]]) -> list[Any]:
        """Send many commands at once; an answer that is an error stands in the list as it is.

        Raises:
            PermissionError: one of them is none that a session may send.

        """
        for one in commands:
            _check(one)
        # The driver's own pipelines go through another connection, which has not selected the same database.
        connection = self._client.connection
        assert connection is not None  # noqa: S101 -- the client was made with one connection
        answers: list[Any] = []
        try:
            connection.send_packed_command(connection.pack_commands(commands))  # type: ignore[no-untyped-call]
            for _ in commands:
                try:
                    answers.append(connection.read_response())
                except ResponseError as refusal:
                    answers.append(refusal)
        except BaseException:
            # Else answers that still come would be taken for those to other commands.
            connection.disconnect()  # type: ignore[no-untyped-call]
            raise
        return answers

    def close(self) -> None:
        """Close the connection."""
        with suppress(*DRIVER_ERRORS):
            self._client.close()


def _check(given: Sequence[str | bytes | int]) -> None:
    """Refuse what does not only read."""
    first, second, third, *_ = *(words(one).lower() for one in given[:3]), "", "", ""
    if (first not in READS and f"{first}|{second}" not in READS) or (first == "acl" and third == "reset"):
        raise PermissionError(f"{first} {second} is no command that only reads")


def report(node: Node) -> Report:
    """Read all sections of a server's own report, by their headings; the lines without one are under ""."""
    # Some products know no "everything" and answer with nothing.
    text = words(node.command("INFO", "everything")) or words(node.command("INFO", "all"))
    found: Report = {}
    section = found.setdefault("", {})
    for line in text.splitlines():
        if line.startswith("#"):
            section = found.setdefault(line.lstrip("# ").strip(), {})
        elif ":" in line:
            name, _, value = line.partition(":")
            section[name] = value
    return {name: values for name, values in found.items() if values}
