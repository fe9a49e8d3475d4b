"""The server runs with settings that a restart forgets.

## What
Settings that somebody changed in a session (SET GLOBAL) and that stand in no file. MySQL does not tell this of settings
that a session may have for itself, so that these are left out there.

## Why it matters
After the next restart, perhaps an unplanned one, the server behaves as it did before, and the incident that the change
ended comes back.

## When it is fine
The change is an experiment that is going on.

## How to fix it
SET PERSIST on MySQL, or the configuration file on MariaDB; or take the change back.

## Sources
MySQL manual, "Persisted System Variables"; MariaDB documentation, "Information Schema SYSTEM_VARIABLES Table".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, ProbeOutcome, Severity
from auditor_checks._settings import PRODUCTS
from auditor_checks._words import counted

CHECK = Check(
    title="Settings are forgotten by the next restart",
    passed="Settings survive a restart",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=PRODUCTS,
)
SHOWN = 10
PASSING = frozenset(
    {
        "timestamp",
        "read_only",
        "super_read_only",
        "innodb_buffer_pool_dump_now",
        "innodb_buffer_pool_load_now",
        "gtid_purged",
        "gtid_slave_pos",
        "gtid_binlog_state",
        "sql_slave_skip_counter",
        "sql_replica_skip_counter",
    }
)
"""Settings that are positions or orders, or that a failover changes."""


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Gather the settings whose value only the running server has."""
    told = facts.probes.get("instruments")
    if facts.target.engine == "mysql" and (told is None or told.outcome is not ProbeOutcome.OK):
        grant = None if told is None else told.grant
        yield Unknown(reason="which settings a session may have for itself is not visible", grant=grant)
        return
    lost = [setting for setting in facts.server.settings if setting.source == "runtime" and setting.name not in PASSING]
    if not lost:
        return
    names = ", ".join(setting.name for setting in lost[:SHOWN]) + (" …" if len(lost) > SHOWN else "")
    yield Flaw(
        title=f"{counted(len(lost), 'setting is', 'settings are')} forgotten by the next restart",
        related=tuple(Subject(kind="setting", name=setting.name) for setting in lost[:SHOWN]),
        evidence=tuple(Evidence(name=setting.name, value=setting.value, probe="settings") for setting in lost[:SHOWN]),
        impact=Impact(risk="the server behaves otherwise after its next restart"),
        explanation=f"These were set while the server ran and stand in no file: {names}.",
        recommendation="Write them into the configuration, or take them back.",
        operations=(
            ChangeApplication(
                topic="unpersisted-settings",
                subject="server",
                instruction=f"Write into the server's configuration, or take back, what was set at run time: {names}.",
            ),
        ),
    )
