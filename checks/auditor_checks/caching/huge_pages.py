"""A large cache is mapped in small pages.

## What
shared_buffers is large and the server does not use huge pages for it: huge_pages is off, or it was left at try and the
operating system had none to give (huge_pages_status, from version 17).

## Why it matters
With pages of 4 kB every process needs its own table of the whole cache: with some gigabytes of cache and hundreds of
connections those tables take gigabytes themselves, and the processor's address cache misses all the time.

## When it is fine
The cache is small, or the connections are few: caches below the limit are not judged.

## How to fix it
Reserve the pages in the operating system (vm.nr_hugepages; shared_memory_size_in_huge_pages tells how many), leave
huge_pages at try, and restart, a replica first.

## Sources
PostgreSQL manual, "Managing Kernel Resources: Linux Huge Pages"; "Resource Consumption": huge_pages, huge_pages_status.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor.text import size

CHECK = Check(
    title="Large cache is mapped in small pages",
    passed="Large cache uses huge pages, or the cache is small",
    pillar=Pillar.CACHING,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("settings",),
    engines=("postgresql",),
)
NAME = "huge_pages"


def judge(_server: Facts, facts: Facts, *, min_bytes: float = 8 * 1024**3) -> Iterator[Verdict]:
    """Read what the server got, where the cache is large."""
    cache, asked, got = facts.setting_bytes("shared_buffers"), facts.setting(NAME), facts.setting("huge_pages_status")
    if cache is None or asked is None:
        yield Unknown(reason=f"shared_buffers or {NAME} is not visible")
        return
    if cache < min_bytes or asked == "on" or got == "on":
        return
    if asked != "off" and got != "off":
        yield Unknown(reason="whether the server got huge pages is told since version 17")
        return
    pages = facts.setting_number("shared_memory_size_in_huge_pages")
    known = pages is not None and pages > 0
    wanted = f"{pages:.0f} huge pages" if known else "the huge pages that the shared memory needs"
    yield Flaw(
        title=f"{size(cache)} of cache are mapped in small pages",
        subject=Subject(kind="setting", name=NAME),
        evidence=(
            Evidence(name=NAME, value=asked, probe="settings"),
            Evidence(name="huge_pages_status", value=got, probe="settings"),
            Evidence(name="shared_buffers", value=cache, unit="bytes", probe="settings"),
            Evidence(name="huge pages needed", value=pages if known else None, unit="pages", probe="settings"),
        ),
        explanation=(
            f"The cache of {size(cache)} is mapped in pages of the ordinary size, "
            + ("because huge_pages is off." if asked == "off" else "because the operating system had no huge pages.")
        ),
        recommendation=f"Reserve {wanted} in the operating system and restart, a replica first.",
        operations=(
            ChangeApplication(
                topic="huge-pages",
                subject=NAME,
                instruction=f"Reserve {wanted} (vm.nr_hugepages), set {NAME} to try, and restart, replicas first.",
            ),
        ),
    )
