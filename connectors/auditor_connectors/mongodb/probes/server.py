"""What the server is, how it was started, what it counts."""

from __future__ import annotations

import json
import re

from auditor_connectors.mongodb.probe import Probe, Role, Row
from auditor_connectors.mongodb.session import Session

_MONITOR = Role("clusterMonitor")


def _server(session: Session) -> list[Row]:
    return [{"build": session.identity.build, "hello": session.identity.hello}]


def _host(session: Session) -> list[Row]:
    return [session.command("admin", "hostInfo")]


def _options(session: Session) -> list[Row]:
    return [session.command("admin", "getCmdLineOpts").get("parsed", {})]


def _parameters(session: Session) -> list[Row]:
    return [session.command("admin", "getParameter", "*")]


def _status(session: Session) -> list[Row]:
    # Histograms and logs of it are long, and nothing looks at them.
    histograms = {"histograms": False}
    return [session.command("admin", "serverStatus", metrics=1, tcmalloc=0, opLatencies=histograms)]


# What the server says at its start, as topics: https://github.com/mongodb/mongo/tree/master/src/mongo/db (files called
# startup_warnings_*). The first that fits counts.
_TOPICS: tuple[tuple[str, str], ...] = (
    ("access-control", r"Access control is not enabled"),
    ("bound-to-localhost", r"bound to localhost"),
    ("root", r"as the root user"),
    ("file-system", r"XFS filesystem"),
    ("open-files", r"open file descriptors"),
    ("huge-pages-wanted", r"current memory allocator|contents of sysfsFile"),
    ("huge-pages-unwanted", r"transparent_hugepage"),
    ("zone-reclaim", r"zone_reclaim_mode"),
    ("numa", r"NUMA"),
    ("overcommit", r"overcommit_memory"),
    ("swappiness", r"swappiness"),
    ("map-count", r"max_map_count"),
    ("no-certificate-authority", r"no CA file"),
    ("invalid-certificates", r"invalid X509 certificates"),
)


def _warnings(session: Session) -> list[Row]:
    """The topics of what it complained of at its start, never a text: these name paths and hosts."""
    found: dict[str, Row] = {}
    for line in session.command("admin", "getLog", "startupWarnings")["log"]:
        try:
            entry = json.loads(line)
        except ValueError:  # a server before 4.4 writes plain text
            entry = {"msg": line}
        text = f"{entry.get('msg', '')} {entry.get('attr', {}).get('sysfsFile', '')}"
        topic = next((name for name, pattern in _TOPICS if re.search(pattern, text)), "other")
        numbers = {name: entry.get("attr", {}).get(name) for name in ("currentValue", "recommendedMinimum")}
        found.setdefault(topic, {"topic": topic, **numbers})
    return list(found.values())


PROBES = (
    Probe(name="server", purpose="read version, build, topology and role of the server", read=_server),
    Probe(name="host", purpose="read memory and processors of its machine", read=_host, role=_MONITOR),
    Probe(name="options", purpose="read how it was started: network, security, storage",
          read=_options, role=_MONITOR),
    Probe(name="parameters", purpose="read every server parameter", read=_parameters, role=_MONITOR),
    Probe(name="server-status", purpose="read what it counts: operations, cache, connections",
          read=_status, role=_MONITOR),
    Probe(name="startup-warnings", purpose="read what it complained of when it started", read=_warnings,
          role=_MONITOR),
)  # fmt: skip
