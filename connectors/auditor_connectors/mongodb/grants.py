"""The command that would let a user see what a probe could not."""

from __future__ import annotations

from auditor_connectors.mongodb.assemble.values import shell
from auditor_connectors.mongodb.probe import Probe
from auditor_connectors.mongodb.session import Identity


def grant_of(probe: Probe, identity: Identity) -> str | None:
    """Return what an administrator runs in mongosh; None where no role would help."""
    if probe.role is None or identity.user is None:
        return None
    name, _, database = identity.user.rpartition("@")
    role = {"role": probe.role.name, "db": probe.role.database}
    if probe.role.actions:
        places = ({"cluster": True}, {"db": "", "collection": ""})  # to list all, and to read each of them
        privileges = [{"resource": place, "actions": list(probe.role.actions)} for place in places]
        made = {"role": probe.role.name, "privileges": privileges, "roles": []}
        return (
            f"db.getSiblingDB({shell(probe.role.database)}).createRole({shell(made)}); "
            f"db.getSiblingDB({shell(database)}).grantRolesToUser({shell(name)}, [{shell(role)}])"
        )
    also = [] if probe.also is None else [{"role": probe.also.name, "db": probe.also.database}]
    wanted = [one for one in (role, *also) if f"{one['role']}@{one['db']}" not in identity.roles] or [role]
    return f"db.getSiblingDB({shell(database)}).grantRolesToUser({shell(name)}, {shell(wanted)})"
