"""Recipes for settings: in force at once where the server allows it, and written where a restart finds them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ResetSetting, SetSetting
from auditor.model.vocabulary import Phase
from auditor_connectors.mongodb.javascript import literal, text
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.replicas import each_member, restart
from auditor_connectors.mongodb.recipes.steps import draft

PARAMETER = "setParameter."
VERSION = "setParameter.featureCompatibilityVersion.version"
FEATURES = "db.adminCommand({getParameter: 1, featureCompatibilityVersion: 1}).featureCompatibilityVersion.version"
"""The version whose features are switched on."""

WRITE_CONCERN = "defaultRWConcern.defaultWriteConcern.w"
CACHE = "storage.wiredTiger.engineConfig.cacheSizeGB"
OPLOG = "replication.oplogSizeMB"
RETENTION = "storage.oplogMinRetentionHours"
PROFILER = "operationProfiling.mode"
SLOW = "operationProfiling.slowOpThresholdMs"

CONFIRMED = 70000
"""The first version that wants a change of the feature compatibility version confirmed."""

_MODES = {"off": 0, "slowOp": 1, "all": 2}
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
_AT_ONCE = Estimate(0.1, None, "in force in an instant")
_OPLOG_STATS = 'db.getSiblingDB("local").getCollection("oplog.rs").stats().maxSize'


class _Live(NamedTuple):
    """How a setting changes while the server runs: a statement, what is true then, and what else is to be known."""

    statement: str
    verify: str | None
    notes: tuple[str, ...] = ()
    everywhere: bool = False
    """It counts for the whole replica set, and outlives a restart."""


def set_setting(operation: SetSetting, facts: Facts) -> Iterator[Draft]:
    """Set it, and keep it; by a restart where it cannot change while the server runs."""
    previous = operation.previous if operation.previous is not None else facts.setting(operation.name)
    yield from _changed(facts, operation.name, operation.value, previous, waits=operation.restart)


def reset_setting(operation: ResetSetting, facts: Facts) -> Iterator[Draft]:
    """Take it out of the configuration file: only a start finds the default again."""
    yield draft(
        Phase.PREPARE,
        f"Reset {operation.name} to its default",
        notes=(f"Remove {operation.name} from the configuration file, or from the command line.",),
    )
    yield restart(facts, Phase.PREPARE, _RESTART, (), once="restart")


_RESTART = "Restart the servers once, for every setting above that waits for it"


def _changed(facts: Facts, name: str, value: str, previous: str | None, *, waits: bool) -> Iterator[Draft]:
    live = _live(facts, name, value)
    if live is None and not waits and name.startswith(PARAMETER):
        live = _parameter(name, value)
    back = None if live is None or previous is None else _live(facts, name, previous) or _parameter(name, previous)
    keep = f"So that a restart keeps it, in the configuration file: {_in_file(name, value)}"
    notes = [] if live is not None and live.everywhere else [keep]
    if facts.target.managed:
        notes.append("On a managed service change it by the service's own means instead.")
    yield draft(
        Phase.CONTRACT if name == VERSION else Phase.PREPARE,
        f"Set {name.removeprefix(PARAMETER)} to {value}",
        *(() if live is None else (live.statement,)),
        verify=None if live is None else live.verify,
        rollback=() if back is None else (back.statement,),
        reversible=live is None or back is not None,
        takes=_AT_ONCE,
        notes=(
            *(() if live is None else live.notes),
            *notes,
            *(each_member(facts) if live is not None and not live.everywhere else ()),
            *(("It is in force after the restart below.",) if live is None else ()),
        ),
        observe_days=OBSERVED_DAYS if name == VERSION else 0,
    )
    if live is None:
        yield restart(facts, Phase.PREPARE, _RESTART, (), once="restart")


OBSERVED_DAYS = 14
"""How long new binaries run before their features are switched on, which old binaries cannot read."""


def _live(facts: Facts, name: str, value: str) -> _Live | None:
    """How the settings change that have a command of their own, None for others."""
    if name == VERSION:
        sent = {"setFeatureCompatibilityVersion": value, **({"confirm": True} if facts.version >= CONFIRMED else {})}
        return _Live(
            f"db.adminCommand({literal(sent)})",
            f"{FEATURES} === {text(value)}",
            ("Back to older binaries leads only a resynchronisation, once features of the new version are in use.",),
            everywhere=True,
        )
    if name == WRITE_CONCERN:
        return _Live(
            f"db.adminCommand({{setDefaultRWConcern: 1, defaultWriteConcern: {{w: {_value(value)}, wtimeout: 0}}}})",
            f"db.adminCommand({{getDefaultRWConcern: 1}}).defaultWriteConcern?.w === {_value(value)}",
            (("Clients that ask for a write concern of their own keep it. With the majority a write waits for one "
             "secondary at least: measure the time of writes before and after."),),
            everywhere=True,
        )  # fmt: skip
    if name == CACHE:
        bytes_ = round(float(value) * (1 << 30))
        return _Live(
            f'db.adminCommand({{setParameter: 1, wiredTigerEngineRuntimeConfig: "cache_size={bytes_ >> 20}M"}})',
            f'db.serverStatus().wiredTiger.cache["maximum bytes configured"] === {bytes_ >> 20 << 20}',
            ("A smaller cache writes out what no longer fits: do it when little is written.",),
        )
    if name in (OPLOG, RETENTION):
        return _oplog(name, value)
    if name in (PROFILER, SLOW) and facts.target.name:
        return _profiler(facts, name, value)
    return None


def _oplog(name: str, value: str) -> _Live:
    if name == RETENTION:
        asked = "db.serverStatus().oplogTruncation?.oplogMinRetentionHours"
        return _Live(f"db.adminCommand({{replSetResizeOplog: 1, minRetentionHours: Double({_value(value)})}})",
                     f"{asked} === {_value(value)}")  # fmt: skip
    return _Live(
        f"db.adminCommand({{replSetResizeOplog: 1, size: Double({_value(value)})}})",
        f"{_OPLOG_STATS} === {_value(value)} * 1024 * 1024",
        ("A smaller one gives its space back only by compact on local.oplog.rs.",),
    )


def _profiler(facts: Facts, name: str, value: str) -> _Live | None:
    names = [schema.name for schema in facts.snapshot.catalog.schemas] or [facts.target.name]
    base = f"db.getSiblingDB({text(names[0])})"
    if name == SLOW:
        return _Live(f"{base}.setProfilingLevel({base}.getProfilingStatus().was, {{slowms: {_value(value)}}})",
                     f"{base}.getProfilingStatus().slowms === {_value(value)}")  # fmt: skip
    if value not in _MODES:
        return None
    calls = "; ".join(f"db.getSiblingDB({text(one)}).setProfilingLevel({_MODES[value]})" for one in names)
    return _Live(calls, f"{base}.getProfilingStatus().was === {_MODES[value]}")


def _parameter(name: str, value: str) -> _Live:
    parameter = name.removeprefix(PARAMETER)
    asked = f"db.adminCommand({{getParameter: 1, {text(parameter)}: 1}})[{text(parameter)}]"
    return _Live(
        f"db.adminCommand({{setParameter: 1, {text(parameter)}: {_value(value)}}})",
        f"String({asked}) === {text(value)}",
    )


def _value(value: str) -> str:
    """A value as JavaScript: numbers and truth values bare, all else as text."""
    return value if _NUMBER.match(value) or value in ("true", "false") else text(value)


def _in_file(name: str, value: str) -> str:
    """The line of the configuration file, nested on one line as YAML allows it."""
    *around, last = name.split(".", 1) if name.startswith(PARAMETER) else name.split(".")
    written = value if _NUMBER.match(value) or value in ("true", "false") else json.dumps(value)
    line = f"{last}: {written}"
    for one in reversed(around):
        line = f"{one}: {{{line}}}"
    return line
