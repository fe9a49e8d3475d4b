"""The closed vocabularies of checks, findings and plans."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How much harm a flaw does if nothing is done. The order of definition is the order of gravity."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the gravest."""
        return _SEVERITY_RANKS[self]

    @property
    def weight(self) -> float:
        """What a check of this severity weighs in the score; each step halves, information weighs nothing."""
        return {"critical": 8.0, "high": 4.0, "medium": 2.0, "low": 1.0, "info": 0.0}[self.value]


_SEVERITY_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


class Confidence(StrEnum):
    """How sure the verdict is: measured, inferred from measurements, or a heuristic that a person should confirm."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"

    @property
    def weight(self) -> float:
        """How much of its severity's weight a verdict of this confidence carries."""
        return {"certain": 1.0, "likely": 0.6, "possible": 0.3}[self.value]


class Pillar(StrEnum):
    """The part of good architecture that a check speaks about."""

    MODELLING = "modelling"
    INTEGRITY = "integrity"
    INDEXING = "indexing"
    QUERIES = "queries"
    CACHING = "caching"
    CAPACITY = "capacity and scaling"
    TRANSACTIONS = "transactions"
    SECURITY = "security and compliance"
    AVAILABILITY = "availability and recovery"
    OPERATIONS = "operations and observability"
    EVOLUTION = "evolution"


class Outcome(StrEnum):
    """What became of a check. The states are never merged: what could not be seen did not pass."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_ASSESSED = "not-assessed"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"


class ProbeOutcome(StrEnum):
    """What became of one bounded read."""

    OK = "ok"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    TIMED_OUT = "timed out"
    FAILED = "failed"


class Phase(StrEnum):
    """The phases of a change that needs no downtime, in their order."""

    PREPARE = "prepare"
    EXPAND = "expand"
    BACKFILL = "backfill"
    SWITCH = "switch"
    CONTRACT = "contract"
    REARCHITECT = "re-architecture"

    @property
    def rank(self) -> int:
        """0 for the first."""
        return list(Phase).index(self)


class Blocks(StrEnum):
    """What a step makes other sessions wait for while it holds its lock."""

    NOTHING = "nothing"
    WRITES = "writes"
    EVERYTHING = "reads-and-writes"
