"""Streams whose keys have one pattern: checks judge them together, because a report cannot tell them apart."""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor.model.keyspace import Stream


def alike(stream: Stream, facts: Facts) -> list[Stream]:
    """All streams that were asked of the pattern of one, among them itself."""

    def by_path() -> dict[str, list[Stream]]:
        found: dict[str, list[Stream]] = {}
        for one in facts.keyspace.streams:
            found.setdefault(one.path, []).append(one)
        return found

    return facts.once("streams-by-path", by_path)[stream.path]


def largest(stream: Stream, facts: Facts) -> Stream:
    """The stream that stands for all of a pattern: the first that is listed, which takes most memory."""
    return alike(stream, facts)[0]
