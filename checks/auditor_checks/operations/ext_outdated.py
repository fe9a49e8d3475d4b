"""An extension's objects are older than its installed library.

## What
Extensions whose version in the database is behind the version that the server has installed.

## Why it matters
The library was updated with the packages, the objects in the database were not: fixes are missing, and some mixtures
of old objects and new libraries fail.

## When it is fine
The newer version changes behaviour that the application relies on, and the update is planned.

## How to fix it
Read the extension's release notes, then ALTER EXTENSION … UPDATE in a quiet moment.

## Sources
PostgreSQL manual, view pg_available_extensions, and ALTER EXTENSION.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Extension
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw
from auditor.model.operation import UpdateExtension
from auditor.model.units import EXTENSIONS
from auditor.model.vocabulary import Pillar, Severity

CHECK = Check(
    title="Extension is older than its installed library",
    passed="Extensions match their installed libraries",
    pillar=Pillar.OPERATIONS,
    severity=Severity.LOW,
    unit=EXTENSIONS,
    needs=("extensions",),
)


def judge(extension: Extension, _facts: Facts) -> Iterator[Flaw]:
    """Compare the version in the database with the one on the server."""
    installed, available = extension.installed, extension.available
    if installed is None or available is None or installed == available:
        return
    yield Flaw(
        title=f"{extension.name} {installed} is behind the installed {available}",
        evidence=(
            Evidence(name="version in the database", value=installed, probe="extensions"),
            Evidence(name="version on the server", value=available, probe="extensions"),
        ),
        explanation=f"The server has {extension.name} {available}, the database still has the objects of {installed}.",
        recommendation="Read the release notes in between, then update the extension in a quiet moment.",
        operations=(UpdateExtension(name=extension.name, from_version=installed, to_version=available),),
    )
