"""Streams whose keys have one pattern are judged together, because a report cannot tell them apart."""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor.model.keyspace import Stream


def alike(stream: Stream, facts: Facts) -> list[Stream]:
    """All streams of the pattern of one that were asked, itself among them; () where it is not the first of them."""

    def by_path() -> dict[str, list[Stream]]:
        found: dict[str, list[Stream]] = {}
        for one in facts.keyspace.streams:
            found.setdefault(one.path, []).append(one)
        return found

    together = facts.once("streams-by-path", by_path)[stream.path]
    return together if together[0] is stream else []
