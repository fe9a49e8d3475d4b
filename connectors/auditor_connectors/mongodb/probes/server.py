"""What the server is, how it was started, what it counts."""

from __future__ import annotations

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


PROBES = (
    Probe(name="server", purpose="read version, build, topology and role of the server", read=_server),
    Probe(name="host", purpose="read memory and processors of its machine", read=_host, role=_MONITOR),
    Probe(name="options", purpose="read how it was started: network, security, storage",
          read=_options, role=_MONITOR),
    Probe(name="parameters", purpose="read every server parameter", read=_parameters, role=_MONITOR),
    Probe(name="server-status", purpose="read what it counts: operations, cache, connections",
          read=_status, role=_MONITOR),
)  # fmt: skip
