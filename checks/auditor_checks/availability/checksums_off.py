"""Data pages carry no checksums.

## What
The cluster was made without data checksums. MySQL and MariaDB: InnoDB writes pages without checksums, or the binary log
has none.

## Why it matters
A page that the storage damaged is read as if it were sound: the damage spreads into backups and replicas until
someone notices wrong results.

## When it is fine
The storage keeps checksums itself and repairs (ZFS, some cloud volumes).

## How to fix it
PostgreSQL: Enable them offline on a replica (pg_checksums), switch over, then do the same with the old primary. New
clusters have them by default from version 18 on.

MySQL, MariaDB: Let innodb_checksum_algorithm and binlog_checksum have their defaults again; pages get their checksum
when they are written next.

## Sources
PostgreSQL manual, initdb --data-checksums; pg_checksums (12 and newer). MySQL manual, innodb_checksum_algorithm and
binlog_checksum.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import EnableChecksums
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, setting_flaw

CHECK = Check(
    title="Data pages carry no checksums",
    passed="Data pages carry checksums",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql", "mysql", "mariadb"),
)
NAME = "data_checksums"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the preset setting, or InnoDB's algorithm."""
    if facts.target.engine in PRODUCTS:
        yield from _innodb(facts)
        return
    value = facts.setting(NAME)
    if value is None:
        yield Unknown(reason=f"{NAME} is not visible")
    elif value == "off":
        yield Flaw(
            subject=Subject(kind="setting", name=NAME),
            evidence=(Evidence(name=NAME, value=value, probe="settings"),),
            explanation="A page that the storage damaged would be read as if it were sound.",
            recommendation="Enable checksums on a replica while it is offline, switch over, then do the other server.",
            operations=(EnableChecksums(),),
        )


def _innodb(facts: Facts) -> Iterator[Verdict]:
    """Read how InnoDB protects its pages, and how the binary log its events."""
    pages, events = facts.setting("innodb_checksum_algorithm"), facts.setting("binlog_checksum")
    if pages is None:
        yield invisible("innodb_checksum_algorithm")
    elif pages.lower() in ("none", "strict_none"):
        yield setting_flaw(
            facts, "innodb_checksum_algorithm", "crc32",
            explanation="A page that the storage damaged would be read as if it were sound.",
            recommendation="Set crc32, which takes no restart: pages get their checksums as they are written.",
            risk="damage spreads into backups and replicas before somebody notices",
        )  # fmt: skip
    if events is not None and events.upper() == "NONE":
        yield setting_flaw(
            facts, "binlog_checksum", "CRC32", severity=Severity.LOW,
            title="Events of the binary log carry no checksums",
            explanation="A replica cannot tell that an event was damaged on its way or on the disk.",
            recommendation="Set CRC32, which takes no restart.",
            risk="replicas apply damaged events",
        )  # fmt: skip
