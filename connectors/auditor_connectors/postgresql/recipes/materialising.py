"""Keeps the rows of a view that takes long to read in a materialised view, which is refreshed while it is read."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.catalog import Table, dotted
from auditor.model.facts import Facts
from auditor.model.operation import MaterialiseView
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.postgresql.recipes import estimates
from auditor_connectors.postgresql.recipes.building import NewIndex, build
from auditor_connectors.postgresql.recipes.estimates import Estimate, human_bytes
from auditor_connectors.postgresql.recipes.kept_rows import Kept
from auditor_connectors.postgresql.recipes.queries import (
    absent,
    all_of,
    column_is,
    no_duplicates,
    no_nulls,
    relation_is,
    usable,
)
from auditor_connectors.postgresql.recipes.spelling import spell
from auditor_connectors.postgresql.recipes.sql import (
    IDENTIFIER_BYTES,
    cut,
    idents,
    literal,
    qualified,
    relation_taken,
    short_hash,
)
from auditor_connectors.postgresql.recipes.steps import ACCESS_SHARE, brief, online, runbook, scan

_LATE = 3
"""So many intervals old may the last refresh be when the view is to read it: one may have failed or be under way."""


def materialise_view(operation: MaterialiseView, facts: Facts) -> Iterator[Draft]:
    """Keep the rows beside the view, have them refreshed, then let the view read them."""
    view = facts.view((operation.schema, operation.view))
    if view is None:
        yield _by_hand(operation, "the view is not in the snapshot")
        return
    kept = Kept(operation, facts, view)
    obstacles = list(_obstacles(kept))
    if obstacles:
        yield _by_hand(operation, "; ".join(obstacles))
        return
    yield _keep(kept)
    unique = NewIndex(kept.key, kept.index[1], f"({idents(operation.key)})", operation.key, unique=True)
    countable = (no_duplicates(kept.key, operation.key, None), no_nulls(kept.key, operation.key))
    yield from build(facts, Phase.EXPAND, unique, precondition=all_of(absent(kept.index), *countable))
    yield _refresh_once(kept)
    yield _schedule(kept)
    yield from _switch(kept) if operation.switch else _move_readers(kept)


def _obstacles(kept: Kept) -> Iterator[str]:
    """Name what makes kept rows wrong, or their keeping impossible."""
    if not kept.operation.key:
        yield "no columns are given that tell its rows apart, without which nobody could read it during a refresh"
    if kept.operation.minutes < 1:
        yield "it would have to be refreshed without a pause"
    if len(kept.key[1].encode()) > IDENTIFIER_BYTES:
        yield f"the name {kept.key[1]} is longer than {IDENTIFIER_BYTES} bytes"
    if kept.key in kept.view.reads:
        yield f"it reads {kept.path} already"
    elif not kept.is_there(kept.key) and relation_taken(kept.facts, kept.key):
        yield f"something else is called {kept.path}"
    yield from _for_each_reader(kept)
    yield from _written(kept)


def _for_each_reader(kept: Kept) -> Iterator[str]:
    """Name what shows other rows to other readers, or to the same reader each time."""
    if any(view.calls is None for view in kept.behind):
        yield "it is not known whether what it calls always answers the same"
    for name, varies in kept.calls():
        if varies == "call":
            yield f"it calls {name}, which may answer otherwise each time"
        elif varies == "session":
            yield f"it asks {name}, whose answer depends on who reads"
        elif not name.startswith("pg_catalog."):
            yield f"it calls {name}, whose answer may depend on who reads and with which settings"
    if kept.view.security_invoker:
        yield "it reads with the rights of whoever reads it (security_invoker)"
    for table in kept.tables:
        if kept.facts.root(table).row_security and not _passes_by(kept, table):
            yield f"the policies of {table.path} decide which rows it shows"


def _passes_by(kept: Kept, table: Table) -> bool:
    """Whether policies do not hold for the view's owner, with whose rights it reads."""
    role = kept.facts.roles.get(kept.view.owner or "")
    if role is not None and (role.superuser or role.bypass_row_security):
        return True
    return kept.view.owner is not None and kept.view.owner == table.owner and not table.row_security_forced


def _written(kept: Kept) -> Iterator[str]:
    """Name what shows that rows are written through the view, which would fail."""
    for trigger in kept.facts.triggers:
        if trigger.table_key == kept.view.key:
            yield f"what is written through it goes to its trigger {trigger.name}"
    for rule in kept.facts.catalog.rules:
        if rule.table_key == kept.view.key:
            yield f"its rule {rule.name} rewrites what is written through it"
    if kept.view.checked:
        yield "it is made to be written through (WITH CHECK OPTION)"
    if kept.facts.writers_of(kept.view.key):
        yield "statements write through it"


def _by_hand(operation: MaterialiseView, why: str) -> Draft:
    return runbook(
        Phase.REARCHITECT,
        f"Keep the rows of {dotted(operation.schema, operation.view)}",
        notes=(f"It cannot be done by these steps: {why}.",),
    )


def _keep(kept: Kept) -> Draft:
    view, ledger = kept.view, qualified(kept.ledger)
    columns = (column_is(view.key, column) for column in kept.operation.key)
    return scan(
        Phase.EXPAND,
        f"Keep the rows of {view.path} in {kept.path}",
        f"CREATE TABLE {ledger} (one boolean PRIMARY KEY DEFAULT true CHECK (one), refreshed_at timestamptz NOT NULL)",
        kept.make,
        f"REFRESH MATERIALIZED VIEW {qualified(kept.key)}",
        f"ANALYZE {qualified(kept.key)}",
        takes=_reading(kept),
        lock=ACCESS_SHARE,
        precondition=all_of(relation_is(view.key, "relkind = 'v'"), absent(kept.key), absent(kept.ledger), *columns),
        verify=relation_is(kept.key, "relkind = 'm' AND relispopulated"),
        rollback=(
            f"DROP MATERIALIZED VIEW IF EXISTS {qualified(kept.key)}",
            f"DROP TABLE IF EXISTS {ledger}",
        ),
        notes=(
            "Nobody else sees what is made here before it is done, so that nobody waits for it.",
            "It reads the view once. As long as that takes, vacuum cannot clean what has died since, in any table.",
            "It reads with the rights of the view's owner, who must be allowed to call all that the view calls.",
            *_search_path(kept.facts),
            *_by_statement(kept),
        ),
    )


def _reading(kept: Kept) -> Estimate:
    """Seconds for reading the view and writing its rows, as far as the sizes behind it tell."""
    sizes = [estimates.heap_bytes(kept.facts, table) for table in kept.tables]
    if any(size is None for size in sizes):
        return Estimate(None, "the size of what the view reads is not known")
    speeds, total = estimates.calibration(kept.facts), sum(size or 0 for size in sizes)
    seconds = speeds.brief_seconds + 2 * total / speeds.scan_bytes_per_second
    basis = f"two scans' worth of the {human_bytes(total)} that the view reads, {estimates.rate(kept.facts)}"
    return Estimate(round(seconds, 3), f"{basis}; sorting and joining may take many times as long")


def _search_path(facts: Facts) -> tuple[str, ...]:
    """Say what functions find while rows are refreshed: release notes of 17, and the same for functions of any age."""
    if facts.version < 170000:
        return ()
    return (
        (
            "A refresh sets search_path to pg_catalog and pg_temp: functions that the view calls must name schemas, or "
            "set a path of their own."
        ),
    )


def _by_statement(kept: Kept) -> tuple[str, ...]:
    names = sorted({name.removeprefix("pg_catalog.") for name, varies in kept.calls() if varies == "statement"})
    if not names:
        return ()
    return (
        (
            f"What it calls ({', '.join(names)}) answers as at the moment of the refresh, with the settings of whoever "
            "refreshes: let those have the readers' TimeZone and formats of dates."
        ),
    )


def _refresh_once(kept: Kept) -> Draft:
    return online(
        Phase.EXPAND,
        f"Refresh {kept.path} once while it may be read",
        kept.refresh,
        takes=_reading(kept),
        precondition=usable(kept.index),
        verify=f"SELECT EXISTS (SELECT FROM {qualified(kept.ledger)})",
        notes=(
            f"Its lock on {kept.path} (EXCLUSIVE) lets readers pass, and makes only a second refresh wait.",
            "It reads the view, compares, and changes only the rows that differ.",
            "Where most rows differ each time it costs more than filling it anew, and leaves as many dead rows behind.",
        ),
    )


def _schedule(kept: Kept) -> Draft:
    minutes = kept.operation.minutes
    title = f"Have {kept.path} refreshed every {'minute' if minutes == 1 else f'{minutes} minutes'}"
    age = f"SELECT now() - refreshed_at AS age FROM {qualified(kept.ledger)}"
    notes = (
        f"How old the rows are at most: {age}. Raise an alarm when that is more than {_LATE * minutes} minutes.",
        "Its owner may refresh it, a superuser, and from 17 on whoever has MAINTAIN on it and may write the time.",
        "If it takes longer than the interval, the next one finds it at work and leaves it alone.",
        "Replicas replay it as changes of rows; what vacuum then removes may cancel long queries on them.",
    )
    if "pg_cron" not in kept.facts.extensions:
        return runbook(
            Phase.EXPAND,
            title,
            notes=(
                f"Let a scheduler run this, in a transaction of its own: {spell(kept.refresh)}",
                *notes,
            ),
        )
    job = literal(cut(f"refresh {short_hash(*kept.key)} {kept.key[1]}", IDENTIFIER_BYTES))
    return runbook(
        Phase.EXPAND,
        title,
        f"SELECT cron.schedule({job}, {literal(_times(minutes))}, {literal(kept.refresh)})",
        verify=f"SELECT EXISTS (SELECT FROM cron.job WHERE jobname = {job} AND active)",
        rollback=(f"SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname = {job}",),
        notes=("Schedule it as the role that is to refresh it: pg_cron runs jobs as whoever scheduled them.", *notes),
    )


def _times(minutes: int) -> str:
    """Write the times of a crontab that are never further apart than that."""
    if minutes < 60:
        return f"*/{minutes} * * * *"
    hours = minutes // 60
    return f"0 */{hours} * * *" if hours < 24 else "0 3 * * *"


def _switch(kept: Kept) -> Iterator[Draft]:
    view, minutes = kept.view, kept.operation.minutes
    yield application(
        Phase.SWITCH,
        f"Let the readers of {view.path} take rows that are up to {minutes} minutes old",
        "From the next step on it shows what was there at the last refresh: whoever writes a row and reads it back "
        "through the view has to read the tables instead.",
        "Nothing can be written through the view any more.",
        objects=(view.path,),
    )
    yield brief(
        kept.facts,
        Phase.SWITCH,
        f"Let {view.path} read {kept.path}",
        kept.switch,
        precondition=all_of(kept.same, usable(kept.index), kept.fresh(_LATE * minutes)),
        verify=kept.reads_it,
        rollback=(kept.back,),
        notes=(
            "The view stays what it was for its owner, privileges, options, dependants and prepared statements.",
            "Whoever is reading the view, for however long, is in the way of the lock: take a quiet moment.",
            f"From then on {kept.path} holds the definition: take this step back before you change it.",
        ),
    )


def _move_readers(kept: Kept) -> Iterator[Draft]:
    yield application(
        Phase.SWITCH,
        f"Read {kept.path} where its rows may be up to {kept.operation.minutes} minutes old",
        f"It has the columns of {kept.view.path}, and the same roles may read it.",
        "What has to see its own writes goes on reading the view.",
        objects=(kept.view.path,),
    )
