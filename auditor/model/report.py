"""The audit: the one result document that every rendering starts from, and the JSON contract of the product."""

from __future__ import annotations

from msgspec import Struct

from auditor.model.finding import CheckResult, Finding
from auditor.model.keyspace import Interval, KeySample
from auditor.model.plan import Plan
from auditor.model.proof import Proof
from auditor.model.snapshot import ProbeResult, TargetInfo, Terms

REPORT_VERSION = "1"


class Tool(Struct, frozen=True, kw_only=True):
    """The program that wrote the report."""

    name: str
    version: str


class PillarScore(Struct, frozen=True, kw_only=True):
    """A pillar's score: None when nothing of it could be assessed. ``worst`` names its costliest checks."""

    pillar: str
    score: float | None
    coverage: float
    earned: float
    lost: float
    grey: float
    worst: tuple[str, ...] = ()


class Score(Struct, frozen=True, kw_only=True):
    """The scorecard: see ``auditor.scoring`` for the formula. ``cap`` says which check limits the score, if one does.

    ``if_accepted_open`` is the score that would stand if accepted risks counted as open.
    """

    overall: float | None
    grade: str
    coverage: float
    floor: float | None
    ceiling: float | None
    provisional: bool
    pillars: tuple[PillarScore, ...]
    cap: str | None = None
    if_accepted_open: float | None = None


class TableSummary(Struct, frozen=True, kw_only=True):
    """A table as the report's inventory shows it."""

    name: str
    rows: float | None
    bytes: int | None
    heap_bytes: int | None
    index_bytes: int | None
    columns: int
    indexes: int


class PatternSummary(Struct, frozen=True, kw_only=True):
    """A key pattern as the report's inventory shows it: ``expiring`` is the share of its keys that have an end.

    ``lifetime`` is the median of what was left of their times to live, in seconds; ``mean`` the bytes of a key.
    """

    name: str
    type: str | None
    encoding: str | None
    keys: Interval | None
    bytes: Interval | None
    mean: float | None
    expiring: float | None
    lifetime: float | None


class Relation(Struct, frozen=True, kw_only=True):
    """A table of the entity-relationship diagram with its columns as (name, type, marks)."""

    schema: str
    name: str
    columns: tuple[tuple[str, str, str], ...]


class Reference(Struct, frozen=True, kw_only=True):
    """A foreign key of the diagram: positions into the list of relations."""

    source: int
    target: int
    columns: tuple[str, ...]
    nullable: bool
    unique: bool


class Diagram(Struct, frozen=True, kw_only=True):
    """An entity-relationship diagram; ``left_out`` counts tables beyond its limit."""

    relations: tuple[Relation, ...]
    references: tuple[Reference, ...]
    left_out: int = 0


class Inventory(Struct, frozen=True, kw_only=True):
    """What there is: totals and the largest tables, or the largest key patterns with the sample that they rest on."""

    bytes: int | None
    tables: int
    indexes: int
    columns: int
    foreign_keys: int
    largest: tuple[TableSummary, ...]
    patterns: tuple[PatternSummary, ...] = ()
    sample: KeySample | None = None


class Audit(Struct, frozen=True, kw_only=True):
    """Everything that a report says.

    ``documentation`` holds, for each check that failed, its summary and the sections of its page, so that a report
    can be rendered again where the check is not installed. ``terms`` are the engine's words for what it holds.
    ``proof`` is that of the plan's rehearsal, if there was one.
    """

    schema_version: str = REPORT_VERSION
    tool: Tool
    target: TargetInfo
    score: Score
    findings: tuple[Finding, ...]
    checks: tuple[CheckResult, ...]
    probes: tuple[ProbeResult, ...]
    plan: Plan
    inventory: Inventory
    documentation: dict[str, dict[str, str]]
    terms: Terms = Terms()
    diagram: Diagram | None = None
    proof: Proof | None = None
