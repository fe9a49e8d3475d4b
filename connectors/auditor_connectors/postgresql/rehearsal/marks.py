"""The marks of a rehearsal: what was measured against what is allowed. Nothing here asks anybody anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from auditor.model.plan import Step
from auditor.model.proof import Mark, Verdict
from auditor.model.vocabulary import Blocks
from auditor_connectors.postgresql.recipes.estimates import (
    MAX_TRIES,
    STALLED_SHARE,
    human_seconds,
    pause_between_tries,
)
from auditor_connectors.postgresql.recipes.locking import queued_seconds
from auditor_connectors.postgresql.recipes.ranges import STREAMING_DELAY_SECONDS, locks_replicas
from auditor_connectors.postgresql.rehearsal import measured, nearness, scope
from auditor_connectors.postgresql.rehearsal.carrying import lock_timeouts
from auditor_connectors.postgresql.rehearsal.clients import LOST, STALE
from auditor_connectors.postgresql.rehearsal.measured import (
    FIRST_BLOCKING,
    LOCKS,
    Attended,
    Lag,
    Passage,
    Question,
    Record,
    Starved,
    Wait,
)
from auditor_connectors.postgresql.rehearsal.runs import percentile
from auditor_connectors.postgresql.rehearsal.standby import DELAY_SECONDS
from auditor_connectors.postgresql.rehearsal.state import as_repaired

STALL_SECONDS = 0.2
"""What a client may wait for a step in any case."""

EXCLUSIVE_SECONDS = 0.05
"""How long a lock that keeps readers out may be held."""

NOISE = 3.0
"""How many times the baseline a figure may be before it counts as a step's doing."""

BATCH_SECONDS = 0.1
"""Up to here an answer during a backfill is no worse than a batch that holds a row: the aim is half of it."""

LAG_SECONDS = 60.0 - STREAMING_DELAY_SECONDS + DELAY_SECONDS
"""How far the standby may fall behind: a minute, less the part of the wait for queries that is left out here."""

ENOUGH = 300
"""Fewer answers have no 99.9th percentile worth the name."""

_IDLE = "no client asked anything beside the steps: they touch no table that is there, or did not run"
_SMALL = "small enough"
_FORWARD = (measured.FORWARD, measured.SWITCHED, measured.FINAL)
_TIMES = {1: "once", 2: "twice"}


class Judged(NamedTuple):
    """A mark, and the reason per step that it failed for."""

    mark: Mark
    blamed: Mapping[str, str] = {}


def judge(record: Record) -> list[Judged]:
    """Judge a record, M1 to M14."""
    return [
        stalls(record), errors_unprepared(record), errors_prepared(record), backfill_latency(record),
        unplanned_work(record), schemas(record), data(record), kills(record), starvation(record), estimates(record),
        standby(record), cutover(record),
        cleanliness(record), _unmeasured("M14", "Determinism", "the plan was rehearsed as it is, not made again"),
    ]  # fmt: skip


def _asked(record: Record) -> bool:
    """Whether clients asked anything while steps were carried out."""
    return any(record.questions[run] for run in record.loaded())


def longest_baseline(record: Record) -> float:
    """The longest time that a client waited for an answer while nothing was changed."""
    return max((one.seconds for one in record.questions.get(measured.BASELINE, ())), default=0.0)


def stalls(record: Record) -> Judged:
    """M1: how long clients waited for a step, and how long readers were kept out."""
    title = "Longest wait of a client for a step"
    if not _asked(record):
        return _unmeasured("M1", title, _why_not(record, measured.FORWARD, _IDLE))
    steps = {step.id: step for step in record.steps}
    blamed: dict[str, str] = {}
    worst: tuple[float, float, str] | None = None
    for run in record.loaded():
        for wait in record.waits.get(run, ()):
            if wait.passage is None:
                continue
            limit = _stall_limit(record, steps[wait.passage.step], wait.passage)
            if worst is None or wait.question.seconds - limit > worst[0] - worst[1]:
                worst = (wait.question.seconds, limit, wait.passage.step)
            if wait.question.seconds > limit:
                blamed.setdefault(
                    wait.passage.step, f"a client waited {human_seconds(wait.question.seconds)} for it ({run})"
                )
    for step_id, held in record.exclusive.items():
        limit = _hold_limit(record, steps[step_id])
        if held > limit:
            blamed.setdefault(step_id, f"it kept readers out for {human_seconds(held)}, not {human_seconds(limit)}")
    value, limit, step = worst or (0.0, STALL_SECONDS, "")
    where = f"the longest wait against its limit was for {step}; " if step else "no client waited for a step; "
    held = max(record.exclusive.values(), default=0.0)
    reason = f"{where}readers were kept out for {human_seconds(held)} at most"
    return Judged(_mark("M1", title, blamed, value, limit, "s", reason), blamed)


def _stall_limit(record: Record, step: Step, passage: Passage) -> float:
    """Twice the lock timeout where the step is one that others queue behind, and never less than noise."""
    timeouts = lock_timeouts(step) if step.blocks is not Blocks.NOTHING or passage.run == measured.BACK else []
    patient = 3 if passage.tries >= MAX_TRIES else 1  # the last try outlasts deadlock_timeout
    short = [one for one in timeouts if one <= 2.0]
    back = [one for one in (lock_timeouts(step) or [0.5]) if one <= 2.0] if passage.run == measured.BACK else []
    return max(STALL_SECONDS, 2 * patient * max((*short, *back), default=0.0), NOISE * longest_baseline(record))


def _hold_limit(record: Record, step: Step) -> float:
    timeout = max(lock_timeouts(step), default=0.0)
    said = (step.blocking_seconds or 0.0) - timeout
    queued = max(queued_seconds(step.statements), queued_seconds(step.rollback))
    return max(EXCLUSIVE_SECONDS, NOISE * longest_baseline(record), said) + queued


def errors_unprepared(record: Record) -> Judged:
    """M2: errors of clients that prepare nothing."""
    return _errors(record, "M2", "Errors of clients without prepared statements", prepared=False)


def errors_prepared(record: Record) -> Judged:
    """M3: errors of clients that prepare their statements; a planned recycling allows one per connection."""
    return _errors(record, "M3", "Errors of clients with prepared statements", prepared=True)


def _errors(record: Record, name: str, title: str, *, prepared: bool) -> Judged:
    if not _asked(record):
        return _unmeasured(name, title, _why_not(record, measured.FORWARD, _IDLE))
    found: list[tuple[Question, str]] = []
    asked = 0
    runs = [*record.loaded(), *(run for run in (measured.SWITCHED,) if run in record.passages)]
    for run in runs:
        mine = [one for one in record.questions[run] if one.prepared is prepared]
        asked += len(mine)
        found += [(one, run) for one in mine if one.error is not None]
    allowed = prepared and scope.recycles(record.steps)
    stale = [one.process for one, _ in found if one.error in STALE]
    forgiven = allowed and len(stale) == len(set(stale))
    counted = [(one, run) for one, run in found if not (forgiven and one.error in STALE)]
    blamed: dict[str, str] = {}
    first: dict[tuple[str, str | None, str], tuple[Question, str]] = {}  # it may go on and on
    for one, run in sorted(counted, key=lambda pair: pair[0].started):
        first.setdefault((one.statement, one.error, run), (one, run))
    for one, run in first.values():
        passage = _passage_at(record.passages[run], one.started + one.seconds)
        if passage is not None:
            what = "a row was lost" if one.error == LOST else f"a client got the error {one.error}"
            when = "while or after it was taken back" if run == measured.BACK else "while or after it ran"
            blamed.setdefault(passage.step, f"{when}, {what}: {one.statement[:120]}")
    kinds = sorted({one.error or "" for one, _ in found})
    reason = f"{len(found)} errors in {asked} questions" + (f" ({', '.join(kinds)})" if kinds else "")
    if forgiven and stale:
        reason += f"; {len(stale)} of them once per connection, which the plan has opened anew"
    return Judged(_mark(name, title, counted, len(counted), 0.0, "errors", reason), blamed)


def _passage_at(passages: Sequence[Passage], moment: float) -> Passage | None:
    """The passage that was on, or the last before it: an error may come when its cause is over."""
    begun = [one for one in passages if one.started <= moment]
    return begun[-1] if begun else None


def backfill_latency(record: Record) -> Judged:
    """M4: the answers that clients got while rows were filled in batches."""
    title = "99.9th percentile of answers during backfills"
    filling = {step.id for step in record.steps if step.id in record.backfills and step.lock == "ROW EXCLUSIVE"}
    windows = [one for one in record.passages.get(measured.FORWARD, ()) if one.step in filling]
    asked = record.questions.get(measured.FORWARD, ())
    during = sorted(
        one.seconds for one in asked if any(w.started <= one.started <= w.ended for w in windows)
    )  # fmt: skip
    usual = sorted(one.seconds for one in record.questions.get(measured.BASELINE, ()))
    if len(during) < ENOUGH or len(usual) < ENOUGH:
        few = f"only {len(during)} questions fell into backfills; {ENOUGH} are needed"
        return _unmeasured("M4", title, _why_not(record, measured.FORWARD, few))
    value, limit = percentile(during), max(NOISE * percentile(usual), BATCH_SECONDS)
    reason = f"three times the baseline, but not less than the {human_seconds(BATCH_SECONDS)} that a batch may take"
    return Judged(_mark("M4", title, value > limit, value, limit, "s", reason))


def unplanned_work(record: Record) -> Judged:
    """M5: rewrites and scans under locks that others wait for, and locks stronger than the plan says."""
    title = "Unplanned work on rows under a lock, and unplanned locks"
    passages = [one for run in (measured.FORWARD, measured.FINAL) for one in record.passages.get(run, ())]
    if not passages:
        return _unmeasured("M5", title, _why_not(record, measured.FORWARD, "no step was carried out"))
    steps = {step.id: step for step in record.steps}
    blamed: dict[str, str] = {}
    for one in passages:
        step = steps[one.step]
        if one.outcome in {"skipped", "gave-up"}:
            continue
        worked = worked_on(one, step)
        if worked and not any(_SMALL in note for note in step.notes):
            what = "it wrote anew" if one.rewrote else "under a lock that others wait for, it read or indexed"
            blamed[one.step] = f"{what} {', '.join(sorted(worked))}"
        allowed = step.lock or "ROW EXCLUSIVE"
        strongest = one.strongest_on(path for path in one.locks if not scope.detaches_online(step, path))
        if strongest is not None and allowed in LOCKS and LOCKS.index(strongest) > LOCKS.index(allowed):
            blamed.setdefault(one.step, f"it took the lock {strongest}; the plan says {step.lock or 'none'}")
    reason = "read from the server's own notices, the tables' files and the locks"
    return Judged(_mark("M5", title, blamed, len(blamed), 0.0, "steps", reason), blamed)


def worked_on(passage: Passage, step: Step) -> set[str]:
    """The tables that a step wrote anew, or whose rows it read or indexed under a lock that others wait for."""
    return passage.rewrote | {table for table in passage.heavy if _blocks(passage, table, step)}


def _blocks(passage: Passage, table: str, step: Step) -> bool:
    """Whether the passage held a lock on the table that others wait for; where none was seen, what the plan says."""
    mode = passage.locks.get(table, step.lock)
    return mode in LOCKS and LOCKS.index(mode) >= FIRST_BLOCKING


def schemas(record: Record) -> Judged:
    """M6: back is where it began, and forward again is forward."""
    title = "Definitions that differ after the ways back and forward"
    ways = [one for one in record.ways if one.schema]
    if record.schema_back is None:
        return _unmeasured("M6", title, _why_not(record, measured.BACK, "the plan was not taken back"))
    differing = [*record.schema_back, *(record.schema_again or ()), *(line for one in ways for line in one.schema)]
    blamed: dict[str, str] = {}
    for line in record.shape_back if record.schema_back else ():
        _blame_schema(record, line, blamed)
    for one in record.passages.get(measured.BACK, ()):
        if not one.done:
            blamed[one.step] = one.reason or one.outcome
    again = {one.step: one for one in record.passages.get(measured.AGAIN, ())}
    for one in record.passages.get(measured.FORWARD, ()):
        other = again.get(one.step)
        if one.done and other is not None and not other.done:
            blamed.setdefault(one.step, f"after the way back it does not go forward again: {other.reason}")
    failed = bool(differing or blamed)
    if differing:
        reason = f"first of them: {' '.join(differing[0].split())[:200]}"
    else:
        reason = f"compared with pg_dump after the way back from {len(record.ways) + 1} places and after going again"
    if record.repaired:
        reason += f"; {record.repaired} constraints and indexes that were invalid stay valid, which needs no way back"
    return Judged(_mark("M6", title, failed, len(differing), 0.0, "definitions", reason), blamed)


def _blame_schema(record: Record, line: str, blamed: dict[str, str]) -> None:
    """Find the step whose way forward made, or took away, what the way back did not undo; or else its way back."""
    sign, text = line[0], line[2:]
    for run in (measured.FORWARD, measured.BACK):
        for one in reversed(record.passages.get(run, ())):
            before, after = as_repaired(one.before.lines), as_repaired(one.after.lines)
            if text in (after - before if sign == "+" else before - after):
                what = "is left behind" if sign == "+" else "is not brought back"
                blamed.setdefault(one.step, f"by its way back this {what}: {' '.join(text.split())[:160]}")
                return


def data(record: Record) -> Judged:
    """M7: no row and no value is lost or changed that the plan did not mean to change."""
    title = "Tables and columns whose rows changed"
    if not record.data:
        return _unmeasured("M7", title, _why_not(record, measured.FORWARD, "no checksums were taken after the first"))
    found = [f"{one} ({run})" for run, changed in record.data.items() for one in changed]
    found += [f"{one} (after the way back over {way.steps} steps)" for way in record.ways for one in way.data]
    reason = (
        f"first of them: {found[0]}" if found else "checksums by column over all rows; what clients wrote was undone"
    )
    return Judged(_mark("M7", title, bool(found), len(found), 0.0, "tables and columns", reason))


def kills(record: Record) -> Judged:
    """M8: every step whose session was ended comes to its end when it is run again."""
    title = "Ended sessions from which the plan went on to the same end"
    if not record.kills:
        return _unmeasured("M8", title, _why_not(record, measured.KILLED, "no session was ended"))
    blamed: dict[str, str] = {}
    for one in record.kills:
        if not one.converged:
            blamed.setdefault(one.step, f"ended after {human_seconds(one.after)}, it does not go on: {one.reason}")
    good = sum(one.converged for one in record.kills)
    differing = [line for lines in record.killed_schemas for line in lines]
    reason = f"{good} of {len(record.kills)} sessions, of {len({one.step for one in record.kills})} steps"
    if lost := [one for one in record.kills if one.lost]:
        left = sum(one.unattended for one in lost)
        reason += f"; {len(lost)} of them by SIGKILL of the process that ran the step: {left} of these sessions were "
        reason += "still there when it was run again"
    if differing:
        reason += f"; at the end this differed: {' '.join(differing[0].split())[:160]}"
    if record.guards is not None:
        reason += f"; on the finished state {record.guards[0]} steps say that nothing is left to do"
        if record.guards[1]:
            reason += f", and {', '.join(record.guards[1])} would be done again"
    failed = bool(blamed or differing)
    return Judged(_mark("M8", title, failed, good / len(record.kills), 1.0, "share", reason), blamed)


def starvation(record: Record) -> Judged:
    """M9: a step that cannot get its lock gives up in time, changes nothing, and goes through later.

    Where its pauses were real, its tries may not keep clients waiting for more than their share of the time.
    """
    title = "Steps that gave up in time when they got no lock"
    if not record.starved:
        return _unmeasured("M9", title, _why_not(record, measured.STARVED, "no step needs a lock that others wait for"))
    blamed = {one.step: f"without its lock: {one.reason}" for one in record.starved if not one.passed}
    shares = {one.step: _stalled_share(record, one) for one in record.starved if one.window}
    for step, share in shares.items():
        if share > STALLED_SHARE:
            blamed.setdefault(step, f"its tries kept clients waiting for {share:.2%} of the time")
    good = len(record.starved) - len(blamed)
    reason = f"{good} of {len(record.starved)} steps, in {max(one.tries for one in record.starved)} tries; "
    if shares:
        window = human_seconds(max(one.window for one in record.starved))
        reason += f"over {window} with their real pauses they kept clients waiting for {max(shares.values()):.2%} of "
        reason += f"the time at most, of {STALLED_SHARE:.0%}"
    else:
        reason += (
            f"the pause of {human_seconds(pause_between_tries())} between tries was shortened here, so only their "
        )
        reason += "number and length are proven"
    return Judged(_mark("M9", title, blamed, good / len(record.starved), 1.0, "share", reason), blamed)


def _stalled_share(record: Record, starved: Starved) -> float:
    """The share of the time of a starved step's tries in which some client waited for it."""
    waits = sorted(
        (one.question.started, one.question.started + one.question.seconds)
        for one in record.waits.get(measured.STARVED, ())
        if one.passage is not None and (one.passage.step, one.passage.started) == (starved.step, starved.started)
    )
    stalled, reached = 0.0, 0.0
    for start, end in waits:
        stalled += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return stalled / starved.window


def estimates(record: Record) -> Judged:
    """M10: how near the estimates come that were made for this database, with the speeds that a pilot measured."""
    title = "Steps that took what was estimated for the rows here"
    found = nearness.compare(record)
    share = nearness.share(found)
    if share is None:
        return _unmeasured("M10", title, _why_not(record, measured.FORWARD, record.unforeseen))
    long = [one for one in found if one.long]
    reason = (
        f"of {len(found)} steps {sum(one.time for one in found)} took as long as said, {sum(one.log for one in found)} "
        f"wrote as much to the log, and {sum(one.disk for one in found)} to the disk; {len(long)} were or should "
        f"have been longer than {human_seconds(nearness.BRIEF_SECONDS)}, {sum(one.time for one in long)} as said"
    )
    return Judged(_mark("M10", title, share < nearness.SHARE, share, nearness.SHARE, "share", reason))


def standby(record: Record) -> Judged:
    """M11: how far the standby fell behind, and whether queries on it were cancelled by steps that do not say so."""
    title = "Longest lag of the standby"
    if not any(record.standby.get(run) for run in record.loaded()):
        return _unmeasured("M11", title, record.alone)
    steps = {step.id: step for step in record.steps}
    blamed: dict[str, str] = {}
    worst, cancelled, announced = Lag(0.0, 0.0, 0), 0, 0
    for run in record.loaded():
        worst = max(worst, record.standby.get(run, Attended()).longest, key=lambda one: one.seconds)
        for passage in record.passages[run]:
            seen, step = record.on_standby(passage), steps[passage.step]
            cancelled += len(seen.cancelled)
            if seen.longest.seconds > LAG_SECONDS:
                blamed[step.id] = f"the standby fell {human_seconds(seen.longest.seconds)} behind ({run})"
            if run == measured.BACK or locks_replicas(step):
                announced += len(seen.cancelled)
            elif seen.cancelled:
                blamed[step.id] = f"a query on the standby was cancelled: {seen.cancelled[0].statement[:120]}"
    reason = (
        f"of {cancelled} queries that were cancelled there, {announced} were in the way of steps that say so, or of "
        f"their way back; replay waited {human_seconds(DELAY_SECONDS)} for them, not "
        f"{human_seconds(STREAMING_DELAY_SECONDS)}, and the limit is that much lower than a minute"
    )
    return Judged(_mark("M11", title, blamed, worst.seconds, LAG_SECONDS, "s", reason), blamed)


def cutover(record: Record) -> Judged:
    """M12: how long clients waited for the steps of the switch, against what the plan says."""
    title = "Longest wait for a step of the switch"
    steps = {step.id: step for step in record.steps if step.id in record.switches}
    waits = [
        wait for run in _FORWARD for wait in record.waits.get(run, ())
        if wait.passage is not None and wait.passage.step in steps and wait.passage.run != measured.BACK
    ]  # fmt: skip
    times = Counter(
        one.step for run in _FORWARD for one in record.passages.get(run, ()) if one.step in steps and one.run == run
    )
    least = min(times.values(), default=1)
    if not any(record.forward(step) for step in steps):
        return _unmeasured(
            "M12", title, _why_not(record, measured.FORWARD, "the plan has no switch, or it was not rehearsed")
        )

    def limit_of(wait: Wait) -> float:
        said = steps[wait.passage.step].blocking_seconds if wait.passage else 0.0
        return max(STALL_SECONDS, (said or 0.0) + NOISE * longest_baseline(record))

    worst = max(waits, key=lambda one: one.question.seconds - limit_of(one), default=None)
    value = worst.question.seconds if worst else 0.0
    limit = limit_of(worst) if worst else STALL_SECONDS
    blamed = {
        wait.passage.step: f"clients waited {human_seconds(wait.question.seconds)}, longer than the plan says"
        for wait in waits if wait.passage and wait.question.seconds > limit_of(wait)
    }  # fmt: skip
    return Judged(
        _mark(
            "M12", title, blamed, value, limit, "s",
            f"each step was measured {_TIMES.get(least, f'{least} times')} at least; the limit is what the plan says, "
            "and noise",
        ),
        blamed,
    )  # fmt: skip


def cleanliness(record: Record) -> Judged:
    """M13: nothing that the plan made for its own use is there at its end."""
    title = "Helpers of the plan that are left at its end"
    if record.remains is None:
        return _unmeasured(
            "M13", title, _why_not(record, measured.FINAL, "no step behind a point of no return was rehearsed")
        )
    reason = f"first of them: {record.remains[0][:160]}" if record.remains else "none is left"
    left = len(record.remains)
    return Judged(_mark("M13", title, bool(left), left, 0.0, "objects", reason))


def _mark(name: str, title: str, failed: object, value: float, limit: float, unit: str, reason: str) -> Mark:  # noqa: PLR0917
    verdict: Verdict = "failed" if failed else "passed"
    value, limit = round(value, 4), round(limit, 4)
    return Mark(id=name, title=title, verdict=verdict, value=value, limit=limit, unit=unit, reason=reason)


def _why_not(record: Record, run: str, otherwise: str) -> str:
    """Why a run measured nothing: it could not take place, the rehearsal was ended before its end, or what it says."""
    begun = list(record.passages)
    if record.interrupted and (run not in begun or run == begun[-1]):
        return "the rehearsal was ended before this was measured"
    return otherwise if run in begun else record.broken or otherwise


def _unmeasured(name: str, title: str, reason: str) -> Judged:
    return Judged(Mark(id=name, title=title, verdict="not-measured", reason=reason))


def blames(judged: Iterable[Judged]) -> dict[str, str]:
    """The first reason per step, over all marks."""
    found: dict[str, str] = {}
    for one in judged:
        for step, reason in one.blamed.items():
            found.setdefault(step, f"{one.mark.id}: {reason}")
    return found
