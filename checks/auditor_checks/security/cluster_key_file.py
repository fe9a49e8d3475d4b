"""Members know each other by one shared secret.

## What
The members of the set prove who they are by a key file.

## Why it matters
The same secret lies on every member and in their backups, never expires, and whoever has it may do everything as the
set itself. Certificates are one for each member, end by themselves, and can be replaced one by one.

## When it is fine
The file is rotated, readable by the server alone, and the ports of the members are closed to others.

## How to fix it
Move to certificates member by member: sendKeyFile, then sendX509, then x509. That takes no downtime.

## Sources
MongoDB manual, "Internal/Membership Authentication"; "Update Self-Managed Deployment from Keyfile to x.509".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of

CHECK = Check(
    title="Members know each other by one shared secret",
    passed="Members do not share a secret",
    pillar=Pillar.SECURITY,
    severity=Severity.INFO,
    unit=SERVER,
    needs=("options", "members"),
    engines=("mongodb",),
)
FILE, MODE = "security.keyFile", "security.clusterAuthMode"


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read how members log in at each other."""
    mode = facts.setting(MODE) or ("keyFile" if facts.setting(FILE) is not None else None)
    if mode is None or mode == "x509" or not facts.server.members:
        return
    yield Flaw(
        subject=Subject(kind="setting", name=MODE),
        evidence=(evidence_of(MODE, facts), evidence_of("net.tls.mode", facts)),
        impact=Impact(risk="one file that leaks opens every member"),
        explanation=f"Members log in at each other by {mode}: one secret for all of them.",
        recommendation="Move to certificates member by member, or rotate the file on a schedule.",
        operations=(
            ChangeApplication(
                topic="cluster-authentication", subject="server",
                instruction="Move the members from the key file to certificates: sendKeyFile, sendX509, x509.",
            ),
        ),
    )  # fmt: skip
