"""Who a role is: a person's tool or an application, the provider's or ours, and what it can become."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from auditor.model.facts import Facts
from auditor.model.security import Membership, Role
from auditor.model.vocabulary import Confidence
from auditor.model.workload import Session
from auditor_checks._names import words

_TOOLS = re.compile(
    r"""(?ix)^(?: psql | pgadmin | dbeaver | datagrip | navicat | tableplus | heidisql | postico | beekeeper | pgcli
      | azuredatastudio | mysql(?:dump|admin|pump|sh|import|check|slap|workbench|tuner)?(?:\.exe)?$ | phpmyadmin
      | mariadb(?:-(?:dump|admin|check|import))?$ | mydumper | (?:mariadb-|xtra)backup | pt-\w | gh-ost | orchestrator
      | mysqld_exporter | pg_(?:dump|dumpall|restore|basebackup|receivewal|recvlogical|repack|rewind|amcheck)
      | vacuumdb | reindexdb | clusterdb | pgbench | patroni | repmgr | barman | pgbackrest | wal-?g | pgwatch
      | postgres_exporter | pganalyze | telegraf | datadog | zabbix | check_postgres | check_pgactivity | auditor )"""
)
_PROVIDERS = re.compile(r"(?i)^(?:rds|aws|cloudsql|alloydb|azure|supabase|neon|cloud_admin|postgres$|avnadmin|doadmin)")
_BACKUP = frozenset({"backup", "backups", "dump", "pgbackrest", "barman", "walg"})
_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE"})
_ALL = "all databases"
_UNNAMED_POOL = 3
"""So many nameless sessions of one role in one database are a pool; one or two may be a person with a script."""


def is_provider(role: Role, facts: Facts) -> bool:
    """Whether the role belongs to whoever operates a managed service: its attributes are not the customer's choice."""
    return facts.target.managed and (role.superuser or _PROVIDERS.match(role.name) is not None)


def is_backup(role: Role) -> bool:
    """Whether the role's name says that it takes backups."""
    return not _BACKUP.isdisjoint(words(role.name))


def bootstrap_superuser(facts: Facts) -> str:
    """The superuser that the server cannot be without: whoever owns the databases that its creation made."""
    roots = [role.name for role in facts.security.roles if role.superuser and role.user == "root"]
    if roots:
        return roots[0]
    owners = {database.owner for database in facts.server.databases if database.template and database.owner}
    supers = [role.name for role in facts.security.roles if role.superuser]
    original = [name for name in supers if name in owners] or [name for name in supers if len(supers) == 1]
    return original[0] if original else "postgres"


def is_bootstrap(role: Role, facts: Facts) -> bool:
    """Whether the role is that superuser, from whichever machine it may come."""
    return role.user == "root" if role.user is not None else role.name == bootstrap_superuser(facts)


def application_sessions(role: str, facts: Facts) -> tuple[Sequence[Session], Confidence]:
    """The role's sessions in this database that are no administrator's tool, and how sure that is.

    Sessions without an application's name count only when they are as many as a pool has.
    """
    own = [s for s in facts.sessions if _is_of(s, facts.roles.get(role), role) and s.details_visible]
    own = [s for s in own if s.database == facts.target.name or (s.database and facts.target.name == _ALL)]
    named = [s for s in own if s.application and not _TOOLS.match(s.application)]
    if named:
        return named, Confidence.LIKELY
    unnamed = [s for s in own if not s.application]
    return (unnamed if len(unnamed) >= _UNNAMED_POOL else []), Confidence.POSSIBLE


def _is_of(session: Session, account: Role | None, name: str) -> bool:
    """Whether a session is a role's: by its name, and where accounts have places that they come from by these."""
    if account is None or account.user is None:
        return session.user == name
    near = account.host in ("localhost", "127.0.0.1", "::1")
    return session.user == account.user and (session.client != "network") >= near


def hidden_sessions(role: str, facts: Facts) -> bool:
    """Whether the role has sessions whose details this audit may not see."""
    return any(session.user == role and not session.details_visible for session in facts.sessions)


def usable(edge: Membership) -> bool:
    """Whether a membership gives anything: privileges by itself, by SET ROLE, or by granting it to oneself."""
    return edge.inherit or edge.set or edge.admin


def ways_up(role: Role, facts: Facts) -> Iterator[tuple[str, ...]]:
    """The shortest way from a role to each role that it is a member of: names from the role itself to the other."""
    seen = {role.name}
    waiting: list[tuple[str, ...]] = [(role.name,)]
    for way in waiting:
        here = facts.roles.get(way[-1])
        for edge in here.member_of if here is not None else ():
            if edge.role not in seen and usable(edge):
                seen.add(edge.role)
                waiting.append((*way, edge.role))
                yield waiting[-1]


def works_on_data(role: Role, facts: Facts) -> bool:
    """Whether the role, by itself or as a member, owns tables of this database or may write to them."""
    held = {role.name, *(way[-1] for way in ways_up(role, facts))}
    if role.all_data == "write" or "pg_write_all_data" in held or any(table.owner in held for table in facts.tables):
        return True
    return any(
        grant.grantee in held and grant.kind in ("table", "view", "column") and not _WRITES.isdisjoint(grant.privileges)
        for grant in facts.security.grants
    )


def ordinary_logins(facts: Facts) -> Sequence[Role]:
    """Roles that may log in and are no superusers: those whom a privilege for everybody concerns."""
    return [role for role in facts.security.roles if role.login and not role.superuser and not role.system]


def inheriting_logins(owner: str | None, facts: Facts) -> Sequence[Role]:
    """The logins that have a role's rights without asking for them: itself, and its members that inherit."""
    return [role for role in ordinary_logins(facts) if role.name == owner or _inherits(role, owner, facts)]


def _inherits(role: Role, owner: str | None, facts: Facts) -> bool:
    seen, waiting = {role.name}, [role]
    for here in waiting:
        for edge in here.member_of:
            if edge.inherit and edge.role not in seen:
                seen.add(edge.role)
                above = facts.roles.get(edge.role)
                waiting.extend([above] if above is not None else [])
    return owner in seen
