"""What a check says: flaws and unknowns while it runs, findings and results in the report."""

from __future__ import annotations

import hashlib

from msgspec import Struct

from auditor.model.operation import AnyOperation
from auditor.model.vocabulary import Confidence, Outcome, Severity


class Subject(Struct, frozen=True, kw_only=True, order=True):
    """What a finding is about: the kind of object and its dotted, unquoted name."""

    kind: str
    name: str


class Evidence(Struct, frozen=True, kw_only=True):
    """A number or word that caused a finding, with its unit and the probe that brought it.

    A check may name alternatives, as it does for what it needs ("statements|profile"): the report names the one that
    the connector has.
    """

    name: str
    value: int | float | str | bool | None
    unit: str | None = None
    probe: str | None = None


class Impact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the flaw costs or what mending it is worth, as far as it was measured.

    ``bytes`` can be won back; ``milliseconds`` of database time since the window began are at stake; ``rows`` are
    exposed; ``deadline`` is the date by which harm is expected; ``risk`` says in a phrase what may happen.
    """

    bytes: int | None = None
    milliseconds: float | None = None
    rows: int | None = None
    deadline: str | None = None
    risk: str | None = None


class Flaw(Struct, frozen=True, kw_only=True):
    """A check's verdict on one subject. What is None is taken from the check or from the unit under judgement.

    ``degree`` (0 to 1) says how far the unit violates the rule, for the score. ``discriminator`` tells apart two
    flaws of the same check on the same subject.
    """

    explanation: str
    recommendation: str
    evidence: tuple[Evidence, ...]
    title: str | None = None
    subject: Subject | None = None
    related: tuple[Subject, ...] = ()
    severity: Severity | None = None
    confidence: Confidence | None = None
    impact: Impact = Impact()
    operations: tuple[AnyOperation, ...] = ()
    degree: float = 1.0
    discriminator: str = ""


class Unknown(Struct, frozen=True, kw_only=True):
    """The unit could not be judged: the reason, and the statement that would make it possible."""

    reason: str
    grant: str | None = None


Verdict = Flaw | Unknown


class Suppression(Struct, frozen=True, kw_only=True):
    """Why an open finding is accepted, and until when (an ISO date; None: no end)."""

    reason: str
    until: str | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """A flaw as the report states it."""

    check: str
    fingerprint: str
    title: str
    pillar: str
    severity: Severity
    confidence: Confidence
    subject: Subject
    related: tuple[Subject, ...]
    evidence: tuple[Evidence, ...]
    impact: Impact
    explanation: str
    recommendation: str
    operations: tuple[str, ...]
    suppressed: Suppression | None = None


FOR_OTHERS = ("it does not apply to ", "this engine has no ")
"""How the reason begins for which a check that is made for other engines judges nothing."""


class CheckResult(Struct, frozen=True, kw_only=True):
    """What became of a check: ``examined`` units of ``of``.

    ``extent`` is the exposure-weighted share of what was examined that is flawed, accepted risks left out;
    ``lost`` is how many points of 100 the check costs the overall score before caps.
    """

    check: str
    title: str
    pillar: str
    severity: Severity
    outcome: Outcome
    examined: int
    of: int
    reason: str | None = None
    grant: str | None = None
    extent: float = 0.0
    confidence: Confidence = Confidence.CERTAIN
    lost: float = 0.0


def fingerprint(check: str, subject: Subject, discriminator: str = "") -> str:
    """Identify a finding across runs: no counts, sizes, hosts or times, so that growth does not change it."""
    text = "\x1f".join((check, subject.kind, subject.name, discriminator))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
