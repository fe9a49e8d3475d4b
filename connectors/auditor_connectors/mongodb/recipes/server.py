"""Recipes for the servers themselves and the code that uses them: what people do, with what there is to run."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import (
    AddReplica,
    ChangeApplication,
    EnableTls,
    EndSession,
    RepackTable,
    UpgradeServer,
)
from auditor.model.vocabulary import Blocks, Phase
from auditor.text import size
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import database, document
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.estimates import Estimate
from auditor_connectors.mongodb.recipes.replicas import ELECTION_SECONDS, ROLLING, each_member, restart
from auditor_connectors.mongodb.recipes.settings import CONFIRMED, FEATURES, OBSERVED_DAYS
from auditor_connectors.mongodb.recipes.steps import draft

COMPACT_BYTES_PER_SECOND = 10e6
"""Of what a collection takes on disk: 9 MB took 1 s on MongoDB 6.0.5 (see estimates)."""

ONLINE_COMPACT = 40400
"""The first version whose compact lets others read and write the collection meanwhile."""

SERIES = ("4.0", "4.2", "4.4", "5.0", "6.0", "7.0", "8.0")
"""The versions through which an upgrade goes, one after the other: manual, "Upgrade" in the release notes of each."""

_MODE = "db.adminCommand({getParameter: 1, tlsMode: 1}).tlsMode"


def change_application(operation: ChangeApplication, facts: Facts) -> Iterator[Draft]:
    """Say what has to change, and where."""
    topic = operation.topic.replace("-", " ")
    yield application(
        Phase.SWITCH,
        f"Change the application: {topic} ({operation.subject})",
        operation.instruction,
        "Deploy it to a part of the instances first, and compare their errors and response times with the others'.",
    )


def end_session(operation: EndSession, facts: Facts) -> Iterator[Draft]:
    """Ask, then end what it runs."""
    running = f"db.currentOp({{opid: {operation.session}}}).inprog.length"
    yield draft(
        Phase.PREPARE,
        f"End the operation {operation.session}",
        f"db.killOp({operation.session})",
        precondition=f"{running} === 1",
        verify=f"{running} === 0",
        reversible=False,
        takes=Estimate(1.0, None, "it ends at the next point where it can be interrupted"),
        notes=(
            f"Why: {operation.reason}",
            "The number may belong to another operation by now: look at it in db.currentOp(), and ask its owner.",
        ),
    )


def repack_table(operation: RepackTable, facts: Facts) -> Iterator[Draft]:
    """Compact the secondaries one after the other, and the primary when it is one."""
    key = (operation.schema, operation.table)
    table = facts.table(key)
    stored = table.bytes if table is not None else None
    compact = f"{database(key[0])}.runCommand({document({'compact': key[1], 'force': True})})"
    takes = Estimate(
        None if stored is None else round(1 + stored / COMPACT_BYTES_PER_SECOND, 3),
        None,
        "the collection's size is not known"
        if stored is None
        else f"{size(stored)} on disk at {COMPACT_BYTES_PER_SECOND / 1e6:.0f} MB/s on each member (default speed)",
    )
    online = facts.version >= ONLINE_COMPACT
    yield draft(
        Phase.CONTRACT,
        f"Compact {'.'.join(key)} on one member after the other",
        notes=(
            f"On each secondary, connected to it alone (directConnection=true): {compact}",
            "Wait until it has caught up before the next one. The primary last, after rs.stepDown().",
            "Reads and writes go on meanwhile, changes of the collection's definition wait."
            if online
            else "In this version nothing else can use the database on that member meanwhile.",
            (
                "It gives back what lies at the end of the files only. An initial sync of the member, from an empty "
                "data directory, gives back all."
            ),
            "Space that is free inside the files is used again: where as much is written as was deleted, leave it.",
        ),
        takes=takes,
        reversible=False,
    )


def enable_tls(operation: EnableTls, facts: Facts) -> Iterator[Draft]:
    """Let servers take both kinds of connections, move the clients, then take nothing but TLS."""
    mode = facts.setting("setParameter.tlsMode") or facts.setting("net.tls.mode") or "disabled"
    if mode in ("disabled", ""):
        yield draft(
            Phase.PREPARE,
            "Give each server a certificate",
            notes=(
                "Of an authority that clients trust, with the names under which clients and members reach the server.",
                "Only root and the server's account may read the file with its key.",
            ),
        )
        yield restart(
            facts,
            Phase.PREPARE,
            "Restart the servers so that they take TLS beside plain connections",
            (
                "In the configuration file: net: {tls: {mode: allowTLS, certificateKeyFile: …, CAFile: …}}",
                "Clients without a certificate of their own: add allowConnectionsWithoutCertificates: true.",
            ),
        )
    yield _mode(
        facts,
        Phase.EXPAND,
        "Let members speak TLS with each other",
        "preferTLS",
        f'["preferTLS", "requireTLS"].includes({_MODE})',
    )
    yield application(
        Phase.SWITCH,
        "Connect by TLS",
        "Add tls=true and tlsCAFile=… to the URL of every client, backups and monitoring among them.",
        "db.serverStatus().transportSecurity counts connections by version; the log tells of each one without (id "
        "23838 and 'remote'). Go on when none comes without for a week.",
        kind="reconnect",
    )
    yield _mode(facts, Phase.CONTRACT, "Refuse connections without TLS", "requireTLS", f'{_MODE} === "requireTLS"')


def _mode(facts: Facts, phase: Phase, title: str, mode: str, verify: str) -> Draft:
    return draft(
        phase,
        title,
        f'db.adminCommand({{setParameter: 1, tlsMode: "{mode}"}})',
        verify=verify,
        takes=Estimate(0.1, None, "in force for connections from now on"),
        reversible=False,
        notes=(
            f"So that a restart keeps it, in the configuration file: net: {{tls: {{mode: {mode}}}}}",
            *each_member(facts),
            "Way back: the former mode in the configuration file, and a restart of one member after the other.",
        ),
    )


def add_replica(operation: AddReplica, facts: Facts) -> Iterator[Draft]:
    """Let a new member copy the data, then give it a vote."""
    stored = facts.total_bytes
    yield draft(
        Phase.PREPARE,
        "Start a new server of the same version on another machine",
        notes=(
            ("In another place than the others, so that one failure does not take two. The same configuration, key "
            "file and certificates; an empty data directory."),
            *(("This server is none of a set yet: name one in replication.replSetName, restart it, rs.initiate().",
               "A set needs three members that hold data, so that the majority outlives the loss of one.")
              if not facts.server.members else ()),
        ),
    )  # fmt: skip
    yield draft(
        Phase.EXPAND,
        "Add it without a vote, and let it copy the data",
        notes=(
            'rs.add({host: "NEW:27017", priority: 0, votes: 0})',
            (
                "It copies everything from another member: see that the oplog reaches back for longer than that takes, "
                "rs.printReplicationInfo()."
            ),
            f"It reads {size(stored)} from that member." if stored else "How much that is, is not known.",
            'Way back: rs.remove("NEW:27017")',
        ),
        takes=Estimate(
            None if not stored else round(stored / estimates.SCAN_BYTES_PER_SECOND, 1), stored, "a copy at 100 MB/s"
        ),
    )
    yield draft(
        Phase.SWITCH,
        "Give it a vote once it is SECONDARY",
        notes=(
            "const config = rs.conf(); set votes and priority of its entry in config.members to 1; rs.reconfig(config)",
            "Votes change by one member at a time. Keep their number odd: remove an arbiter if there is one.",
        ),
    )


def upgrade_server(operation: UpgradeServer, facts: Facts) -> Iterator[Draft]:
    """Within a version a restart; to another one member after the other, each version of the way in turn."""
    here, there = operation.from_version, operation.to_version
    if not operation.major:
        yield restart(
            facts, Phase.PREPARE, f"Install {there} in place of {here}, one member after the other",
            ("Read the release notes between the two. Old binaries read the files of the same series: the way back.",),
        )  # fmt: skip
        return
    for version in _chain(here, there):
        running = f"parseFloat(db.version()) >= {version}"
        yield draft(
            Phase.REARCHITECT,
            f"Find what {version} refuses",
            notes=(
                f"Read the compatibility changes of {version}: removed commands, settings and index versions.",
                "Run the application's tests on a copy under it; see that its driver supports it.",
                "The feature compatibility version must be that of the present binaries.",
                "Take a backup, and try to restore it.",
            ),
        )
        yield draft(
            Phase.REARCHITECT,
            f"Install {version}, one member after the other",
            notes=(*ROLLING, "Way back until the next step: the old binaries, in the same order."),
            verify=running,
            blocks=Blocks.WRITES,
            blocking_seconds=ELECTION_SECONDS,
        )
        confirmed = float(version) * 10000 >= CONFIRMED
        sent = {"setFeatureCompatibilityVersion": version, **({"confirm": True} if confirmed else {})}
        yield draft(
            Phase.REARCHITECT,
            f"Switch the features of {version} on",
            f"db.adminCommand({document(sent)})",
            verify=f"parseFloat({FEATURES}) >= {version}",
            precondition=running,
            takes=Estimate(60.0, None, "a change of the definitions of all collections"),
            reversible=False,
            point_of_no_return=True,
            observe_days=OBSERVED_DAYS,
            notes=("From here on old binaries do not start on these files.",),
        )


def _chain(here: str, there: str) -> list[str]:
    """The versions to go through, the last one included."""
    old = next((n for n, one in enumerate(SERIES) if here.startswith(one)), None)
    new = next((n for n, one in enumerate(SERIES) if there.startswith(one)), None)
    return list(SERIES[old + 1 : new + 1]) if old is not None and new is not None else [".".join(there.split(".")[:2])]
