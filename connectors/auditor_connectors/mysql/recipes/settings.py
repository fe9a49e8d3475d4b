"""Recipes for settings: written where a restart finds them, and in force at once where the server allows it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ResetSetting, SetSetting
from auditor.model.vocabulary import Blocks, Phase
from auditor_connectors.mysql.quoting import ident
from auditor_connectors.mysql.recipes.estimates import Estimate
from auditor_connectors.mysql.recipes.sql import literal
from auditor_connectors.mysql.recipes.steps import runbook

PERSISTS = 80000
"""The first version of MySQL that keeps settings by a statement; MariaDB has none."""

RESTART_SECONDS = 20.0
"""A stop that writes out what was changed in memory before, a start, and the first reads from disk."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
_SIZE = re.compile(r"(\d+)\s*([KMGT])B?\Z", re.IGNORECASE)
_WORDS = re.compile(r"(ON|OFF|DEFAULT)\Z", re.IGNORECASE)
_FACTORS = {"K": 1, "M": 2, "G": 3, "T": 4}
_NAME = re.compile(r"[a-z][a-z0-9_.]*\Z")
_WRITE_OUT = (
    "So that it stops soon: SET GLOBAL innodb_max_dirty_pages_pct = 0, then wait until Innodb_buffer_pool_pages_dirty "
    "is small."
)
_AT_ONCE = Estimate(0.0, None, "in force in an instant")
_NEW_SESSIONS = "Sessions that are open keep the value that they began with, if it is one of a session: recycle pools."


def set_setting(operation: SetSetting, facts: Facts) -> Iterator[Draft]:
    """Set it and keep it; with a restart where it cannot change while the server runs."""
    if operation.role is not None or operation.database is not None:
        yield runbook(
            Phase.PREPARE,
            f"Set {operation.name} to {operation.value} for some sessions",
            notes=("The server keeps no settings for a role or a database: let the application set it at its login.",),
        )
        return
    value = written(operation.value)
    yield from _changed(
        facts,
        operation.name,
        value,
        operation.previous if operation.previous is not None else facts.setting(operation.name),
        title=f"Set {operation.name} to {operation.value}",
        restart=operation.restart,
    )


def reset_setting(operation: ResetSetting, facts: Facts) -> Iterator[Draft]:
    """Give it back its default."""
    yield from _changed(
        facts,
        operation.name,
        "DEFAULT",
        operation.previous,
        title=f"Reset {operation.name} to its default",
        restart=operation.restart,
    )


def _changed(
    facts: Facts, name: str, value: str, previous: str | None, *, title: str, restart: bool
) -> Iterator[Draft]:
    persists = facts.target.engine == "mysql" and facts.version >= PERSISTS
    variable = name if _NAME.match(name) else ident(name)
    back = "DEFAULT" if previous is None else written(previous)
    reset = value == "DEFAULT"
    statements: tuple[str, ...]
    file: tuple[str, ...] = ()
    if persists:
        word = "PERSIST_ONLY" if restart else "PERSIST"
        forward = f"RESET PERSIST IF EXISTS {variable}" if reset else f"SET {word} {variable} = {value}"
        live = (f"SET GLOBAL {variable} = DEFAULT",) if reset and not restart else ()
        statements = (forward, *live)
        rollback = (f"RESET PERSIST IF EXISTS {variable}", *(() if restart else (f"SET GLOBAL {variable} = {back}",)))
        if facts.settings.get(name) is not None and facts.settings[name].source == "persisted" and back != "DEFAULT":
            rollback = (f"SET {word} {variable} = {back}",)
    else:
        statements = () if restart else (f"SET GLOBAL {variable} = {value}",)
        rollback = () if restart else (f"SET GLOBAL {variable} = {back}",)
        line = f"remove the line of {name}" if reset else f"{name} = {_in_file(value)}"
        file = (f"So that a restart keeps it, below [mysqld] in the server's configuration file: {line}",)
    yield runbook(
        Phase.PREPARE,
        title,
        *statements,
        notes=(*file, *(("It is in force after the restart below.",) if restart else (_NEW_SESSIONS,)), *_care(facts)),
        verify=None if reset or restart else value_is(facts, name, value),
        rollback=rollback,
        takes=_AT_ONCE,
    )
    if restart:
        yield restart_once(facts)


def restart_once(facts: Facts) -> Draft:
    """Draft the one restart that all settings which need one share."""
    notes = [
        _WRITE_OUT,
        "With a replica: restart it first, let it catch up, make it the source, then restart this server."
        if facts.server.replicas
        else "All sessions end, and clients must reconnect.",
        "innodb_buffer_pool_dump_at_shutdown = ON lets it begin with a warm cache.",
        "$ systemctl restart " + ("mariadb" if facts.target.engine == "mariadb" else "mysqld"),
    ]
    return runbook(
        Phase.PREPARE,
        "Restart the server once, for every setting above that waits for it",
        notes=notes,
        takes=Estimate(RESTART_SECONDS, None, "a stop with little to write out, and a start"),
        blocks=Blocks.EVERYTHING,
        blocking_seconds=RESTART_SECONDS,
        once="restart",
    )


def written(value: str) -> str:
    """Write a setting's value as SET takes it: numbers, bytes and words bare, everything else quoted."""
    text = value.strip()
    if size := _SIZE.match(text):
        return str(int(size[1]) * 1024 ** _FACTORS[size[2].upper()])
    return text if _NUMBER.match(text) or _WORDS.match(text) else literal(text)


def _in_file(value: str) -> str:
    return value.strip("'")


def value_is(facts: Facts, name: str, value: str) -> str:
    """Write a query that is true when the setting has the value."""
    view = "performance_schema.global_variables"
    if facts.target.engine == "mariadb" or (facts.version < 50700):
        view = "information_schema.GLOBAL_VARIABLES"
    same = f"VARIABLE_VALUE = {value}" if _NUMBER.match(value) else f"lower(VARIABLE_VALUE) = lower({_quoted(value)})"
    return f"SELECT EXISTS (SELECT 1 FROM {view} WHERE lower(VARIABLE_NAME) = {literal(name.lower())} AND {same})"


def _quoted(value: str) -> str:
    return literal(value) if _WORDS.match(value) else value


def _care(facts: Facts) -> tuple[str, ...]:
    found = ["Replicas keep settings of their own: change it there as well."] if facts.server.replicas else []
    if facts.target.managed:
        found.append("On a managed service change it in its parameter group instead.")
    return tuple(found)
