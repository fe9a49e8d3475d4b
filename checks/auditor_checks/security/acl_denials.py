"""Accounts are refused what they try.

## What
Logins that failed, and commands, keys or channels that an account may not use, as the newest 128 entries of ACL LOG
count them for the last seven days. What the account of the audit was refused is left out.

## Why it matters
Failed logins are somebody who guesses, or a client with an old password. Refused commands and keys are an application
that does not work, or one that does what it should not.

## When it is fine
Scanners, and the days after accounts were restricted: that is what the log is for.

## How to fix it
Read ACL LOG on the server: it names the account, the command and the address. Mend the client or the rule; then ACL LOG
RESET.

## Sources
Redis documentation, ACL LOG; INFO: acl_access_denied_auth, acl_access_denied_cmd, acl_access_denied_key.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Verdict
from auditor.model.operation import ChangeApplication
from auditor.model.server import Node
from auditor.model.units import NODES
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._nodes import REDIS, number

CHECK = Check(
    title="Accounts are refused what they try",
    passed="Nobody is refused what they try",
    pillar=Pillar.SECURITY,
    severity=Severity.LOW,
    unit=NODES,
    needs=("acl-log",),
    engines=REDIS,
)
KINDS = {
    "auth": "logins", "tls-cert": "certificates", "command": "commands", "key": "keys", "channel": "channels",
    "database": "databases",
}  # fmt: skip


def judge(node: Node, _facts: Facts, *, denials: float = 10, logins: float = 50) -> Iterator[Verdict]:
    """Count the refusals of each kind."""
    counts = {kind: number(node, f"acl_log.{kind}") for kind in KINDS}
    failed = counts["auth"] + counts["tls-cert"]
    others = sum(counts.values()) - failed
    if failed < logins and others < denials:
        return
    told = " and ".join(f"{counts[kind]:,.0f} {word}" for kind, word in KINDS.items() if counts[kind])
    yield Flaw(
        title=f"Refused: {told}",
        severity=Severity.MEDIUM if failed >= logins else Severity.LOW,
        evidence=tuple(
            Evidence(name=f"{word} refused", value=int(counts[kind]), unit="times", probe="acl-log")
            for kind, word in KINDS.items() if counts[kind]
        ),
        impact=Impact(risk="somebody guesses passwords" if failed >= logins else "an application does not work"),
        explanation=f"The log of refusals holds {told} of the last seven days.",
        recommendation="Read ACL LOG: mend the client or the rule, then clear the log.",
        operations=(
            ChangeApplication(
                topic="acl-denials", subject="server",
                instruction="Read ACL LOG for the account and the command of each refusal; mend the client or rule; "
                "then ACL LOG RESET.",
            ),
        ),
    )  # fmt: skip
