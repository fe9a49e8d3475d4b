"""What the pages show of an audit: findings folded into cards, steps numbered, long lists cut with a count.

Nothing is judged here. An audit is looked at once, and every page that people read (HTML, Markdown) is written from
this view, so that both say the same.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace

from auditor.model.finding import FOR_OTHERS, CheckResult, Evidence, Finding
from auditor.model.plan import PlanPhase, Step
from auditor.model.report import Audit
from auditor.model.vocabulary import Blocks, Outcome, Phase, ProbeOutcome, Severity
from auditor.registry import load_connectors

TOP = 10
"""Findings of a card that are shown in full: as many as a reader compares at a glance."""

FOLDED = 40
"""Further findings of a card that are named; beyond them only the JSON lists them."""

LISTED = 200
"""Rows of any other list; beyond them a count stands."""

EVIDENCE_COLUMNS = 4
"""Different pieces of evidence that fit beside each other in a table; more are written one under the other."""

NEVER_BRIEF = Severity.HIGH
"""The slightest severity whose findings a page shows in full whatever room it has: they decide something."""

STEPS_NAMED = 400
"""Steps of a phase that a page names at most, beyond those that it has room to show in full."""

OPEN_STEPS = 12
"""Steps up to which a page shows the plan unfolded."""

SECTIONS = ("Why it matters", "When it is fine", "How to fix it")
"""The sections of a check's documentation that stand beside its findings."""

SHARED = 3
"""Steps that carry the same note before it is written once for all of them."""

PAGE_BYTES, PAGE_BYTES_PER_TABLE, FEW_TABLES, MOST_TABLES = 298_000, 860, 50, 2_000
"""How large a page may be: within 300 KB for 50 tables and fewer, 2 MB for 2,000, and no larger beyond."""

FRAME_BYTES = 60_000
"""What a page takes for everything but findings and steps."""

FINDINGS_SHARE = 0.9
"""The part of the remaining room that findings may take to be shown in full; steps get what is left."""


def page_bytes(audit: Audit) -> int:
    """Return how large a page about an audit may be."""
    more = min(audit.inventory.tables, MOST_TABLES) - FEW_TABLES
    return PAGE_BYTES + PAGE_BYTES_PER_TABLE * max(0, more)


class Placed(Struct, frozen=True, kw_only=True):
    """A step with its number in the plan, from 1."""

    number: int
    phase: Phase
    step: Step

    @property
    def anchor(self) -> str:
        """The step's place in a page."""
        return f"step-{self.number}"

    @property
    def script(self) -> tuple[str, ...]:
        """The step's statements as they are run: in a transaction when they share one."""
        statements = self.step.statements
        return ("BEGIN", *statements, "COMMIT") if self.step.transactional and len(statements) > 1 else statements


class Cost(Struct, frozen=True, kw_only=True):
    """What some steps take together. None: no step has an estimate.

    ``seconds`` is the sum of the known durations and ``open`` counts the steps without one; ``waiting`` is the longest
    time in seconds that others may wait for one step; ``disk`` the sum in bytes.
    """

    steps: tuple[Placed, ...]
    seconds: float | None
    open: int
    blocks: Blocks
    waiting: float | None
    disk: int | None
    final: tuple[Placed, ...]
    by_application: int


class Card(Struct, frozen=True, kw_only=True):
    """The findings of one check and one severity: the first ones in full, some more by name, the rest as a number.

    A brief card has no evidence, and one that is not ``documented`` does not say why it matters and when it does not: a
    page that had no room for these takes them from its data.
    ``columns`` are the pieces of evidence that all shown findings share, when they are few enough to compare.
    ``explained_by`` is the anchor of an earlier card of the same check, which has its documentation.
    """

    check: str
    severity: Severity
    title: str
    findings: tuple[Finding, ...]
    brief: bool
    documented: bool
    columns: tuple[Evidence, ...]
    result: CheckResult | None
    documentation: Mapping[str, str]
    explained_by: str | None
    cost: Cost

    @property
    def top(self) -> int:
        """How many findings are shown in full."""
        return 0 if self.brief and len(self.findings) > 1 else TOP

    @property
    def shown(self) -> tuple[Finding, ...]:
        """The findings in full."""
        return self.findings[: self.top]

    @property
    def folded(self) -> tuple[Finding, ...]:
        """The findings by name."""
        return self.findings[self.top : self.top + FOLDED]

    @property
    def left_out(self) -> int:
        """How many findings only the JSON lists."""
        return max(0, len(self.findings) - self.top - FOLDED)

    @property
    def anchor(self) -> str:
        """The card's place in a page."""
        return anchor("check", f"{self.check}-{self.severity}")

    @property
    def kind(self) -> str | None:
        """What the findings are about, when all are about the same kind of thing."""
        kinds = {finding.subject.kind for finding in self.findings}
        return kinds.pop() if len(kinds) == 1 else None

    @property
    def recommendation(self) -> str | None:
        """What to do, when it is the same for all."""
        said = {finding.recommendation for finding in self.findings}
        return said.pop() if len(said) == 1 else None


class PhaseView(Struct, frozen=True, kw_only=True):
    """A phase: its steps in full, further ones by name, the rest as a number; ``start`` is seconds into the plan."""

    phase: PlanPhase
    full: tuple[Placed, ...]
    named: tuple[Placed, ...]
    left_out: int
    cost: Cost
    start: float

    @property
    def anchor(self) -> str:
        """The phase's place in a page."""
        return anchor("phase", str(self.phase.phase))


def anchor(kind: str, name: str) -> str:
    """Make an identifier for a page; what would not do in one is hashed."""
    plain = re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}", name.replace(" ", "-"))
    return f"{kind}-{plain[0] if plain else hashlib.sha256(name.encode(errors='replace')).hexdigest()[:12]}"


def finding_anchor(finding: Finding) -> str:
    """Name a finding's place in a page: the same in every report about the same flaw."""
    return anchor("f", finding.fingerprint[:10])


def by_probe(evidence: Iterable[Evidence]) -> Sequence[tuple[str | None, Sequence[Evidence]]]:
    """Group pieces of evidence by the probe that found them, in the order in which the probes are first named."""
    groups: dict[str | None, list[Evidence]] = defaultdict(list)
    for item in evidence:
        groups[item.probe].append(item)
    return list(groups.items())


def cost_of(steps: Iterable[Placed]) -> Cost:
    """Add up what steps take."""
    placed = tuple(steps)
    durations = [p.step.duration_seconds for p in placed if p.step.duration_seconds is not None]
    waits = [p.step.blocking_seconds for p in placed if p.step.blocking_seconds is not None]
    disk = [p.step.disk_bytes for p in placed if p.step.disk_bytes is not None]
    return Cost(
        steps=placed,
        seconds=sum(durations) if durations else None,
        open=len(placed) - len(durations),
        blocks=max((p.step.blocks for p in placed), key=list(Blocks).index, default=Blocks.NOTHING),
        waiting=max(waits, default=None),
        disk=sum(disk) if disk else None,
        final=tuple(p for p in placed if p.step.point_of_no_return),
        by_application=sum(p.step.audience != "database" for p in placed),
    )


class View:
    """An audit as pages show it. ``room`` is how many bytes findings and steps may take, as far as that can be told."""

    def __init__(self, audit: Audit, room: int | None = None) -> None:
        self.audit = audit
        self._room = page_bytes(audit) - FRAME_BYTES if room is None else room
        self.results = {result.check: result for result in audit.checks}
        self.open = tuple(finding for finding in audit.findings if finding.suppressed is None)
        self.accepted = tuple(finding for finding in audit.findings if finding.suppressed is not None)

    @cached_property
    def counts(self) -> Mapping[Severity, int]:
        """Open findings by severity, the gravest first; every severity has a number."""
        counts = dict.fromkeys(Severity, 0)
        for finding in self.open:
            counts[finding.severity] += 1
        return counts

    @cached_property
    def by_check(self) -> Mapping[str, int]:
        """How many open findings each check has."""
        return Counter(finding.check for finding in self.open)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Titles of the open findings by fingerprint."""
        return {finding.fingerprint: finding.title for finding in self.open}

    @cached_property
    def steps(self) -> tuple[Placed, ...]:
        """All steps in their order."""
        flat = [(phase.phase, step) for phase in self.audit.plan.phases for step in phase.steps]
        return tuple(Placed(number=n, phase=phase, step=step) for n, (phase, step) in enumerate(flat, start=1))

    @property
    def are_steps_open(self) -> bool:
        """Whether the plan is short enough to be read at once."""
        return len(self.steps) <= OPEN_STEPS

    @cached_property
    def notes(self) -> Mapping[str, str]:
        """Notes that several steps carry, with the name under which each step refers to them."""
        carried = Counter(note for placed in self.steps for note in placed.step.notes)
        shared = [note for note, number in carried.items() if number >= SHARED]
        return {note: f"N{number}" for number, note in enumerate(shared, start=1)}

    @cached_property
    def steps_by_id(self) -> Mapping[str, Placed]:
        """Steps by their own identifier."""
        return {placed.step.id: placed for placed in self.steps}

    @cached_property
    def outcomes(self) -> Mapping[str, str]:
        """What became of each step in the rehearsal, by the step's identifier; empty where there was none."""
        return {step.step: step.outcome for step in self.audit.proof.steps} if self.audit.proof is not None else {}

    @cached_property
    def _steps_by_finding(self) -> Mapping[str, Sequence[Placed]]:
        index: dict[str, list[Placed]] = defaultdict(list)
        for placed in self.steps:
            for mark in placed.step.findings:
                index[mark].append(placed)
        return index

    @cached_property
    def _steps_by_operation(self) -> Mapping[str, Sequence[Placed]]:
        index: dict[str, list[Placed]] = defaultdict(list)
        for placed in self.steps:
            index[placed.step.operation].append(placed)
        return index

    def steps_for(self, findings: Iterable[Finding]) -> tuple[Placed, ...]:
        """The steps that mend findings, in the order of the plan, each once."""
        found: dict[int, Placed] = {}
        for finding in findings:
            for placed in self._steps_by_finding.get(finding.fingerprint, ()):
                found[placed.number] = placed
            for operation in finding.operations:
                for placed in self._steps_by_operation.get(operation, ()):
                    found[placed.number] = placed
        return tuple(found[number] for number in sorted(found))

    @cached_property
    def cards(self) -> Mapping[Severity, Sequence[Card]]:
        """Cards by severity, in each those first whose check costs the most points."""
        groups: dict[tuple[Severity, str], list[Finding]] = defaultdict(list)
        for finding in self.open:
            groups[finding.severity, finding.check].append(finding)
        cards: dict[Severity, list[Card]] = {severity: [] for severity in Severity}
        explained: dict[str, str] = {}
        full = []
        for (severity, check), findings in sorted(groups.items(), key=self._priority):
            full.append(self._card(severity, check, findings, explained.get(check)))
            explained.setdefault(check, full[-1].anchor)
        for card in self._fitting(full):
            cards[card.severity].append(card)
        return {severity: group for severity, group in cards.items() if group}

    def _fitting(self, cards: Sequence[Card]) -> Sequence[Card]:
        """Shorten the cards to the room that there is: the first get their evidence first, then their documentation."""
        fitting = [
            card if card.severity.rank <= NEVER_BRIEF.rank else replace(card, brief=True, documented=False)
            for card in cards
        ]
        room = FINDINGS_SHARE * (self._room - sum(map(_extent_of_card, fitting)) - self._least_of_plan)
        for longer in ({"brief": False}, {"documented": True}):
            for number, card in enumerate(fitting):
                candidate = replace(card, **longer)
                more = _extent_of_card(candidate) - _extent_of_card(card)
                if more <= room:
                    fitting[number] = candidate
                    room -= more
        return fitting

    @property
    def is_complete(self) -> bool:
        """Whether nothing had to be shortened for want of room."""
        cards = (card for group in self.cards.values() for card in group)
        return all(card.documented and not card.brief for card in cards) and not any(p.named for p in self.phases)

    @property
    def has_brief_cards(self) -> bool:
        """Whether a card had to be shortened."""
        return any(card.brief for group in self.cards.values() for card in group)

    def _priority(self, group: tuple[tuple[Severity, str], Sequence[Finding]]) -> tuple[int, float, str]:
        (severity, check), _ = group
        return severity.rank, -self.results[check].lost if check in self.results else 0.0, check

    def _card(self, severity: Severity, check: str, findings: Sequence[Finding], explained_by: str | None) -> Card:
        result = self.results.get(check)
        titles = {finding.title for finding in findings}
        return Card(
            check=check, severity=severity, findings=tuple(findings), brief=False, documented=True, result=result,
            title=titles.pop() if len(titles) == 1 else result.title if result else check,
            columns=_shared_evidence(findings[:TOP]) if len(findings) > 1 else (),
            documentation=self.audit.documentation.get(check, {}), explained_by=explained_by,
            cost=cost_of(self.steps_for(findings)),
        )  # fmt: skip

    @property
    def _least_of_plan(self) -> int:
        """Estimate how many bytes of a page the plan takes when every step is only named."""
        named = [step for phase in self.audit.plan.phases for step in phase.steps[:STEPS_NAMED]]
        return sum(25 + len(step.title) for step in named)

    @cached_property
    def phases(self) -> Sequence[PhaseView]:
        """The phases of the plan, with as many steps in full as a page has room for."""
        cards = sum(_extent_of_card(card) for group in self.cards.values() for card in group)
        room = self._room - cards - self._least_of_plan
        views, number, start = [], 0, 0.0
        for phase in self.audit.plan.phases:
            placed = self.steps[number : number + len(phase.steps)]
            number += len(placed)
            full = 0
            while full < len(placed) and (more := _extent_of_step(placed[full].step)) <= room:
                room -= more
                full += 1
            cost = cost_of(placed)
            views.append(PhaseView(
                phase=phase, full=placed[:full], named=placed[full : full + STEPS_NAMED],
                left_out=max(0, len(placed) - full - STEPS_NAMED), cost=cost, start=start,
            ))  # fmt: skip
            start += cost.seconds or 0.0
        return views

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Where a page shows each open finding: at its own place, or at its card when it is only counted."""
        found: dict[str, str] = {}
        for card in (card for group in self.cards.values() for card in group):
            for number, finding in enumerate(card.findings):
                own = number < card.top + FOLDED
                place = finding_anchor(finding) if own else card.anchor
                found.setdefault(finding.fingerprint, place)
        return found

    @cached_property
    def step_places(self) -> Mapping[int, str]:
        """Where a page shows each step: at its own place, or at its phase when it is only counted."""
        places: dict[int, str] = {}
        number = 0
        for view in self.phases:
            shown = len(view.full) + len(view.named)
            for position in range(len(view.phase.steps)):
                number += 1
                places[number] = f"step-{number}" if position < shown else view.anchor
        return places

    def outcome(self, outcome: Outcome) -> Sequence[CheckResult]:
        """The checks that ended in an outcome."""
        return [result for result in self.audit.checks if result.outcome is outcome]

    @cached_property
    def beside(self) -> Sequence[CheckResult]:
        """Checks that found nothing to judge. Those that are made for other engines are left out."""
        return [one for one in self.outcome(Outcome.NOT_APPLICABLE) if not (one.reason or "").startswith(FOR_OTHERS)]

    @cached_property
    def rehearses(self) -> bool:
        """Whether plans for the engine can be rehearsed."""
        connector = load_connectors().get(self.audit.target.engine)
        return connector is not None and connector.rehearses

    @cached_property
    def partly(self) -> Sequence[CheckResult]:
        """Checks that judged some of their objects and could not judge the others."""
        judged = (Outcome.PASSED, Outcome.FAILED)
        return [result for result in self.audit.checks if result.outcome in judged and result.reason]

    @cached_property
    def grants(self) -> Sequence[str]:
        """Every statement that would let more be assessed, each once."""
        told = [result.grant for result in self.audit.checks] + [
            probe.grant for probe in self.audit.probes if probe.outcome is not ProbeOutcome.OK
        ]
        return list(dict.fromkeys(grant for grant in told if grant))

    @cached_property
    def probe_names(self) -> frozenset[str]:
        """The probes that the page lists, for links from evidence."""
        return frozenset(probe.probe for probe in self.audit.probes)


def _shared_evidence(findings: Sequence[Finding]) -> tuple[Evidence, ...]:
    """The pieces of evidence of the first finding, if every finding has exactly these and they are few."""
    first = findings[0].evidence
    names = [evidence.name for evidence in first]
    if len(names) > EVIDENCE_COLUMNS or len(set(names)) != len(names):
        return ()
    same = all([evidence.name for evidence in finding.evidence] == names for finding in findings)
    return first if same else ()


def _extent_of_card(card: Card) -> int:
    """Estimate how many bytes of a page a card takes: its texts, and what stands around them."""
    texts = sum(len(f.explanation) + len(f.recommendation) for f in card.shown)
    texts += sum(50 + len(f.subject.name) for f in card.folded)
    if card.documented and not card.explained_by:
        texts += sum(20 + len(card.documentation.get(name, "")) for name in SECTIONS)
    if not card.brief:
        texts += sum(160 + 55 * len(f.evidence) for f in card.shown)
    return 650 + texts


def _extent_of_step(step: Step) -> int:
    """Estimate how many more bytes of a page a step takes in full than by name: its texts, and what is around them."""
    texts = (step.basis, step.precondition or "", step.verify or "", *step.statements, *step.rollback,
             *step.notes)  # fmt: skip
    return 450 + sum(len(text) for text in texts)
