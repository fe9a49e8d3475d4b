"""An event is enabled, and the scheduler that would run it is off.

## What
Enabled events on a server whose event_scheduler is off, as it is by default on MariaDB; and enabled events on a
replica, where they run a second time.

## Why it matters
What the event should do, often cleaning up or making partitions, does not happen, and nobody is told. On a replica that
runs them, the data drifts away from the source.

## When it is fine
The server is a replica that somebody stopped events on.

## How to fix it
Switch event_scheduler on, in the configuration too; or disable the events.

## Sources
MySQL manual, "Using the Event Scheduler"; MariaDB documentation, "Events".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Job
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Verdict
from auditor.model.operation import ChangeApplication, SetSetting
from auditor.model.units import JOBS
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._settings import PRODUCTS, invisible, is_on
from auditor_checks._words import fitting

CHECK = Check(
    title="Events are there and do not run",
    passed="Events run, or are disabled on purpose",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=JOBS,
    needs=(
        "jobs",
        "settings",
    ),
    engines=PRODUCTS,
)


def judge(job: Job, facts: Facts) -> Iterator[Verdict]:
    """Compare the event with the scheduler, and with what the server is."""
    scheduler = facts.setting("event_scheduler")
    if job.enabled != "yes":
        return
    if scheduler is None:
        yield invisible("event_scheduler")
    elif not is_on(scheduler):
        yield Flaw(
            title=fitting(f"Event {job.path} is enabled and never runs"),
            related=(Subject(kind="setting", name="event_scheduler"),),
            evidence=(
                Evidence(name="status", value="enabled", probe="jobs"),
                Evidence(name="event_scheduler", value=scheduler, probe="settings"),
            ),
            impact=Impact(risk="what the event should do does not happen"),
            explanation=f"{job.path} is enabled, but the scheduler is {scheduler}.",
            recommendation="Switch the scheduler on, in the configuration too, or disable the event.",
            operations=(
                SetSetting(
                    name="event_scheduler", value="ON", previous=scheduler, restart=scheduler.upper() == "DISABLED"
                ),
            ),
        )
    elif facts.server.in_recovery:
        yield Flaw(
            title=fitting(f"Event {job.path} runs on a replica as well"),
            evidence=(
                Evidence(name="status", value="enabled", probe="jobs"),
                Evidence(
                    name="sources that the server follows",
                    value=len(facts.server.sources),
                    unit="sources",
                    probe="sources",
                ),
            ),
            impact=Impact(risk="the replica's data is not its source's"),
            explanation=f"{job.path} runs here and on the source, whose changes are applied here too.",
            recommendation="Disable it on replicas: ALTER EVENT … DISABLE ON SLAVE, or DISABLE ON REPLICA.",
            operations=(
                ChangeApplication(
                    topic="event-on-replica",
                    subject=job.path,
                    instruction=f"Disable {job.path} on replicas, and enable it in the steps of a failover.",
                ),
            ),
        )
