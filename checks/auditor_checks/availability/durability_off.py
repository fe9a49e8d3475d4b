"""Committed data may be lost in a crash.

## What
PostgreSQL: fsync, full_page_writes or synchronous_commit is off for the server.

MySQL, MariaDB: innodb_flush_log_at_trx_commit or sync_binlog is not 1 (the latter only where there is a binary log),
the doublewrite buffer is off, or the redo log was disabled.

MongoDB: The journal is off, or a majority acknowledges writes that stand in no journal.

## Why it matters
PostgreSQL: Without fsync or full_page_writes a crash of the machine can corrupt the whole database beyond repair.
Without synchronous_commit the last moments' commits are lost in a crash, though nothing is corrupted.

MySQL, MariaDB: Without the doublewrite buffer a crash of the machine can leave torn pages that cannot be repaired.
Without the flush at each commit the last moments' commits are lost. A binary log that lacks commits makes replicas
differ for ever.

MongoDB: Without a journal everything since the last checkpoint is lost in a crash. Without
writeConcernMajorityJournalDefault writes that a majority acknowledged are lost when its members crash together.

## When it is fine
The server is disposable: test data, a cache that is rebuilt.

PostgreSQL: full_page_writes may be off on storage that guarantees atomic pages. synchronous_commit may be off for
single roles or transactions whose loss is acceptable.

MySQL, MariaDB: The doublewrite buffer may be off on storage that guarantees atomic pages. A replica that is never
promoted may flush later.

## How to fix it
PostgreSQL: Switch them on and reload. After fsync is back on, run sync on the machine, then take a fresh base backup.

MySQL, MariaDB: Set innodb_flush_log_at_trx_commit and sync_binlog to 1, which takes no restart; where the doublewrite
buffer cannot be switched on in a running server, at the next one.

MongoDB: Switch the journal on at the next restart; set writeConcernMajorityJournalDefault to true in the configuration
of the set, which takes none.

## Sources
PostgreSQL manual, "Write Ahead Log: Settings"; "Non-Durable Settings". MySQL manual, "InnoDB Startup Options and System
Variables", "Binary Logging Options and Variables", "Redo Log: Disabling Redo Logging". MongoDB manual, "Journaling";
"Self-Managed Replica Set Configuration: writeConcernMajorityJournalDefault".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication, ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_off, is_on, setting_flaw
from auditor_checks._words import fitting

CHECK = Check(
    title="Committed data may be lost in a crash",
    passed="Commits are durable",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=SERVER,
    needs=("settings|options", "settings|members"),
    engines=("postgresql", "mysql", "mariadb", "mongodb"),
)
HARM = {
    "fsync": (Severity.CRITICAL, "a crash of the machine can corrupt the whole database beyond repair"),
    "full_page_writes": (Severity.HIGH, "a crash of the machine can leave torn pages that cannot be repaired"),
    "synchronous_commit": (Severity.MEDIUM, "the commits of the last moments are lost in a crash"),
}
LAGGING = {  # settings of which each value but 1 lets a commit return too early
    "innodb_flush_log_at_trx_commit": (Severity.HIGH, "the commits of the last second are lost in a crash"),
    "sync_binlog": (Severity.MEDIUM, "the binary log, and with it each replica, may lack what was committed"),
}
TORN = "a crash of the machine can leave torn pages that cannot be repaired"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the settings of the engine; each that is off is a finding of its own."""
    if facts.target.engine in PRODUCTS:
        yield from _innodb(facts)
        return
    if facts.server.role is not None:
        yield from _journal(facts)
        return
    for name, (severity, harm) in HARM.items():
        value = facts.setting(name)
        if value is None:
            yield Unknown(reason=f"{name} is not visible")
        elif value == "off":
            yield Flaw(
                title=fitting(f"{name} is off: {harm}"),
                subject=Subject(kind="setting", name=name),
                severity=severity,
                evidence=(Evidence(name=name, value=value, probe="settings"),),
                impact=Impact(risk=harm),
                explanation=f"With {name} off, {harm}.",
                recommendation="Switch it on; a reload is enough.",
                operations=(ResetSetting(name=name, previous=value),),
                discriminator=name,
            )


def _innodb(facts: Facts) -> Iterator[Verdict]:
    """What InnoDB and the binary log keep of a commit, and of a page that was being written."""
    logs = is_on(facts.setting("log_bin"))
    for name, (severity, harm) in LAGGING.items():
        value = facts.setting(name)
        if value is None:
            yield invisible(name)
        elif value not in ("1", "3") and (logs or name != "sync_binlog"):  # MariaDB's 3 flushes at commit, too
            yield setting_flaw(
                facts, name, "1", severity=severity, risk=harm,
                title=f"{name} is {value}: {harm}", explanation=f"With {name} at {value}, {harm}.",
                recommendation="Set it to 1, which takes no restart; expect each commit to wait for the disk.",
            )  # fmt: skip
    doublewrite = facts.setting("innodb_doublewrite")
    if is_off(doublewrite) or doublewrite == "DETECT_ONLY":
        yield setting_flaw(
            facts, "innodb_doublewrite", "ON", severity=Severity.HIGH, risk=TORN, restart=True,
            title=f"innodb_doublewrite is {doublewrite}: {TORN}", explanation=f"With {doublewrite}, {TORN}.",
            recommendation="Switch it on at the next restart, unless the storage writes whole pages or none.",
        )  # fmt: skip
    if facts.counter("innodb_redo_log_enabled") == 0:
        harm = "a crash of the server leaves InnoDB beyond repair"
        yield Flaw(
            title=f"InnoDB's redo log is disabled: {harm}",
            severity=Severity.CRITICAL,
            evidence=(Evidence(name="Innodb_redo_log_enabled", value="OFF", probe="status"),),
            impact=Impact(risk=harm),
            explanation=f"Somebody disabled the redo log, as one does to load a new server, and {harm}.",
            recommendation="Run ALTER INSTANCE ENABLE INNODB REDO_LOG at once, or when the load has ended.",
            operations=(
                ChangeApplication(
                    topic="redo-log", subject="server",
                    instruction="Enable InnoDB's redo log again: ALTER INSTANCE ENABLE INNODB REDO_LOG.",
                ),
            ),
            discriminator="innodb_redo_log_enabled",
        )  # fmt: skip


def _journal(facts: Facts) -> Iterator[Verdict]:
    """Whether there is a journal, and whether what a majority acknowledged stands in it."""
    name, wanted = "storage.journal.enabled", "true"
    if is_off(facts.setting(name)):
        harm = "the writes since the last checkpoint, a minute or more, are lost in a crash"
        yield setting_flaw(
            facts, name, wanted, severity=Severity.HIGH, risk=harm, restart=True,
            title=f"The journal is off: {harm}", explanation=f"Without a journal {harm}.",
            recommendation="Switch it on at the next restart; from version 6.1 on it cannot be switched off.",
        )  # fmt: skip
    name = "replSetConfig.writeConcernMajorityJournalDefault"
    if is_off(facts.setting(name)):
        harm = "writes that a majority acknowledged are lost when its members crash together"
        yield setting_flaw(
            facts, name, wanted, severity=Severity.MEDIUM, risk=harm, title=f"Majority without a journal: {harm}",
            explanation=f"Members acknowledge from memory, so {harm}.",
            recommendation="Set it to true in the configuration of the set; that takes no restart.",
        )  # fmt: skip
