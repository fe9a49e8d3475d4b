"""The server complained when it started.

## What
Warnings about its machine and its configuration that the server wrote when it started: limits, memory settings of the
kernel, file system, user. One finding names them all. What other checks judge (access control,
certificates) is left to them.

## Why it matters
They are written once, into a log that nobody reads, by those who know what the server needs. Most of them show only
under load: no file can be opened any more, or pages of memory are moved about for seconds.

## When it is fine
A machine for tests.

## How to fix it
Change one member after the other, secondaries first, and restart it.

## Sources
MongoDB manual, "Production Notes"; "UNIX ulimit Settings for Self-Managed Deployments"; "TCMalloc Performance
Optimization": up to version 7.0 transparent huge pages are to be off, from 8.0 on they are to be on.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Warned
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting

ADVICE = {  # topic: severity, what is wrong, the harm, what to do
    "root": (Severity.MEDIUM, "The server runs as root", "a flaw in it is a flaw of the whole machine",
             "Run it as a user of its own that owns its files."),
    "file-system": (Severity.LOW, "The data lie on a file system other than XFS",
                    "stalls when the disk is written hard", "Move to XFS when a member is next built anew."),
    "open-files": (Severity.MEDIUM, "Too few files may be open", "no connection and no file can be opened any more",
                   "Raise the limit of open files for its service to 64000 or more."),
    "huge-pages-wanted": (Severity.MEDIUM, "Transparent huge pages are not as this version wants them: on",
                          "more memory and time for each allocation", "Set them as the production notes say."),
    "huge-pages-unwanted": (Severity.MEDIUM, "Transparent huge pages are on",
                            "stalls and memory that is not given back",
                            "Switch them off for the machine, and on again with version 8.0."),
    "zone-reclaim": (Severity.MEDIUM, "The kernel reclaims memory by zone", "stalls, and a cache that is not used",
                     "Set vm.zone_reclaim_mode to 0."),
    "numa": (Severity.MEDIUM, "Memory is not interleaved between the nodes of the machine",
             "stalls, and swapping although memory is free", "Start the server by numactl --interleave=all."),
    "overcommit": (Severity.LOW, "The kernel does not overcommit memory", "failed allocations under load",
                   "Set vm.overcommit_memory as the production notes say."),
    "swappiness": (Severity.LOW, "The kernel swaps willingly", "operations wait for the disk although memory is free",
                   "Set vm.swappiness to 1."),
    "map-count": (Severity.LOW, "Too few areas of memory may be mapped", "no further connection or allocation",
                  "Raise vm.max_map_count to twice the number of connections or more."),
    "other": (Severity.INFO, "The server wrote a warning that is not known here", "not known",
              "Read it by getLog: \"startupWarnings\"."),
}  # fmt: skip
CHECK = Check(
    title="The server complained when it started",
    passed="The server did not complain of its machine",
    pillar=Pillar.OPERATIONS,
    severity=Severity.MEDIUM,
    unit=SERVER,
    needs=("startup-warnings",),
)


def judge(_server: Facts, facts: Facts) -> Iterator[Verdict]:
    """Say of each known topic what it means; one finding names them all."""
    told = [warning for warning in facts.server.warnings if warning.topic in ADVICE]
    if not told:
        return
    severity = min((ADVICE[warning.topic][0] for warning in told), key=lambda one: one.rank)
    worst = [ADVICE[warning.topic] for warning in told if ADVICE[warning.topic][0] is severity]
    yield Flaw(
        title=fitting("; ".join(wrong for _, wrong, _, _ in worst)),
        severity=severity,
        evidence=tuple(one for warning in told for one in _evidence(warning)),
        impact=Impact(risk=worst[0][2]),
        explanation=" ".join(f"{ADVICE[warning.topic][1]}: {ADVICE[warning.topic][2]}." for warning in told),
        recommendation=" ".join(ADVICE[warning.topic][3] for warning in told),
        operations=tuple(
            ChangeApplication(topic="startup-warning", subject=warning.topic, instruction=ADVICE[warning.topic][3])
            for warning in told
        ),
    )


def _evidence(warning: Warned) -> Iterator[Evidence]:
    """The topic, and the numbers where the server told some."""
    yield Evidence(name="warning about", value=warning.topic, probe="startup-warnings")
    for name, value in (("found", warning.found), ("wanted at least", warning.wanted)):
        if value is not None:
            yield Evidence(name=f"{warning.topic}: {name}", value=value, probe="startup-warnings")
