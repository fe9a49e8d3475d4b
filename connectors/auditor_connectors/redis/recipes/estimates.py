"""Estimates seconds and bytes of changes from the measured keys, and says in words what they rest on.

Speeds are not measured during an audit: these are for planning an evening, not for a promise.
"""

from __future__ import annotations

from typing import NamedTuple

from auditor.model.facts import Facts
from auditor.model.keyspace import KeyPattern, Stream
from auditor.text import size

# Measured with 55,000 keys on Redis 8.2.3 and Valkey 9.1.2, and two processors that others used too: with the start of
# redis-cli and the rest after it a call takes 15 ms, so that a page of 250 names brings 15,000 keys a second. A call
# that gave 250 keys an expiry took 1 ms of the server. Copies of small keys are as quick as the walk that finds them;
# what large ones take was not measured. These are halves of it, and less.
WALKED_PER_SECOND = 8000.0
ELEMENTS_PER_SECOND = 5000.0
COPIED_PER_SECOND = 1000.0
COPIED_BYTES_PER_SECOND = 10e6
LOAD_BYTES_PER_SECOND = 50e6
"""What a server loads from disk when it starts, or writes there in a rewrite: plain speeds of a slow disk."""

SPREAD = 3.0
"""How many times longer than expected nine of ten changes take at most: networks and other load differ by as much."""


class Estimate(NamedTuple):
    """Seconds and bytes of disk, None when unknown, and what they rest on."""

    seconds: float | None
    disk: int | None = None
    basis: str = ""


AT_ONCE = Estimate(0.1, None, "in force in an instant")
BY_PEOPLE = Estimate(None, None, "done by people: no estimate")
_UNKNOWN = Estimate(None, None, "how many keys there are is not known")


def pattern_of(facts: Facts, name: str, database: int) -> KeyPattern | None:
    """What a sample showed of a key pattern, None where there is none of that name."""
    return next((one for one in facts.keyspace.patterns if (one.name, one.database) == (name, database)), None)


def names(facts: Facts, database: int) -> int | None:
    """How many keys a numbered database has."""
    found = (one.keys for one in facts.keyspace.databases if one.number == database)
    return next(found, None)


def walk(facts: Facts, database: int) -> Estimate:
    """Seconds for seeing the name of every key of a database, in batches with rests."""
    seen = names(facts, database)
    if seen is None:
        return _UNKNOWN
    basis = f"{seen:,} keys walked at {WALKED_PER_SECOND:,.0f} a second, with rests (default calibration)"
    return Estimate(round(0.1 + seen / WALKED_PER_SECOND, 3), None, basis)


def copies(facts: Facts, name: str, database: int) -> Estimate:
    """Seconds for copying every key of a pattern, found by a walk, in batches with rests; the bytes are of memory."""
    walked, pattern = walk(facts, database), pattern_of(facts, name, database)
    if walked.seconds is None or pattern is None or pattern.keys is None:
        return walked
    held = pattern.bytes.value if pattern.bytes is not None else 0.0
    seconds = walked.seconds + pattern.keys.value / COPIED_PER_SECOND + held / COPIED_BYTES_PER_SECOND
    basis = (
        f"{walked.basis}; about {pattern.keys.value:,.0f} of them ({size(held)}) copied at "
        f"{COPIED_PER_SECOND:,.0f} and {COPIED_BYTES_PER_SECOND / 1e6:.0f} MB a second"
    )
    return Estimate(round(seconds, 3), None, basis)


def elements(facts: Facts, name: str, database: int) -> Estimate:
    """Seconds for copying every element of the collections of a pattern in batches with rests."""
    walked, pattern = walk(facts, database), pattern_of(facts, name, database)
    if walked.seconds is None or pattern is None or pattern.keys is None or pattern.elements_median is None:
        return Estimate(None, None, f"{walked.basis}; how many elements there are is not known")
    many = pattern.keys.value * pattern.elements_median
    basis = f"{walked.basis}; about {many:,.0f} elements copied at {ELEMENTS_PER_SECOND:,.0f} a second"
    return Estimate(round(walked.seconds + many / ELEMENTS_PER_SECOND, 3), None, basis)


def trimmed(facts: Facts, stream: Stream | None, entries: int, database: int) -> Estimate:
    """Seconds for dropping the entries of a stream that are too much, found by a walk, in batches with rests."""
    walked = walk(facts, database)
    if walked.seconds is None or stream is None:
        return walked
    gone = max(0, stream.entries - entries)
    basis = f"{walked.basis}; about {gone:,} entries dropped at {ELEMENTS_PER_SECOND:,.0f} a second"
    return Estimate(round(walked.seconds + gone / ELEMENTS_PER_SECOND, 3), None, basis)
