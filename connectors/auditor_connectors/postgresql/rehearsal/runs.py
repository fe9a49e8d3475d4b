"""The runs of a rehearsal, in their order: see the names at the end of ``measured``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext

from auditor.connector import RehearsalOptions
from auditor.model.plan import Plan, Step
from auditor.model.proof import Run
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.postgresql.recipes.estimates import MAX_TRIES, pause_between_tries
from auditor_connectors.postgresql.recipes.sql import literal, qualified
from auditor_connectors.postgresql.recipes.steps import ROW_EXCLUSIVE
from auditor_connectors.postgresql.rehearsal import measured, scope, state
from auditor_connectors.postgresql.rehearsal.carrying import PAUSE_SECONDS, Carrier, lock_timeouts
from auditor_connectors.postgresql.rehearsal.clients import Crowd, Role, in_the_way, roles
from auditor_connectors.postgresql.rehearsal.keeping import Keeper, Kept, give_shapes, without_shapes
from auditor_connectors.postgresql.rehearsal.measured import (
    FIRST_BLOCKING,
    LOCKS,
    Attended,
    Kill,
    Passage,
    Question,
    Record,
    Starved,
    Way,
)
from auditor_connectors.postgresql.rehearsal.sessions import Sessions
from auditor_connectors.postgresql.rehearsal.standby import Standby
from auditor_connectors.postgresql.rehearsal.state import Relation, Rows
from auditor_connectors.postgresql.rehearsal.watching import Watcher

MOMENTS = (0.0, 0.0005, 0.05, 0.2)
"""Seconds after a step's start at which its session is ended, when the rehearsal is thorough."""

BUDGET_SECONDS = 25.0
"""How long the kills, the ways back and the starvation may take each, unless the rehearsal is thorough."""

SAMPLE = 4
"""How many steps are met with a lock in their way, and from how many places the plan is taken back, unless thorough."""

SWITCHES = 5
"""How many times the switch is measured, when the rehearsal is thorough."""

_STARVING_SECONDS = 2.0  # added to what the tries of a step may take
_CLOSE = 0.3  # how much longer than its timeout a try may take on a busy machine


class Runs:
    """Carries out a plan in all the ways, and keeps the record."""

    def __init__(
        self,
        sessions: Sessions,
        plan: Plan,
        options: RehearsalOptions,
        statements: Sequence[str],
        tell: Callable[[str], None],
        *,
        standby: Standby | None = None,
    ) -> None:
        self.sessions, self.options, self.tell, self.standby = sessions, options, tell, standby
        steps = scope.steps_of(plan)
        phases = {phase.phase: frozenset(step.id for step in phase.steps) for phase in plan.phases}
        self.record = Record(
            steps=steps,
            backfills=phases.get(Phase.BACKFILL, frozenset()),
            switches=phases.get(Phase.SWITCH, frozenset()),
            left={step.id: reason for step in steps if (reason := scope.why_not(step))},
        )
        self.steps = {step.id: step for step in steps}
        self.ahead, self.behind = scope.parts(steps)
        self.keys = state.primary_keys(sessions.control)
        self.texts = [text for step in steps for text in (*step.statements, *step.rollback)]
        self.tables = scope.mentioned(self.texts, self.keys)
        self.whole, self.columns = scope.written(steps, self.tables)
        self.meant = scope.retyped(plan.operations, steps)
        self.carrier = Carrier(sessions)
        self.roles: list[Role] = roles(sessions.control, self.tables, self.texts, statements, plan.operations)
        self.restless: set[str] = set()
        self.first_rows = self._rows()
        self.first_shape = state.shape(sessions.control)
        self.first_schema = state.dump(sessions.url)
        self.done_schema: tuple[str, ...] = ()
        self.done_rows: dict[Relation, Rows] = {}

    def go(self, keeper: Keeper, kept: Kept | None = None) -> None:
        """Do all the runs that are not in ``kept``; an interruption ends them, and what was measured stays."""
        runs = {
            measured.BASELINE: self._baseline,
            measured.FORWARD: self._forward,
            measured.BACK: self._back,
            measured.AGAIN: self._again,
            measured.SWITCHED: self._switches,
            measured.KILLED: self._kills,
            measured.PREFIXES: self._ways,
            measured.STARVED: self._starvation,
            measured.FINAL: self._final,
        }
        try:
            finished = [] if kept is None else self._take_up(kept)
            for name, run in runs.items():
                if name in finished or self.record.broken is not None:
                    continue
                run()
                finished.append(name)
                self._write(keeper, finished)
        except KeyboardInterrupt:
            self.record.interrupted = True

    def _write(self, keeper: Keeper, finished: Sequence[str]) -> None:
        record, shapes = without_shapes(self.record)
        keeper.write(
            Kept(
                about=keeper.about,
                finished=tuple(finished),
                record=record,
                shapes=shapes,
                restless=frozenset(self.restless),
                first_schema=self.first_schema,
                first_shape=self.first_shape,
                done_schema=self.done_schema,
                done_rows=tuple(self.done_rows.items()),
            )
        )

    def _take_up(self, kept: Kept) -> list[str]:
        """Take over finished runs, and bring the database, which is as at first, where the last of them left it."""
        self.tell(f"going on after {kept.finished[-1]}")
        self.record, finished = kept.record, list(kept.finished)
        give_shapes(self.record, kept.shapes)
        self.restless = set(kept.restless)
        self.done_schema, self.done_rows = kept.done_schema, dict(kept.done_rows)
        there = measured.STARVED in finished or (measured.FORWARD in finished and measured.BACK not in finished)
        if there or self.record.repaired:
            for step in self._begun():
                self.carrier.forward(step)
        if not there and self.record.repaired:
            for step in reversed(self._begun()):
                self.carrier.back(step)
        self.first_schema, self.first_shape = kept.first_schema, kept.first_shape
        return finished

    # --- the runs --------------------------------------------------------------------------------------------------

    def _baseline(self) -> None:
        with self._run(measured.BASELINE, load=True):
            time.sleep(self.options.baseline_seconds)
        self.restless = {path.partition(": ")[0] for path in state.differences(self.first_rows, self._rows())}

    def _forward(self) -> None:
        met = self._to_meet()
        with self._run(measured.FORWARD, load=True) as crowd:
            for step in self.ahead:
                if not self._may_run(step):
                    continue
                tables = scope.mentioned(step.statements, self.tables)
                crowd.focus = frozenset(tables)
                timeout = max(lock_timeouts(step), default=0.2)
                blocked = tables[0] if step.id in met and tables else None
                self._settle_names(crowd, gone=scope.dropped_views(step, self.tables))
                with self._blocked(blocked, timeout + PAUSE_SECONDS, works=met.get(step.id, 0) % 2 == 0):
                    self._forward_one(step)
        self.record.data[measured.FORWARD] = self._data(self.first_rows)
        self.done_schema, self.done_rows = state.dump(self.sessions.url), self._rows()

    def _back(self) -> None:
        with self._run(measured.BACK, load=True) as crowd:
            for step in reversed(self._begun()):
                crowd.focus = frozenset(scope.mentioned(step.rollback, self.tables))
                self.carrier.back(step)
                self._settle_names(crowd, back=scope.dropped_views(step, self.tables))
        self.record.data[measured.BACK] = self._data(self.first_rows)
        back, shape = state.dump(self.sessions.url), state.shape(self.sessions.control)
        if shape != self.first_shape and state.as_repaired(shape) == state.as_repaired(self.first_shape):
            self.record.repaired = len(self.first_shape - shape)
            self.first_schema, self.first_shape = back, shape
        self.record.schema_back = _difference(self.first_schema, back)
        self.record.shape_back = _difference(state.as_repaired(self.first_shape), state.as_repaired(shape))
        if self.record.schema_back:
            self.record.broken = "the way back did not restore the schema"

    def _again(self) -> None:
        """Forward once more with nobody else there: what it writes is all the plan's own."""
        with self._run(measured.AGAIN):
            for step in self._done():
                if step.id in self.record.foreseen and step.id in self.record.backfills and step.lock == ROW_EXCLUSIVE:
                    self.sessions.control.execute("CHECKPOINT")  # estimates of fills count every page once
                self.carrier.forward(step)
        again = state.dump(self.sessions.url)
        if self._begun() == self._done():
            self.record.schema_again = _difference(self.done_schema, again)
        self.done_schema, self.done_rows = again, self._rows()
        self._return(len(self._done()))

    def _switches(self) -> None:
        """Take the switch back and carry it out again under load, with what comes after it, if the plan has one."""
        done = self._done()
        first = next((number for number, step in enumerate(done) if step.id in self.record.switches), None)
        if first is None or not self.options.thorough:
            return
        with self._run(measured.SWITCHED, load=True) as crowd:
            for step in done[:first]:
                self.carrier.forward(step)
            for turn in range(1, SWITCHES):
                self.carrier.run = measured.BACK
                for step in reversed(done[first:] if turn > 1 else ()):
                    self.carrier.back(step)
                self.carrier.run = measured.SWITCHED
                for step in done[first:]:
                    crowd.focus = frozenset(scope.mentioned(step.statements, self.tables))
                    self.carrier.forward(step)
        self._return(len(done))

    def _kills(self) -> None:
        """End the session of every step; and once per kind of step, kill the process that carries it out."""
        durations = {one.step: one.seconds for one in self.record.passages.get(measured.AGAIN, ())}
        shapes = {one.step: one.after.lines for one in self.record.passages.get(measured.AGAIN, ())}
        moments: list[float | None] = [*MOMENTS] if self.options.thorough else [0.0005, None]
        losing = self._longest_of_each_kind(durations)
        until = self._deadline()
        with self._run(measured.KILLED):
            for moment in moments:
                known: frozenset[str] = frozenset()  # what an earlier step is to blame for
                for step in self._done():
                    middle = durations.get(step.id, 0.0) / 2
                    lose = step.id in losing and moment == moments[-1]
                    if time.monotonic() > until and not lose:
                        self.carrier.forward(step)
                        continue
                    kill = self._lose(step, middle) if lose else self._kill(step, middle if moment is None else moment)
                    after = self.carrier.passages[-1].after.lines
                    different = _difference(shapes.get(step.id, after), after)
                    wrong = [line for line in different if line not in known]
                    known = frozenset(different)
                    if wrong and kill.converged:
                        kill = kill._replace(converged=False, reason=f"it left something else behind: {wrong[0]}")
                    self.record.kills.append(kill)
                self.record.killed_schemas.append(_difference(self.done_schema, state.dump(self.sessions.url)))
                self.record.data[measured.KILLED] = self._data(self.done_rows)
                self._return(len(self._done()))

    def _kill(self, step: Step, after: float) -> Kill:
        self.carrier.forward(step, kill_after=after)
        resumed = self.carrier.forward(step, resume=True)
        return Kill(step.id, after, resumed.done, resumed.reason or "")

    def _lose(self, step: Step, after: float) -> Kill:
        """Kill the process that carries a step out, and run the step again while its session may still be at work.

        Where the step gives up because that session is in the way, it is run once more when that is gone.
        """
        process = self.carrier.lose(step, after).process
        unattended = self.carrier.is_there(process)
        resumed = self.carrier.forward(step, resume=True)
        gone = self.carrier.is_gone(process)
        if not resumed.done:
            resumed = self.carrier.forward(step, resume=True)
        elif unattended:
            self.carrier.look_at(resumed)
        reason = resumed.reason or ("" if gone else "the session of the process that was killed does not end")
        return Kill(step.id, after, resumed.done and gone, reason, lost=True, unattended=unattended)

    def _longest_of_each_kind(self, durations: Mapping[str, float]) -> frozenset[str]:
        """The longest step that is one transaction, that works online, and that writes rows in batches."""
        kinds: dict[str, str] = {}
        for step in sorted(self._done(), key=lambda step: durations.get(step.id, 0.0)):
            online = "batches" if step.lock == "ROW EXCLUSIVE" else "online"
            kinds["transaction" if step.transactional else online] = step.id
        return frozenset(kinds.values())

    def _ways(self) -> None:
        """Go a part of the way and back, from every place or from a few."""
        count = len(self._done())
        sample = {round(count * part / SAMPLE) for part in range(1, SAMPLE)}
        places = [place for place in range(1, count) if self.options.thorough or place in sample]
        until = self._deadline()
        with self._run(measured.PREFIXES):
            for place in places:
                if time.monotonic() > until:
                    break
                for step in self._done()[:place]:
                    self.carrier.forward(step)
                self._return(place)

    def _starvation(self) -> None:
        """Forward with locks that are not given away in the way of some steps, until these give up.

        With real pauses clients work meanwhile, so that it shows which share of their time the tries cost.
        """
        real = self.options.starve_seconds > 0
        left = len(self.record.steps) if self.options.thorough else SAMPLE // 2
        seconds = float("inf") if real or self.options.thorough else BUDGET_SECONDS  # without the steps that go through
        seen = {one.step: one for one in self.record.passages.get(measured.FORWARD, ())}
        with self._run(measured.STARVED, load=real) as crowd:
            for step in self._done():
                table = self._to_block(seen[step.id])
                if table is not None and left and seconds > 0:
                    started = time.monotonic()
                    left -= 1
                    crowd.focus = frozenset({table})
                    self.record.starved.append(self._starve(step, table))
                    seconds -= time.monotonic() - started
                elif not self.carrier.forward(step).done:
                    break

    def _starve(self, step: Step, table: Relation) -> Starved:
        timeouts, held = lock_timeouts(step), self.options.starve_seconds
        patience = (max(timeouts) * MAX_TRIES + self.carrier.last_timeout if timeouts else 0.0) + _STARVING_SECONDS
        if held:
            self.carrier.pause = pause_between_tries(self.carrier.last_timeout)
        with in_the_way(self.sessions, table, held or patience, works=False):
            tried = self.carrier.forward(step)
        self.carrier.pause = PAUSE_SECONDS
        tries = [one.ended - one.started for one in tried.timed if not one.statement.startswith("SET ")]
        longest = max(tries, default=0.0)
        limit = max((*timeouts, self.carrier.last_timeout)) + _CLOSE
        reason = ""
        if tried.done and not held:
            reason = f"it waited for {longest:.1f} s instead of giving up"
        elif not tried.done and tried.outcome != "gave-up":
            reason = tried.reason or tried.outcome
        elif longest > limit:
            reason = f"a try took {longest:.1f} s"
        elif not tried.done and tried.after != tried.before:
            reason = f"giving up, it left this behind: {_difference(tried.before.lines, tried.after.lines)[0]}"
        if not tried.done:
            afterwards = self.carrier.forward(step, resume=True)
            reason = reason or ("" if afterwards.done else f"it did not go through afterwards: {afterwards.reason}")
        window = tried.ended - tried.started if held else 0.0
        return Starved(step.id, not reason, tried.tries, longest, reason, tried.started, window)

    def _guards(self) -> None:
        """Ask on the finished state which steps a second passage of the plan would do again."""
        quiet = [step for step in self._done() if self.carrier.is_done(step)]
        others = [step for step in self._done() if step.verify is not None and step not in quiet]
        again = [step.id for step in others if step.precondition and self.carrier.ask(step.precondition) is True]
        self.record.guards = (len(quiet), tuple(again))

    def _final(self) -> None:
        """Forward over the point of no return, after a look at what is finished before it."""
        self._guards()
        steps = [step for step in self.behind if self._may_run(step)]
        if not steps:
            return
        with self._run(measured.FINAL, load=True) as crowd:
            for step in steps:
                if self._may_run(step):
                    crowd.focus = frozenset(scope.mentioned(step.statements, self.tables))
                    self._forward_one(step)
        new = state.shape(self.sessions.control) - self.first_shape
        self.record.remains = tuple(sorted(line for line in new if "auditor_" in line))

    # --- their parts -----------------------------------------------------------------------------------------------

    def _to_meet(self) -> dict[str, int]:
        """The steps that others queue behind, numbered: all, or a few, of which those of the switch come first."""
        waited = [
            step.id for step in self.ahead if step.blocks is not Blocks.NOTHING and step.id not in self.record.left
        ]
        waited.sort(key=lambda step: step not in self.record.switches)
        return {step: number for number, step in enumerate(waited if self.options.thorough else waited[:SAMPLE])}

    @staticmethod
    def _settle_names(
        crowd: Crowd, *, gone: frozenset[Relation] = frozenset(), back: frozenset[Relation] = frozenset()
    ) -> None:
        """Do what the application does at a step that drops a view in a table's place, and at its way back."""
        if gone or back:
            crowd.name_no_more((crowd.left | gone) - back)

    def _absent(self) -> frozenset[Relation]:
        """The tables that clients name no more: the view in whose place a step has dropped."""
        asked = {table: f"SELECT to_regclass({literal(qualified(table))}) IS NULL" for table in self.tables}
        dropped = [scope.dropped_views(step, self.tables) for step in self.ahead]
        return frozenset(table for table in frozenset().union(*dropped) if self.carrier.ask(asked[table]) is True)

    def _forward_one(self, step: Step) -> None:
        # A drop names an index only, and its way back the table.
        tables = scope.mentioned((*step.statements, *step.rollback), self.tables)
        with self.standby.met(tables) if self.standby is not None else nullcontext():
            passage = self.carrier.forward(step)
        if passage.outcome == "skipped":
            self.record.left[step.id] = passage.reason or passage.outcome

    def _may_run(self, step: Step) -> bool:
        """Whether a step can be rehearsed after what became of those that it depends on."""
        if step.id not in self.record.left and (reason := self._hindrance(step, step)):
            self.record.left[step.id] = reason
        return step.id not in self.record.left

    def _hindrance(self, step: Step, ahead: Step) -> str | None:
        """Why a step cannot follow what ``ahead`` depends on, None where it can.

        What others do counts as done if what it depends on is. Steps of other operations stand before a step only for
        the sake of order: where they were left out, its precondition decides.
        """
        for name in ahead.depends_on:
            before, reason = self.record.forward(name), self.record.left.get(name)
            if before is not None and before.outcome in {"failed", "gave-up"}:
                return f"it depends on {name}, which failed"
            one = self.steps.get(name)
            if reason is None or one is None:
                continue
            if reason in scope.BY_OTHERS:
                if further := self._hindrance(step, one):
                    return further
            elif step.precondition is None or one.operation == step.operation:
                return f"it depends on {name}, which was not rehearsed"
        return None

    def _begun(self) -> list[Step]:
        """The steps of the first run forward that may have left something."""
        begun = {
            one.step for one in self.record.passages.get(measured.FORWARD, ()) if one.done or one.after != one.before
        }
        return [step for step in self.ahead if step.id in begun]

    def _done(self) -> list[Step]:
        """The steps that the first run forward carried out."""
        done = {one.step for one in self.record.passages.get(measured.FORWARD, ()) if one.done}
        return [step for step in self.ahead if step.id in done]

    def _return(self, count: int) -> None:
        """Take the first so many steps back, and compare."""
        for step in reversed(self._done()[:count]):
            self.carrier.back(step)
        schema = _difference(self.first_schema, state.dump(self.sessions.url))
        self.record.ways.append(Way(count, schema, self._data(self.first_rows)))

    def _to_block(self, passage: Passage) -> Relation | None:
        """The table on which a step took the strongest lock, if others wait for it."""
        known = {".".join(table): table for table in self.tables}
        modes = [(LOCKS.index(mode), name) for name, mode in passage.locks.items() if name in known]
        strongest, name = max(modes, default=(0, ""))
        return known[name] if strongest >= FIRST_BLOCKING else None

    def _blocked(self, table: Relation | None, seconds: float, *, works: bool) -> AbstractContextManager[None]:
        return nullcontext() if table is None else in_the_way(self.sessions, table, seconds, works=works)

    def _deadline(self) -> float:
        return float("inf") if self.options.thorough else time.monotonic() + BUDGET_SECONDS

    def _rows(self) -> dict[Relation, Rows]:
        return state.rows(self.sessions.control, self.tables, self.keys, self.meant)

    def _data(self, before: dict[Relation, Rows]) -> tuple[str, ...]:
        """What differs of the rows, beside what clients' own writes set in motion and what the plan means to change."""
        found = state.differences(before, self._rows())
        mine = self.whole | self.columns | self.restless
        return tuple(one for one in found if one.partition(": ")[0] not in mine and not _inside(one, self.whole))

    @contextmanager
    def _run(self, name: str, *, load: bool = False) -> Iterator[Crowd]:
        """One run: what is measured in it is recorded at its end, however it comes."""
        self.tell(name)
        self.carrier.run = name
        self.carrier.passages = self.record.passages[name] = []
        self.record.questions[name] = []  # an interruption may come before there is a client
        self.record.questions[name] = []
        started = time.monotonic()
        crowd = Crowd(self.sessions, self.roles if load else (), self.options.seed, self._absent())
        watcher: Watcher | None = None
        try:
            with ExitStack() as stack:
                if load:
                    watcher = stack.enter_context(Watcher(self.sessions, self.carrier))
                if load and self.standby is not None and not self.standby.lost:
                    self.record.standby[name] = self.standby.seen = Attended()
                    stack.enter_context(self.standby.attended(crowd, self.roles, self.options.seed))
                stack.enter_context(crowd)
                yield crowd
        finally:
            self._keep(name, crowd.asked, watcher, time.monotonic() - started)

    def _keep(self, name: str, asked: list[Question], watcher: Watcher | None, seconds: float) -> None:
        record, passages = self.record, self.record.passages[name]
        self.carrier.passages = []
        record.questions[name] = asked
        if self.standby is not None and self.standby.lost:
            record.standby.clear()
            record.alone = "the standby was lost on the way"
        for passage in passages:
            if not passage.ended:
                passage.ended = time.monotonic()
                passage.outcome, passage.reason = "killed", "the rehearsal was ended while it ran"
        if watcher is not None:
            for passage in passages:
                watcher.note_locks(passage)
                hold = watcher.exclusive_seconds(passage)
                record.exclusive[passage.step] = max(record.exclusive.get(passage.step, 0.0), hold)
            record.waits[name] = watcher.waits(asked, passages)
        times = sorted(one.seconds for one in asked)
        seen = record.standby.get(name)
        record.runs.append(
            Run(
                name=name,
                seconds=round(seconds, 3),
                steps=len(passages),
                probes=len(asked),
                errors=sum(one.error is not None for one in asked),
                longest_seconds=round(times[-1], 4) if times else 0.0,
                percentile_seconds=round(percentile(times), 4),
                replica_lag_seconds=None if seen is None else round(seen.longest.seconds, 4),
                replica_lag_bytes=None if seen is None else seen.most_bytes,
                replica_cancelled=None if seen is None else len(seen.cancelled),
            )
        )


def percentile(times: Sequence[float], share: float = 0.999) -> float:
    """The value that the share of the sorted values does not exceed; 0 for none."""
    return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0


def _difference(before: Iterable[str], after: Iterable[str]) -> tuple[str, ...]:
    """What is only in one of them, marked as a patch would."""
    old, new = set(before), set(after)
    return (*(f"- {one}" for one in sorted(old - new)), *(f"+ {one}" for one in sorted(new - old)))


def _inside(path: str, tables: Iterable[str]) -> bool:
    return any(path.startswith(f"{table}.") for table in tables)
