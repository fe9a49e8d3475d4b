"""The deployment: each of its servers, who follows whom, who watches, and the accounts and connections."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

from auditor.model.catalog import Extension
from auditor.model.security import Role
from auditor.model.server import Node, Replica, Shard, Source, Watch
from auditor.model.workload import Session
from auditor_connectors.redis.assemble.reports import Report, counters, masked, states
from auditor_connectors.redis.probe import Raw, Row

_PASSED_ON = {"online": "online", "send_bulk": "copying", "wait_bgsave": "waiting"}


def nodes(raw: Raw) -> tuple[Node, ...]:
    """Every server that was asked, and the primaries of a cluster that could not be, by number."""
    given = {row["node"]: row["settings"] for row in raw.get("config", ())}
    first = given.get(0, {})
    members = {row["node"]: row for row in raw.get("cluster", ())}
    beside = _beside(raw, members)
    found = []
    for row in raw.get("info", ()):
        number, report = row["node"], row["info"]
        own = given.get(number, first)
        differing = {name: masked(name, value) for name, value in own.items() if first.get(name) != value}
        found.append(
            Node(
                name=str(number),
                role=row["role"],
                counters=counters(report) | beside[number],
                states=states(report) | _member_states(members.get(number)),
                settings=differing if number else {},
                **_place(members.get(number)),
            )
        )
    asked = {row["node"] for row in raw.get("info", ())}
    for number, member in sorted(members.items()):
        if number not in asked:
            silent = _member_states(member) | {"asked": "no"}
            found.append(Node(name=str(number), states=silent, counters=beside[number], **_place(member)))
    return tuple(sorted(found, key=lambda node: int(node.name)))


def _beside(raw: Raw, members: Mapping[int, Row]) -> Mapping[int, dict[str, float]]:
    """What probes beside the report count, by the number of the server."""
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for row in raw.get("memory", ()):
        found[row["node"]] |= dict(_flat("memory", row["memory"]))
    for row in raw.get("acl-log", ()):
        found[row["node"]][f"acl_log.{row['reason']}"] = float(row["count"])
    for number, row in members.items():
        told = counters({"Cluster": row["info"]})
        copies = row.get("copies", ())
        found[number] |= told | {
            "cluster.slots_leaving": float(row.get("leaving", 0)),
            "cluster.slots_coming": float(row.get("coming", 0)),
            "cluster.replicas_failed": float(sum(copy == "failed" for copy in copies)),
        }
    return found


def _flat(prefix: str, values: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The numbers of a report in which some entries are reports themselves, by dotted names."""
    for name, value in values.items():
        path = f"{prefix}.{name}"
        if isinstance(value, dict):
            yield from _flat(path, value)
        elif isinstance(value, list | tuple):
            named = zip(value[::2], value[1::2], strict=False)
            yield from _flat(path, {one.decode() if isinstance(one, bytes) else str(one): two for one, two in named})
        else:
            try:
                number = float(value)
            except (TypeError, ValueError):
                continue
            if isfinite(number):
                yield path, number


def _member_states(member: Row | None) -> dict[str, str]:
    if member is None:
        return {}
    told = {"cluster_state": member["info"]["cluster_state"]} if "cluster_state" in member["info"] else {}
    return told | {"cluster_member": member["state"]}


def _place(member: Row | None) -> dict[str, Any]:
    if member is None or "slots" not in member:
        return {}
    return {"slots": member["slots"], "replicas": sum(copy == "ok" for copy in member["copies"])}


def shards(raw: Raw) -> tuple[Shard, ...]:
    """The parts of a cluster that hold keys."""
    return tuple(Shard(name=str(row["node"])) for row in raw.get("cluster", ()) if row.get("slots"))


def replicas(report: Report) -> tuple[Replica, ...]:
    """The servers that follow the target, by number: where they are is not kept."""
    told = report.get("Replication", {})
    offset = int(told.get("master_repl_offset", 0))
    found = []
    for number in range(int(told.get("connected_slaves", 0))):
        values = dict(part.partition("=")[::2] for part in told.get(f"slave{number}", "").split(","))
        if not values.get("state"):
            continue
        online = values["state"] == "online"
        reached = values.get("offset", "")
        found.append(
            Replica(
                name=f"replica {number}",
                state=_PASSED_ON.get(values["state"], values["state"]),
                lag_bytes=max(0, offset - int(reached)) if online and reached.isdigit() else None,
                lag_seconds=float(values["lag"]) if online and values.get("lag", "").isdigit() else None,
            )
        )
    return tuple(found)


def sources(report: Report) -> tuple[Source, ...]:
    """The server that the target follows, if it follows one."""
    told = report.get("Replication", {})
    if told.get("role") != "slave":
        return ()
    up = told.get("master_link_status") == "up"
    silent = told.get("master_last_io_seconds_ago", "-1")
    return (
        Source(
            name="source", receiving=up, applying=True, connecting=not up, positions="file",
            lag_seconds=float(silent) if up and silent.isdigit() else None,
        ),
    )  # fmt: skip


def watches(raw: Raw) -> tuple[Watch, ...]:
    """What watches over the primary, as those tell who do it."""
    return tuple(
        Watch(
            name=row["name"], watchers=row["watchers"], down=row["down"], quorum=row["quorum"],
            replicas=row["replicas"], down_after_seconds=row["patience"], flags=tuple(sorted(row["flags"])),
        )
        for row in raw.get("sentinels", ())
    )  # fmt: skip


def extensions(raw: Raw) -> tuple[Extension, ...]:
    """The modules that are loaded."""
    found = {row["name"]: row["version"] for row in raw.get("modules", ())}
    return tuple(Extension(name=name, installed=found[name]) for name in sorted(found))


def sessions(raw: Raw) -> tuple[Session, ...]:
    """The connections, without those of the audit."""
    ports = {row["node"]: int(row["settings"].get("tls-port") or 0) for row in raw.get("config", ())}
    return tuple(
        Session(
            id=row["id"], kind=row["kind"], user=row["user"], database=row["database"],
            application=row["application"], client=row["client"], encrypted=_encrypted(row, ports.get(row["node"])),
            state=row["state"] or ("idle" if row["idle"] else "active"), state_seconds=row["idle"],
            connected_seconds=row["age"], statement=row["command"], library=row["library"],
            subscriptions=row["subscriptions"], memory_bytes=_whole(row["memory"]), output_bytes=_whole(row["output"]),
        )
        for row in raw.get("clients", ())
    )  # fmt: skip


def _encrypted(row: Row, port: int | None) -> bool | None:
    """Whether a connection came in at the port where TLS is spoken; None where that is not known."""
    if port is None or row["port"] is None or row["client"] == "local":
        return None
    return bool(port) and row["port"] == port


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def roles(raw: Raw) -> tuple[Role, ...]:
    """The accounts. One without a password that is not let in without one cannot log in with any."""
    return tuple(
        Role(
            name=row["name"],
            login="on" in row["rules"],
            superuser=allows_everything(row["rules"]),
            password="none" if "nopass" in row["rules"] else "other",
            locked="off" in row["rules"],
            rules=tuple(row["rules"]),
        )
        for row in raw.get("acl", ())
    )


def allows_everything(rules: Sequence[str]) -> bool:
    """Whether rules of access allow every command on every key."""
    everything = "+@all" in rules or "allcommands" in rules
    return everything and ("~*" in rules or "allkeys" in rules) and not any(rule.startswith("-") for rule in rules)
