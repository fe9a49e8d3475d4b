"""Replication is not running.

## What
A server that has a source does not receive or does not apply its changes: a half of the work is stopped, or tries to
connect again and again.

Redis: A replica whose link to its primary is down.

## Why it matters
From that moment on the replica shows old data and cannot take the source's place; the files that it has not read are
removed from the source after a while, and then it has to be made anew.

## When it is fine
Somebody stopped it for a backup or for maintenance.

## How to fix it
Read the error, which is in the server's own status with its number, mend its cause, and start the replica again. Do not
skip what it stumbles over without knowing what it is.

Redis: Read the log of the replica: the address, masterauth, TLS, or a copy that client-output-buffer-limit
replica cuts off.

## Sources
MySQL manual, "Checking Replication Status"; MariaDB documentation, "SHOW REPLICA STATUS". Redis documentation, INFO:
master_link_status.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Source
from auditor.model.units import SOURCES
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import duration
from auditor_checks._settings import PRODUCTS

CHECK = Check(
    title="A replica has stopped following its source",
    passed="Replicas follow their sources",
    pillar=Pillar.AVAILABILITY,
    severity=Severity.CRITICAL,
    unit=SOURCES,
    needs=("sources|info",),
    engines=(*PRODUCTS, "redis"),
)


def judge(source: Source, facts: Facts) -> Iterator[Verdict]:
    """Report a source of which one half of the work does not go on."""
    if source.receiving and source.applying:
        return
    if facts.server.nodes:
        yield _link_down(source, facts)
        return
    halves = [*([] if source.receiving else ["receive"]), *([] if source.applying else ["apply"])]
    yield Flaw(
        title=f"Replication does not {' or '.join(halves)} changes"
        + (f": error {source.error}" if source.error else ""),
        severity=Severity.CRITICAL if source.error else Severity.HIGH,
        evidence=(
            Evidence(name="receiving", value=source.receiving, probe="sources"),
            Evidence(name="applying", value=source.applying, probe="sources"),
            Evidence(name="tries to connect", value=source.connecting, probe="sources"),
            Evidence(name="number of the last error", value=source.error, probe="sources"),
        ),
        impact=Impact(risk="stale reads, and no server that could take over"),
        explanation="This server has a source and does not "
        + " or ".join(halves)
        + " its changes"
        + (f"; the last error has the number {source.error}." if source.error else "."),
        recommendation="Mend the cause that SHOW REPLICA STATUS tells, then start the replica again.",
        operations=(
            ChangeApplication(
                topic="replication",
                subject=source.name or "source",
                instruction="Read the last error of SHOW REPLICA STATUS, mend its cause, then START REPLICA.",
            ),
        ),
    )


def _link_down(source: Source, facts: Facts) -> Flaw:
    """The finding on a replica whose link is down, with for how long that has been so."""
    seconds = facts.counter("master_link_down_since_seconds")
    copying = bool(facts.counter("master_sync_in_progress"))
    stale = facts.setting("replica-serve-stale-data") != "no"
    since = "" if seconds is None or seconds < 0 else f" for {duration(seconds)}"
    return Flaw(
        title="The replica copies all from its primary" if copying else f"The link to the primary is down{since}",
        severity=Severity.MEDIUM if copying else Severity.CRITICAL,
        evidence=(
            Evidence(name="master_link_status", value="down", probe="info"),
            Evidence(name="down for", value=seconds, unit="seconds", probe="info"),
            Evidence(name="copy in progress", value=copying, probe="info"),
            Evidence(name="serves old data", value=stale, probe="config"),
        ),
        impact=Impact(risk="stale reads, and no server that could take over" if stale else "reads end in errors"),
        explanation="This server is a replica and does not receive the changes of its primary; it "
        + ("answers with what it had." if stale else "refuses to answer."),
        recommendation="Read its log for why it cannot connect or copy: address, password, TLS, too small a buffer.",
        operations=(
            ChangeApplication(
                topic="replication", subject=source.name or "source",
                instruction="Read the log of the replica for why it cannot connect or copy, and mend that: address, "
                "masterauth, TLS, or client-output-buffer-limit replica of the primary.",
            ),
        ),
    )  # fmt: skip
