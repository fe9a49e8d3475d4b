"""A function is written in an untrusted language.

## What
Functions and procedures in languages that the server does not confine, such as plpython3u and plperlu. Compiled
functions and those of extensions are left out.

## Why it matters
Such a function can do everything that the server's operating system user can: read files, open connections, run
programs. Only superusers can write one, but whoever may execute it decides with what arguments.

## When it is fine
It is an administrator's tool that only administrators may execute.

## How to fix it
Move the work out of the database, or into a trusted language. Until then revoke EXECUTE from PUBLIC.

## Sources
PostgreSQL manual, "CREATE LANGUAGE" (TRUSTED); "PL/Python"; "Trusted and Untrusted PL/Perl".
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.catalog import Routine
from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication, Revoke
from auditor.model.units import ROUTINES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import fitting
from auditor_checks.security._definer import COMPILED, is_called

CHECK = Check(
    title="Function is written in an untrusted language",
    passed="No function is written in an untrusted language",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=ROUTINES,
    needs=("routines",),
    engines=("postgresql",),
)


def judge(routine: Routine, _facts: Facts) -> Iterator[Flaw]:
    """Report the routine; less grave where not everybody may execute it."""
    if routine.language_trusted or routine.language in COMPILED:
        return
    everybody = routine.public_execute and is_called(routine)
    who = "everybody" if everybody else "only those who were granted it"
    operations: list[Revoke | ChangeApplication] = []
    if everybody:
        operations.append(
            Revoke(
                object_kind="function", schema=routine.schema, name=routine.name, arguments=routine.arguments,
                privileges=("EXECUTE",), grantee="PUBLIC",
            )
        )  # fmt: skip
    operations.append(
        ChangeApplication(
            topic="untrusted-language",
            subject=routine.signature,
            instruction=f"Do what {routine.signature} does outside the database, or in a trusted language.",
        )
    )
    yield Flaw(
        title=fitting(f"{routine.path} is written in the untrusted language {routine.language}"),
        severity=Severity.MEDIUM if everybody else Severity.LOW,
        evidence=(
            Evidence(name="language", value=routine.language, probe="routines"),
            Evidence(name="PUBLIC may execute it", value=routine.public_execute, probe="routines"),
            Evidence(name="security definer", value=routine.security_definer, probe="routines"),
        ),
        impact=Impact(risk="a mistake in it opens the server's files and programs"),
        explanation=(
            f"{routine.signature} runs unconfined as the server's operating system user, and {who} may execute it."
        ),
        recommendation="Move the work out of the database or into a trusted language; revoke EXECUTE from PUBLIC now.",
        operations=tuple(operations),
        discriminator=routine.arguments,
    )
