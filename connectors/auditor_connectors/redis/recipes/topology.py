"""Recipes for the servers themselves: replicas, versions, encrypted connections.

What starts and stops servers is done by people: no statement reaches a server that is not there yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import AddReplica, EnableTls, UpgradeServer
from auditor.model.vocabulary import Blocks, Phase
from auditor.text import size
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes import deployment
from auditor_connectors.redis.recipes.deployment import asked, each_server, is_cluster, kept, reported, sent, setting_is
from auditor_connectors.redis.recipes.estimates import AT_ONCE, LOAD_BYTES_PER_SECOND, Estimate
from auditor_connectors.redis.recipes.steps import TARGET, TARGET_CLIENT, draft

LEAST_BACKLOG = 64 << 20
"""Bytes of the log of changes for replicas: with less, a short break of the network costs a full copy."""

BREAK_SECONDS = 120
"""How long a replica may be away without a full copy."""

TOGETHER = 70000
"""The first version that changes several settings at once, and its port while it runs."""


def add_replica(operation: AddReplica, facts: Facts) -> Iterator[Draft]:
    """Make room for the changes meanwhile, let a new server copy the data, and see that it is up to date."""
    if facts.target.managed:
        yield draft(Phase.EXPAND, "Add a replica", notes=("By the service's console or interface.",))
        return
    used, before = deployment.present_bytes(facts), facts.setting("repl-backlog-size")
    wanted = _backlog(facts)
    if before is not None and before.isdigit() and int(before) < wanted:
        yield draft(
            Phase.PREPARE,
            f"Keep {size(wanted)} of changes for replicas that were away",
            sent(facts, "CONFIG SET repl-backlog-size", str(wanted)),
            kept(facts),
            verify=setting_is(facts, "repl-backlog-size", str(wanted)),
            rollback=(sent(facts, "CONFIG SET repl-backlog-size", before), kept(facts)),
            takes=AT_ONCE,
            notes=("It is memory beside the data, taken when the first replica comes.", *each_server(facts)),
        )
    yield draft(
        Phase.PREPARE,
        "Start a new server of the same version on another machine",
        notes=(
            (
                "In another place than the primary, so that one failure does not take both. The same redis.conf and "
                "accounts, and as much memory."
            ),
            "If there are accounts: masteruser and masterauth on it.",
            TARGET_CLIENT,
        ),
    )
    if is_cluster(facts):
        yield draft(
            Phase.EXPAND,
            "Let it follow a primary of the cluster",
            notes=("$ redis-cli --cluster add-node NEW:6379 PRIMARY:6379 --cluster-slave",),
            blocks=Blocks.EVERYTHING,
            blocking_seconds=deployment.fork_seconds(facts),
        )
        return
    followed = "test \"$(target-cli INFO replication | tr -d '\\r' | sed -n 's/^master_link_status://p')\" = up"
    yield draft(
        Phase.EXPAND,
        "Let the new server follow this one, and wait until it is up to date",
        'target-cli REPLICAOF "${PRIMARY_HOST:?}" "${PRIMARY_PORT:-6379}"',
        f"until {followed}; do sleep 1; done",
        "target-cli CONFIG REWRITE || echo 'Put replicaof where the new server is started.' >&2",
        verify=f"{followed} && {_current()}",
        rollback=("target-cli REPLICAOF NO ONE",),
        takes=Estimate(
            None if used is None else round(2 + used / LOAD_BYTES_PER_SECOND, 1),
            None,
            f"{size(used)} sent and loaded at {LOAD_BYTES_PER_SECOND / 1e6:.0f} MB/s (default calibration)",
        ),
        blocks=Blocks.EVERYTHING,
        blocking_seconds=deployment.fork_seconds(facts),
        server=TARGET,
        notes=(
            (
                "PRIMARY_HOST and PRIMARY_PORT in the environment say how the new server reaches this one. Whatever "
                "the new server holds is dropped."
            ),
            deployment.fork_note(facts),
            (
                "Raise client-output-buffer-limit replica where the copy takes so long that the changes meanwhile do "
                "not fit: the copy would begin again and again."
            ),
            TARGET_CLIENT,
        ),
    )
    yield draft(
        Phase.SWITCH,
        "Let somebody watch over both",
        notes=(
            (
                "Three sentinels on three machines promote the replica when the primary is gone, and clients ask them "
                "for it. Try it once: SENTINEL FAILOVER."
            ),
        ),
    )


def _backlog(facts: Facts) -> int:
    """What is written in a break, as far as the server tells: what clients send is at least as much."""
    sent_bytes, seconds = facts.counter("total_net_input_bytes"), facts.server.counters_seconds
    rate = sent_bytes / seconds if sent_bytes and seconds else 0.0
    return max(LEAST_BACKLOG, int(rate * BREAK_SECONDS) >> 20 << 20)


def _current() -> str:
    """The test whether the other server has all that this one has written up to a moment ago."""
    offset = "tr -d '\\r' | sed -n 's/^{name}://p'"
    here = f"redis-cli INFO replication | {offset.format(name='master_repl_offset')}"
    there = f"target-cli INFO replication | {offset.format(name='slave_repl_offset')}"
    return f'have=$({here}) && sleep 1 && test "$({there})" -ge "$have"'


def enable_tls(operation: EnableTls, facts: Facts) -> Iterator[Draft]:
    """Offer TLS on a port of its own, move the clients, then close the other port."""
    if facts.target.managed:
        yield draft(
            Phase.SWITCH, "Encrypt connections by the means of the service",
            notes=("Where it can, let it offer both first, move the clients to rediss://, then require it.",),
        )  # fmt: skip
        return
    plain = facts.setting("port") or "6379"
    yield draft(
        Phase.PREPARE,
        "Give each server a certificate",
        notes=(
            (
                "Of an authority that clients trust, with the names under which clients and replicas reach the server. "
                "Only the server's account may read the file with its key. The server must be built with TLS."
            ),
        ),
    )
    files = ("tls-cert-file", "tls-key-file", "tls-ca-cert-file")
    variables = {name: f'"${{{name.upper().replace("-", "_")}:?}}"' for name in files}
    given = [*(f"{name} {value}" for name, value in variables.items()), "tls-auth-clients no", f"tls-port {_TLS_PORT}"]
    together = facts.version >= TOGETHER
    yield draft(
        Phase.EXPAND,
        "Offer TLS on a port beside the plain one",
        *([sent(facts, "CONFIG SET", *given)] if together else [sent(facts, "CONFIG SET", one) for one in given]),
        kept(facts),
        verify=asked(facts, f'test "{deployment.told(facts, "tls-port")}" = {_TLS_PORT}'),
        rollback=(sent(facts, "CONFIG SET tls-port 0"), kept(facts)),
        takes=AT_ONCE,
        notes=(
            (
                "In the environment: TLS_CERT_FILE, TLS_KEY_FILE and TLS_CA_CERT_FILE are paths on the server, "
                "TLS_PORT is the port (6380 if it is not said)."
            ),
            (
                "Open the port in the firewall. Then let replicas connect by it: tls-replication yes, and the port in "
                "replicaof; in a cluster tls-cluster yes on all; sentinels likewise."
            ),
            *each_server(facts),
        ),
    )
    yield application(
        Phase.SWITCH,
        "Connect by TLS",
        f"Change the URL of every client to rediss:// and the new port, backups and monitoring among them; until then "
        f"both ports work. In redis-cli CLIENT LIST, laddr=…:{plain} shows who still comes without.",
        "A handshake costs time: use connections again.",
        kind="reconnect",
    )
    yield _closed(facts, plain)


_TLS_PORT = '"${TLS_PORT:-6380}"'


def _closed(facts: Facts, plain: str) -> Draft:
    if facts.version < TOGETHER or plain == "0":
        return deployment.restart(
            facts, Phase.CONTRACT, "Close the plain port by a restart", ("In redis.conf: port 0",), once="restart"
        )
    return draft(
        Phase.CONTRACT,
        "Close the plain port",
        sent(facts, "CONFIG SET port 0"),
        kept(facts),
        precondition=asked(
            facts, f"clients=$({_every(facts)}CLIENT LIST) && ! grep -q ' laddr=[^ ]*:{plain} ' <<<\"$clients\""
        ),
        verify=setting_is(facts, "port", "0"),
        rollback=(sent(facts, f"CONFIG SET port {plain}"), kept(facts)),
        observe_days=7,
        takes=AT_ONCE,
        notes=(
            "Run it over TLS: it waits until nobody is connected to the plain port, and that includes who runs it.",
            *each_server(facts),
        ),
    )


def _every(facts: Facts) -> str:
    return "each . " if is_cluster(facts) else "redis-cli "


def upgrade_server(operation: UpgradeServer, facts: Facts) -> Iterator[Draft]:
    """Upgrade the replicas first, hand over to one of them, then upgrade the old primary as a replica."""
    here, there = operation.from_version, operation.to_version
    phase = Phase.REARCHITECT if operation.major else Phase.PREPARE
    if facts.target.managed:
        yield draft(phase, f"Upgrade to {there} by the means of the service", notes=(
            "Read what it says about interruptions, and let it run in a window of little traffic.",
        ))  # fmt: skip
        return
    yield draft(
        phase,
        f"Find what {there} does otherwise than {here}",
        notes=(
            (
                "Read the release notes of every version between, above all what they say of removed settings and of "
                "files that older versions cannot read."
            ),
            "Run the application's tests against it, with the client library of the application.",
            "Take a snapshot (BGSAVE), copy it away, and load it in the new version.",
        ),
    )
    if not (deployment.replicas(facts) or is_cluster(facts)):
        yield draft(
            phase,
            f"Let a new server with {there} follow this one",
            notes=(
                (
                    "As when a replica is added: without one, clients would wait for the restart. A newer replica can "
                    "follow an older primary, an older one cannot follow a newer."
                ),
            ),
        )
    yield draft(
        phase,
        f"Install {there} on the replicas, one after the other",
        notes=(
            "Restart each, and wait for master_link_status:up and equal offsets before the next one.",
            "Way back until a replica takes over: the old version on the replicas.",
        ),
    )
    yield draft(
        phase,
        "Hand over to an upgraded replica",
        notes=(
            f"By {deployment.handing_over(facts)}",
            (
                "Way back: hand over to the old server, which must have been kept out of the replication: once it "
                "follows the new one it may not understand what that sends."
            ),
        ),
        blocks=Blocks.WRITES,
        blocking_seconds=deployment.FAILOVER_SECONDS,
        takes=Estimate(deployment.FAILOVER_SECONDS, None, "a hand-over in order"),
    )
    yield draft(
        phase,
        f"Install {there} on the old primary, as a replica",
        verify=_runs(facts, there),
        notes=("Restart it. The verification asks the server that now is the primary.",),
    )


def _runs(facts: Facts, version: str) -> str:
    name = "valkey_version" if facts.target.flavour == "Valkey" else "redis_version"
    return asked(facts, f'[[ "{reported(facts, name, least=True)}" == {version}* ]]')
