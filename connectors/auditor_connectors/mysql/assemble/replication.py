"""From rows to the servers on both sides of this one: those that follow it, and those that it follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auditor.model.server import Replica, Source
from auditor_connectors.mysql.probe import Raw, Row

_FILTERS = (
    "Replicate_Do_DB", "Replicate_Ignore_DB", "Replicate_Do_Table", "Replicate_Ignore_Table",
    "Replicate_Wild_Do_Table", "Replicate_Wild_Ignore_Table", "Replicate_Do_Domain_Ids",
    "Replicate_Ignore_Domain_Ids",
)  # fmt: skip


def replicas(raw: Raw, counters: Mapping[str, str]) -> tuple[Replica, ...]:
    """The servers that take the binary log, and the other members of a Galera cluster. None of them tells its lag."""
    found = [
        Replica(name=f"{row['user']} ({row['id']})", state="streaming")
        for row in raw.get("replicas", ())
        if row["user"] != "system user"
    ]
    members = counters.get("wsrep_cluster_size", "")
    others = int(members) - 1 if members.isdigit() and "replicas" in raw else 0
    found += [Replica(name=f"cluster member {number}", state="streaming") for number in range(1, others + 1)]
    return tuple(found)


def sources(raw: Raw) -> tuple[Source, ...]:
    """The servers whose changes this one takes, by the name of the channel. Their addresses stay where they are."""
    return tuple(sorted(map(_source, raw.get("sources", ())), key=lambda source: source.name))


def _source(row: Row) -> Source:
    receiving = _either(row, "IO_Running")
    lag = row.get("Seconds_Behind_Source", row.get("Seconds_Behind_Master"))
    errors = [int(row[name]) for name in ("Last_IO_Errno", "Last_SQL_Errno") if row.get(name)]
    by_ids = str(row.get("Auto_Position") or row.get("Using_Gtid") or "0").lower() not in ("0", "no")
    return Source(
        name=row.get("Channel_Name") or row.get("Connection_name") or "",
        receiving=receiving == "Yes",
        connecting=receiving in ("Connecting", "Preparing"),
        applying=_either(row, "SQL_Running") == "Yes",
        lag_seconds=None if lag is None else float(lag),
        delay_seconds=float(row.get("SQL_Delay") or 0),
        error=errors[0] if errors else None,
        filters=sum(len(str(row[name]).split(",")) for name in _FILTERS if row.get(name)),
        positions="gtid" if by_ids else "file",
        encrypted=row.get("Source_SSL_Allowed", row.get("Master_SSL_Allowed")) == "Yes",
    )


def _either(row: Row, name: str) -> Any:
    """A column by its newer or its older name."""
    return row.get(f"Replica_{name}", row.get(f"Slave_{name}"))
