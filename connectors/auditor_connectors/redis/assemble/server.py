"""The servers: their reports as numbers and words, their settings, what they count of commands and errors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from auditor.model.keyspace import LogicalDatabase
from auditor.model.server import Server, Setting
from auditor.model.workload import Command
from auditor_connectors.redis.assemble.deployment import nodes, replicas, shards, sources, watches
from auditor_connectors.redis.assemble.reports import Report, masked
from auditor_connectors.redis.probe import Raw
from auditor_connectors.redis.session import Identity

_STATIC = frozenset({"databases", "port", "tls-port", "daemonize", "cluster-enabled", "io-threads", "appendfilename",
                     "enable-debug-command", "enable-module-command", "enable-protected-configs"})  # fmt: skip
"""Settings that need a restart on every version or on most."""

_CODES = frozenset("""
    ASK BUSY BUSYGROUP BUSYKEY CLUSTERDOWN CROSSSLOT DENIED ERR EXECABORT INPROG INVALIDOBJ LOADING MASTERDOWN MISCONF
    MOVED NOAUTH NOGROUP NOMASTERLINK NOPERM NOPROTO NOREPLICAS NOSCRIPT NOTBUSY NOTREADY OOM READONLY REDIRECT STALE
    TRYAGAIN UNBLOCKED UNKILLABLE WRONGPASS WRONGTYPE
""".split())  # fmt: skip
"""The codes of errors that servers have. Scripts make others, which are words of theirs and may be anything."""


def report_of(raw: Raw) -> Report:
    """The report of the target itself, {} where it could not be read."""
    rows = raw.get("info", ())
    report: Report = rows[0]["info"] if rows else {}
    return report


def uptime(report: Report) -> float | None:
    """For how many seconds the server has been counting, as far as it tells: somebody may have reset its counters."""
    found = report.get("Server", {}).get("uptime_in_seconds")
    return None if found is None else float(found)


def server(raw: Raw, identity: Identity) -> Server:
    """What is known of the servers."""
    report = report_of(raw)
    servers = nodes(raw)
    counted = dict(servers[0].counters) if servers and servers[0].name == "0" else {}
    memory = counted.get("total_system_memory")
    port = next((_tls_port(row["settings"]) for row in raw.get("config", ()) if row["node"] == 0), None)
    left = counted.get("tls_server_cert_expires_in_seconds")
    return Server(
        version_number=identity.version,
        version_text=identity.version_text,
        in_recovery=identity.role == "replica",
        session_role=identity.user,
        session_encrypted=identity.encrypted,
        session_authenticated=identity.authenticated,
        memory_bytes=None if not memory else int(memory),
        counters=counted,
        counters_seconds=uptime(report),
        states=dict(servers[0].states) if counted else {},
        tls=identity.encrypted or (None if port is None else port != "0"),
        tls_until=(identity.moment + timedelta(seconds=left)).isoformat() if left else None,
        settings=settings(raw),
        replicas=replicas(report),
        sources=sources(report),
        shards=shards(raw),
        nodes=servers,
        watches=watches(raw),
    )


def _tls_port(values: Mapping[str, str]) -> str | None:
    """The port where TLS is spoken, "0" where there is none: a server that was built without TLS has no setting."""
    return values.get("tls-port", "0" if "protected-mode" in values else None)


def settings(raw: Raw) -> tuple[Setting, ...]:
    """The settings of the target, by name, without secrets and places."""
    rows = [row["settings"] for row in raw.get("config", ()) if row["node"] == 0]
    return tuple(
        Setting(name=name, value=masked(name, value), context="restart" if name in _STATIC else "session")
        for name, value in sorted(rows[0].items() if rows else ())
    )


def databases(raw: Raw) -> tuple[LogicalDatabase, ...]:
    """The numbered databases that have keys, those of a cluster summed up over its primaries."""
    rows = raw.get("info", ())
    primaries = [row for row in rows if row["role"] == "primary"] or rows
    found: dict[int, LogicalDatabase] = {}
    for one in (one for row in primaries for one in logical_databases(row["info"])):
        other = found.get(one.number)
        found[one.number] = one if other is None else _added(one, other)
    return tuple(found[number] for number in sorted(found))


def _added(one: LogicalDatabase, other: LogicalDatabase) -> LogicalDatabase:
    both = [(each.mean_seconds, each.expiring) for each in (one, other) if each.mean_seconds]
    weight = sum(number for _, number in both)
    mean = sum(seconds * number for seconds, number in both) / weight if weight else None
    return LogicalDatabase(
        number=one.number, keys=one.keys + other.keys, expiring=one.expiring + other.expiring, mean_seconds=mean
    )


def logical_databases(report: Report) -> tuple[LogicalDatabase, ...]:
    """The numbered databases that have keys."""
    found = []
    for name, text in report.get("Keyspace", {}).items():
        values = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
        mean = float(values.get("avg_ttl", 0)) / 1000
        found.append(
            LogicalDatabase(
                number=int(name.removeprefix("db")),
                keys=int(values.get("keys", 0)),
                expiring=int(values.get("expires", 0)),
                mean_seconds=mean or None,
            )
        )
    return tuple(sorted(found, key=lambda database: database.number))


def commands(raw: Raw) -> tuple[Command, ...]:
    """What is counted by command, summed up over all servers; percentiles are those of the slowest of them."""
    found: dict[str, Command] = {}
    for row in raw.get("info", ()):
        report: Report = row["info"]
        for key, text in report.get("Commandstats", {}).items():
            values = dict(part.split("=", 1) for part in text.split(",") if "=" in part)
            name = key.removeprefix("cmdstat_")
            times = _percentiles(report.get("Latencystats", {}).get(f"latency_percentiles_usec_{name}", ""))
            one = Command(
                name=name, calls=int(values.get("calls", 0)), milliseconds=float(values.get("usec", 0)) / 1000,
                rejected=_whole(values.get("rejected_calls")), failed=_whole(values.get("failed_calls")),
                p50_ms=times.get("p50"), p99_ms=times.get("p99"), p999_ms=times.get("p99.9"),
            )  # fmt: skip
            found[name] = one if name not in found else _together(found[name], one)
    return tuple(found[name] for name in sorted(found))


def _together(one: Command, other: Command) -> Command:
    def added(a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else a + b

    def larger(a: float | None, b: float | None) -> float | None:
        return max((value for value in (a, b) if value is not None), default=None)

    return Command(
        name=one.name, calls=one.calls + other.calls, milliseconds=one.milliseconds + other.milliseconds,
        rejected=added(one.rejected, other.rejected), failed=added(one.failed, other.failed),
        p50_ms=larger(one.p50_ms, other.p50_ms), p99_ms=larger(one.p99_ms, other.p99_ms),
        p999_ms=larger(one.p999_ms, other.p999_ms),
    )  # fmt: skip


def _percentiles(text: str) -> dict[str, float]:
    """Milliseconds by "p50", "p99", "p99.9"."""
    return {name: float(value) / 1000 for name, _, value in (part.partition("=") for part in text.split(",") if part)}


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text)


def errors(raw: Raw) -> dict[str, int]:
    """How often commands ended in an error, by its code, summed up over all servers; "other" are those of scripts."""
    found: Counter[str] = Counter()
    for row in raw.get("info", ()):
        for name, text in row["info"].get("Errorstats", {}).items():
            code = name.removeprefix("errorstat_")
            found[code if code in _CODES else "other"] += int(text.partition("=")[2] or 0)
    return dict(sorted(found.items()))
