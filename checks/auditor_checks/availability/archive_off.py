"""Continuous archiving is off: no restore to a point in time.

## What
archive_mode is off on a primary, no base backup is being streamed, and no slot or replica looks like a log receiver
of a backup tool. MySQL and MariaDB: a server that is no replica writes no binary log.

## Why it matters
With dumps alone, everything since the last dump is lost with the disk, and a wrong DELETE cannot be undone to the
minute before it. Replicas do not help against mistakes: they repeat them.

## When it is fine
The provider takes care of backups outside the server's sight (managed services are therefore not judged), a tool
receives the log over a replication connection, or the data can be made again from elsewhere.

## How to fix it
PostgreSQL: Introduce a backup tool with continuous archiving (pgBackRest, WAL-G, Barman), take a base backup, and
rehearse a restore. Switching archive_mode on needs one restart.

MySQL, MariaDB: Switch the binary log on, which needs one restart; take a full backup with its position in the log
(Percona XtraBackup, MySQL Enterprise Backup, mariadb-backup, or a dump with --single-transaction), keep the log files
beside it, and rehearse a restore.

## Sources
PostgreSQL manual, "Continuous Archiving and Point-in-Time Recovery (PITR)". MySQL manual, "Point-in-Time
(Incremental) Recovery"; MariaDB documentation, "Activating the Binary Log": it is off unless somebody switches it on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import EnableArchiving
from auditor.model.units import SERVER
from auditor.model.vocabulary import Confidence, Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off

CHECK = Check(
    title="Continuous archiving is off",
    passed="Continuous archiving is on",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.HIGH,
    confidence=Confidence.LIKELY,
    unit=SERVER,
    needs=("settings", "server"),
    engines=("postgresql", "mysql", "mariadb"),
)
RECEIVERS = re.compile(r"(?i)receivewal|barman|pgbackrest|wal-?g|backup")


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read archive_mode, and look for log receivers where it is off; or see whether there is a binary log."""
    if facts.target.engine in PRODUCTS:
        yield from _binary_log(facts)
        return
    mode = facts.setting("archive_mode")
    if facts.target.managed:
        yield Unknown(reason="backups of a managed service are made outside the server's sight")
    elif mode is None:
        yield Unknown(reason="archive_mode is not visible")
    elif mode == "off" and not facts.server.in_recovery:
        receivers = [r.name for r in facts.server.replicas if RECEIVERS.search(r.name)]
        receivers += [slot.name for slot in facts.server.slots if slot.active and RECEIVERS.search(slot.name)]
        if receivers:
            return
        yield Flaw(
            subject=Subject(kind="setting", name="archive_mode"),
            evidence=(
                Evidence(name="archive_mode", value=mode, probe="settings"),
                Evidence(name="receivers of the log", value=0, unit="receivers", probe="replicas"),
            ),
            impact=Impact(bytes=None, risk="everything since the last dump is lost with the disk or by a mistake"),
            explanation="No log is archived and nobody receives it for a backup, so no point in time can be restored.",
            recommendation="Introduce base backups with continuous archiving, and rehearse a restore.",
            operations=(EnableArchiving(),),
        )


def _binary_log(facts: Facts) -> Iterator[Verdict]:
    """Report a server that writes no binary log. A replica need not: its source does."""
    value = facts.setting("log_bin")
    if facts.target.managed:
        yield Unknown(reason="backups of a managed service are made outside the server's sight")
    elif value is None:
        yield invisible("log_bin")
    elif is_off(value) and not facts.server.in_recovery:
        yield Flaw(
            title="The server writes no binary log",
            subject=Subject(kind="setting", name="log_bin"),
            evidence=(Evidence(name="log_bin", value=value, probe="settings"),),
            impact=Impact(risk="everything since the last dump is lost with the disk or by a mistake"),
            explanation="No binary log is written, so no point in time can be restored and no replica can be added.",
            recommendation="Switch the binary log on at the next restart, keep it beside the backups, and rehearse a "
            "restore.",
            operations=(EnableArchiving(),),
        )
