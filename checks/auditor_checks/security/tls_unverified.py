"""Certificates are not checked.

## What
TLS is on, and the server accepts invalid certificates or host names, or has no certificate authority to check any by.

## Why it matters
Encryption without a check of who is at the other end does not keep out who stands in between; for the connections among
the members that is the password of the whole set.

## When it is fine
Members are cut off from everybody else, and clients log in by passwords.

## How to fix it
Give every member a certificate of one authority, name that in net.tls.CAFile, and take the options away.

## Sources
MongoDB manual, "Configure mongod and mongos for TLS/SSL"; net.tls.allowInvalidCertificates, allowInvalidHostnames.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ResetSetting
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import evidence_of, is_on

CHECK = Check(
    title="Server does not check certificates",
    passed="Server checks certificates, or has no TLS",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("options",),
    engines=("mongodb",),
)
LOOSE = ("net.tls.allowInvalidCertificates", "net.tls.allowInvalidHostnames")
AUTHORITIES = ("net.tls.CAFile", "net.tls.clusterCAFile", "net.tls.certificateSelector", "setParameter.tlsUseSystemCA")


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Read the options; each that is loose is named."""
    if not facts.server.tls:
        return
    loose = [name for name in LOOSE if is_on(facts.setting(name))]
    blind = all(facts.setting(name) in (None, "false") for name in AUTHORITIES)
    if not loose and not blind:
        return
    yield Flaw(
        related=tuple(Subject(kind="setting", name=name) for name in loose),
        evidence=(
            *(evidence_of(name, facts) for name in loose),
            Evidence(name="has a certificate authority", value=not blind, probe="options"),
        ),
        impact=Impact(risk="who stands in between is not noticed"),
        explanation="TLS is on, but "
        + (f"{' and '.join(loose)} {'is' if len(loose) == 1 else 'are'} set." if loose
           else "there is no certificate authority to check certificates by."),
        recommendation="Give every member a certificate of one authority, name it in net.tls.CAFile, and check.",
        operations=tuple(ResetSetting(name=name, previous="true", restart=True) for name in loose),
    )  # fmt: skip
