"""Passwords of other servers are stored in the database.

## What
Foreign servers with user mappings that hold a password.

## Why it matters
The password stands in the catalog as it is: superusers read it, and so does everybody who gets a dump or a copy of the
data directory. It opens another server, often with more rights than this one needs there.

## When it is fine
The role on the other server may only read what is meant for this purpose, and dumps are kept like passwords.

## How to fix it
Log in by certificate or Kerberos, or keep the password in the server's password file; where it has to stay, let it
belong to a role with few rights and change it on a schedule.

## Sources
PostgreSQL manual, "CREATE USER MAPPING"; "postgres_fdw: Connection Options" (password_required, sslcert).
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.security import ForeignServer
from auditor.model.units import Unit
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._words import counted, fitting

FOREIGN_SERVERS = Unit(
    plural="foreign servers",
    items=lambda f: f.security.foreign_servers,
    subject=lambda server: Subject(kind="foreign-server", name=server.name),
)
CHECK = Check(
    title="Passwords of another server are stored in the database",
    passed="No passwords of other servers are stored in the database",
    pillar=Pillar.SECURITY,
    severity=Severity.MEDIUM,
    unit=FOREIGN_SERVERS,
    needs=("foreign-servers",),
    engines=("postgresql",),
)


def judge(server: ForeignServer, _facts: Facts) -> Iterator[Verdict]:
    """Read how many mappings hold a password."""
    if server.stored_passwords is None:
        yield Unknown(reason=f"only a superuser sees what the user mappings of {server.name} hold")
    elif server.stored_passwords:
        yield Flaw(
            title=fitting(f"Passwords for the foreign server {server.name} are stored in the database"),
            evidence=(
                Evidence(
                    name="mappings with a password", value=server.stored_passwords, unit="mappings",
                    probe="foreign-servers",
                ),
                Evidence(name="wrapper", value=server.wrapper, probe="foreign-servers"),
                Evidence(
                    name="foreign tables", value=server.foreign_tables, unit="tables", probe="foreign-servers"
                ),
            ),
            impact=Impact(risk="a dump or a copy of this database opens the other server"),
            explanation=(
                f"A password stands as it is in {counted(server.stored_passwords, 'user mapping')} of {server.name}, "
                "readable in dumps and for superusers."
            ),
            recommendation="Log in there by certificate or a password file, as a role that may do no more than needed.",
            operations=(
                ChangeApplication(
                    topic="foreign-server-login", subject=server.name,
                    instruction=f"Take the passwords out of the user mappings of {server.name}; use certificates.",
                ),
            ),
        )  # fmt: skip
