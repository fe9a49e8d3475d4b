"""Numbers, moments and costs in words, the same in every page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from auditor.model.finding import Evidence, Impact
from auditor.model.keyspace import Interval, KeySample
from auditor.model.plan import Step
from auditor.model.proof import Proof
from auditor.model.report import Audit, PatternSummary
from auditor.model.snapshot import TargetInfo
from auditor.model.vocabulary import Blocks
from auditor.rendering.view import Cost
from auditor.text import count, duration, quantity, share, size

_BLOCKED = {Blocks.NOTHING: "nothing", Blocks.WRITES: "writes", Blocks.EVERYTHING: "reads and writes"}


def score(value: float | None) -> str:
    """Write a score without a decimal that says nothing; a dash when there is none."""
    return "–" if value is None else f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def value(evidence: Evidence, *, unit: bool = True) -> str:
    """Write a piece of evidence; ``unit=False`` leaves out units that only name what is counted."""
    found, measure = evidence.value, evidence.unit or ""
    if found is None:
        return "not known"
    if isinstance(found, bool):
        return "yes" if found else "no"
    if isinstance(found, str):
        return f"{found} {measure}".rstrip()
    if measure in ("bytes", "B"):
        return size(found)
    if measure in ("ms", "milliseconds"):
        return quantity(found, "ms") if found < 1000 else duration(found / 1000)
    if measure in ("s", "seconds"):
        return duration(found)
    if measure == "share":
        return share(found)
    if measure.isalpha() and not unit:
        measure = ""
    return quantity(found, _singular(measure) if found == 1 else measure)


def _singular(unit: str) -> str:
    """Write what is counted in the singular: units of evidence are plural words."""
    for ending, singular in (("ies", "y"), ("xes", "x"), ("ss", "ss"), ("s", "")):
        if unit.endswith(ending):
            return unit.removesuffix(ending) + singular
    return unit


def moment(text: str) -> str:
    """Write an ISO moment to the minute in UTC; what is none stays as it is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    if len(text) <= 10:
        return text
    return (found.astimezone(UTC) if found.tzinfo else found).strftime("%Y-%m-%d %H:%M UTC")


def window(target: TargetInfo) -> str:
    """Write over which time the usage counters speak."""
    if target.stats_days is None:
        return "not known"
    short = target.stats_days < 2
    return duration(target.stats_days * 86_400) if short else f"{quantity(round(target.stats_days, 1))} days"


def blocking(blocks: Blocks, seconds: float | None) -> str:
    """Write what others wait for, and how long at most."""
    if blocks is Blocks.NOTHING:
        return "nothing"
    limit = "for a time not estimated" if seconds is None else f"for up to {duration(seconds)}"
    return f"{_BLOCKED[blocks]} {limit}"


def time_of(cost: Cost) -> str:
    """Write how long steps run: what is known, and that more is not."""
    if cost.seconds is None:
        return "not estimated" if cost.steps else "–"
    known = duration(cost.seconds)
    return f"{known} + {cost.open} not estimated" if cost.open else known


def costs(cost: Cost) -> Sequence[str]:
    """Write what steps take, phrase by phrase."""
    if not cost.steps:
        return ()
    phrases = [
        count(len(cost.steps), "step"),
        f"run time {time_of(cost)}",
        "blocks " + blocking(cost.blocks, cost.waiting),
    ]
    if cost.disk and cost.disk > 0:
        phrases.append(f"{size(cost.disk)} of disk")
    if cost.by_application:
        phrases.append(f"{count(cost.by_application, 'step')} in the application")
    if cost.final:
        numbers = ", ".join(str(placed.number) for placed in cost.final[:5])
        phrases.append(f"no way back after step {numbers}" + (" …" if len(cost.final) > 5 else ""))
    return phrases


def deadline(date: str, now: str) -> str:
    """Write when harm is expected, as seen from an ISO moment."""
    return f"harm since {moment(date)}" if date < now else f"harm expected by {moment(date)}"


def impacts(impact: Impact, audit: Audit) -> Sequence[str]:
    """Write what a flaw costs, phrase by phrase."""
    phrases = []
    if impact.deadline:
        phrases.append(deadline(impact.deadline, audit.target.collected_at))
    if impact.risk:
        phrases.append(impact.risk)
    if impact.bytes:
        phrases.append(f"{size(impact.bytes)} to win back")
    if impact.milliseconds:
        phrases.append(f"{duration(impact.milliseconds / 1000)} of database time")
    if impact.rows:
        phrases.append(f"{quantity(impact.rows)} {audit.terms.row}s exposed")
    return phrases


_ENDED_BY_LINES = frozenset({"bash"})
"""Languages, as highlighters call them, whose statements end with their line."""


def script(statements: str | Sequence[str], language: str = "sql") -> str:
    """Write statements as they can be pasted: each ended by a semicolon, below it when a comment ends its last line.

    In a language whose statements end with their line nothing is added.
    """
    if language in _ENDED_BY_LINES:
        return statements if isinstance(statements, str) else "\n".join(statements)
    written = []
    for statement in [statements] if isinstance(statements, str) else statements:
        text = statement.rstrip()
        last = text.rpartition("\n")[2]
        written.append(text if text.endswith(";") else f"{text}\n;" if "--" in last else f"{text};")
    return "\n".join(written)


WORTH_SAYING_SECONDS, WORTH_SAYING_BYTES = 1.0, 1 << 20
"""Below these the longest run time and the log of a step interest nobody."""


def step_facts(step: Step) -> Sequence[tuple[str, str]]:
    """Name a step's lock, waiting, run time, disk and what replicas feel, as far as they say something."""
    facts = [("Runs on", f"the {step.server}, not the audited server")] if step.server else []
    if step.lock:
        facts.append(("Lock", step.lock))
    if step.audience == "database":
        facts.append(("Blocks", blocking(step.blocks, step.blocking_seconds)))
        facts.append(("Run time", duration(step.duration_seconds) if step.duration_seconds is not None
                      else "not estimated"))  # fmt: skip
        if (step.duration_p90_seconds or 0) >= WORTH_SAYING_SECONDS:
            facts.append(("Nine of ten times within", duration(step.duration_p90_seconds)))
    if step.disk_bytes:
        facts.append(("Disk", size(step.disk_bytes)))
    if (step.wal_bytes or 0) >= WORTH_SAYING_BYTES:
        facts.append(("Log written", size(step.wal_bytes)))
    if step.replica_lag_seconds:
        facts.append(("Replicas fall behind by up to", duration(step.replica_lag_seconds)))
    if step.observe_days:
        facts.append(("Watch before it", count(step.observe_days, "day")))
    if step.statements and not step.transactional:
        facts.append(("Transaction", "outside of one"))
    elif len(step.statements) > 1:
        facts.append(("Transaction", "all in one"))
    return facts


def verdict(proof: Proof) -> str:
    """Write whether a rehearsal was passed."""
    return "Interrupted" if proof.interrupted else "Passed" if proof.passed else "Failed"


def verdict_class(proof: Proof) -> str:
    """The style of a rehearsal's verdict."""
    return "passed" if proof.passed else "error"


def rehearsed(proof: Proof) -> str:
    """Write how many steps were rehearsed, and how."""
    tally = Counter(step.outcome for step in proof.steps)
    runs = ", ".join(f"{run.name} {duration(run.seconds)}" for run in proof.runs)
    asked = sum(run.probes for run in proof.runs)
    return (
        f"{count(tally['rehearsed'], 'step')} rehearsed, {tally['failed']} failed, "
        f"{tally['not-rehearsed']} not rehearsed. Runs: {runs or 'none'}. "
        f"Clients asked {count(asked, 'question')} meanwhile."
    )


def measure(number: float | None, unit: str) -> str:
    """Write a value or limit of a mark; a dash where there is none."""
    if number is None:
        return "–"
    if unit in ("s", "seconds"):
        return duration(number)
    if unit in ("ms", "milliseconds"):
        return duration(number / 1000)
    if unit == "bytes":
        return size(number)
    if unit == "share":
        return share(number)
    return quantity(number, _singular(unit) if number == 1 else unit)


_FOLLOWS = re.compile(r"\Ait depends on \S+, which (was not rehearsed|failed)\Z")


def outcomes(proof: Proof, outcome: str) -> list[tuple[str, list[str]]]:
    """The steps of one outcome by their reason, in the order of the first of each; what follows from others is one."""
    found: dict[str, list[str]] = {}
    for step in proof.steps:
        if step.outcome == outcome:
            reason = _FOLLOWS.sub(r"it depends on a step that \1", step.reason or "no reason is known")
            found.setdefault(reason, []).append(step.step)
    return list(found.items())


def interval(found: Interval | None, write: Callable[[float | None], str]) -> str:
    """Write an estimate, with its bounds where they say anything else."""
    if found is None:
        return "–"
    value, low, high = (write(round(number)) for number in (found.value, found.low, found.high))
    return value if low == high == value else f"{value} ({low} to {high})"


def key_type(pattern: PatternSummary) -> str:
    """Write the type of a pattern's keys, and how they are kept where that has another name."""
    if pattern.type is None:
        return "not known"
    return pattern.type if pattern.encoding in (None, pattern.type) else f"{pattern.type} ({pattern.encoding})"


def expiring(pattern: PatternSummary) -> str:
    """Write which share of a pattern's keys has an end."""
    found = pattern.expiring
    return "–" if found is None else "all" if found == 1.0 else "none" if found == 0.0 else share(found)


def key_sample(sample: KeySample) -> str:
    """Say what estimates of keys rest on."""
    if sample.of == 0:
        return "There are no keys."
    of = "" if sample.of is None else f" of {quantity(sample.of)}"
    ways = {"all": "all names were read", "scan": "read in the order of a scan", "random": "drawn by the server"}
    ended = "" if sample.cut is None else f"; the limit on {sample.cut} ended it"
    return (
        f"Estimates, with the bounds of 95 % confidence, rest on {quantity(sample.names)}{of} names "
        f"({ways[sample.method]}{ended}) and on {count(sample.keys, 'key')} that were looked at."
    )
