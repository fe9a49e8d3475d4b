"""Recipes for accounts: give each application its own, see that it is enough, then take away what nobody needs.

Passwords come from the environment, and only their hash goes into a command.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import AlterRole, RestrictAccounts
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.redis.recipes.deployment import KEEP, asked, each_server, is_cluster, sent
from auditor_connectors.redis.recipes.estimates import AT_ONCE
from auditor_connectors.redis.recipes.shell import quote
from auditor_connectors.redis.recipes.steps import draft

DEFAULT = "default"
"""The account of everybody who names none."""

APPLICATION = '"${APP_USER:-app}"'
ADMINISTRATOR = '"${ADMIN_USER:-admin}"'

CHANNELS = 60200
"""The first version that has rules for channels."""

_HASH = '"#$(printf %s "${{{name}:?}}" | sha256sum | cut -d \' \' -f 1)"'
"""Bash: the rule that gives an account the password of a variable."""

_RULES = ("~", "%", "&", "+", "-", "(", "allkeys", "allchannels", "allcommands", "nocommands", "resetkeys")
"""How the rules begin that say what an account may do."""


def restrict_accounts(operation: RestrictAccounts, facts: Facts) -> Iterator[Draft]:
    """Make accounts, move the clients, watch what is refused, then restrict the account that may too much."""
    if facts.target.managed:
        yield _by_the_service(operation)
        return
    rules = _rules(operation, facts)
    if operation.name != DEFAULT:
        yield _narrowed(facts, operation.name, rules)
        return
    yield _made(facts, "an application", APPLICATION, "APP_PASSWORD", rules, phase=Phase.EXPAND)
    yield _made(facts, "administration", ADMINISTRATOR, "ADMIN_PASSWORD", _everything(facts), phase=Phase.EXPAND)
    yield application(
        Phase.SWITCH,
        "Log in with an account of its own",
        "Give every client a name and a password, applications, jobs, monitoring and backups among them: "
        "redis://app:password@host.",
        "Replicas log in to their primary, too: set masteruser and masterauth on each. Sentinels: sentinel auth-user "
        "and auth-pass.",
        "Watch what is refused while it is rolled out: redis-cli ACL LOG 10, and in INFO stats the counters "
        "acl_access_denied_…. ACL DRYRUN (from version 7.0) tells whether an account may run a command.",
        kind="reconnect",
    )
    yield draft(
        Phase.CONTRACT,
        "Let nobody in without an account any more",
        sent(facts, "ACL SETUSER default off"),
        kept(facts),
        precondition=asked(facts, f'test "$(redis-cli ACL WHOAMI)" != default && {_nobody(facts, DEFAULT)}'),
        verify=_listed(facts, f"user {DEFAULT} off "),
        rollback=(sent(facts, "ACL SETUSER default on"), kept(facts)),
        observe_days=7,
        takes=AT_ONCE,
        notes=(
            (
                "Run it with the account for administration: who is connected as default is cut off from the next "
                "login on."
            ),
            "It waits until no connection of the default account is left: redis-cli CLIENT LIST shows user=default.",
            *each_server(facts),
        ),
    )


def alter_role(operation: AlterRole, facts: Facts) -> Iterator[Draft]:
    """Close an account, or take the commands from it that only administrators need."""
    attributes = operation.attributes
    if attributes.get("login") is False:
        name = quote(operation.name)
        yield draft(
            Phase.SWITCH,
            f"Close the account {operation.name}",
            sent(facts, f"ACL SETUSER {name} off"),
            kept(facts),
            precondition=asked(facts, f'test "$(redis-cli ACL WHOAMI)" != {name} && {_nobody(facts, operation.name)}'),
            verify=_listed(facts, f"user {operation.name} off "),
            rollback=(sent(facts, f"ACL SETUSER {name} on"), kept(facts)),
            takes=AT_ONCE,
            notes=("Its open connections go on; nobody logs in with it any more.", *each_server(facts)),
        )
    elif attributes.get("superuser") is False:
        yield _narrowed(facts, operation.name, ("-@admin", "-@dangerous"))
    else:
        yield application(
            Phase.SWITCH,
            f"Change the account {operation.name}",
            f"Its rules: redis-cli ACL GETUSER {quote(operation.name)}; change them by ACL SETUSER.",
        )


def kept(facts: Facts) -> str:
    """Write the command by which the accounts outlive a restart: in their own file, or in the configuration."""
    every = "each ." if is_cluster(facts) else "redis-cli"
    rewrite = f"{every} CONFIG REWRITE" if is_cluster(facts) else KEEP
    file = 'test -n "$(redis-cli CONFIG GET aclfile | tail -n 1)"'
    return asked(facts, f"if {file}; then {every} ACL SAVE; else {rewrite}; fi")


def _everything(facts: Facts) -> tuple[str, ...]:
    return ("~*", *(("&*",) if facts.version >= CHANNELS else ()), "+@all")


def _rules(operation: RestrictAccounts, facts: Facts) -> tuple[str, ...]:
    """What an application may do: what it was seen to do, on the keys that it uses."""
    keys = tuple(f"~{pattern}" for pattern in operation.patterns) or ("~*",)
    channels = ("&*",) if facts.version >= CHANNELS else ()
    commands = tuple(f"+{name.lower()}" for name in operation.commands) or ("+@all", "-@admin", "-@dangerous")
    return ("resetkeys", *keys, *channels, "-@all", "+@connection", "-@dangerous", *commands)


def _made(facts: Facts, who: str, name: str, variable: str, rules: Sequence[str], *, phase: Phase) -> Draft:
    hashed = _HASH.format(name=variable)
    return draft(
        phase,
        f"Make an account for {who}",
        sent(facts, f"ACL SETUSER {name} on", hashed, *map(quote, rules)),
        kept(facts),
        verify=_listed(facts, f'user {name.strip(chr(34))} on ', plain=False),
        rollback=(sent(facts, f"ACL DELUSER {name}"), kept(facts)),
        takes=AT_ONCE,
        notes=(
            (f"{variable} holds its password in the environment: a long one, made by redis-cli ACL GENPASS. "
            f"{name.split(':', maxsplit=1)[0].strip(chr(34) + '${')} names it."),
            *(
                (
                    ("It may do what was seen in use. Jobs that run once a month may need more: look at ACL LOG, and "
                    "narrow keys and channels (~ and &) to what it uses."),
                )
                if phase is Phase.EXPAND and "+@all" not in rules
                else ()
            ),
            *each_server(facts),
        ),
    )  # fmt: skip


def _narrowed(facts: Facts, account: str, rules: Sequence[str]) -> Draft:
    """Take from an account what is too much; the way back is what it had."""
    role, name = facts.roles.get(account), quote(account)
    before = [rule for rule in role.rules if rule.startswith(_RULES)] if role is not None else []
    channels = ["resetchannels"] if facts.version >= CHANNELS else []
    back = sent(facts, f"ACL SETUSER {name} resetkeys", *channels, "-@all", *map(quote, before)) if before else None
    lost = [rule for rule in rules if rule != "resetkeys"]
    return draft(
        Phase.SWITCH,
        f"Narrow what the account {account} may do",
        sent(facts, f"ACL SETUSER {name}", *map(quote, rules)),
        kept(facts),
        precondition=f'test "$(redis-cli ACL WHOAMI)" != {name}',
        verify=asked(facts, f'[[ "$({_line(facts, account)})" == *{quote(lost[-1])}* ]]'),
        rollback=() if back is None else (back, kept(facts)),
        reversible=back is not None,
        takes=AT_ONCE,
        notes=(
            (
                "What it may no longer do fails from now on with NOPERM, also in open connections: watch ACL LOG, and "
                "go back at once if it must."
            ),
            f"From version 7.0 on ACL DRYRUN {name} <command> tells before.",
            *each_server(facts),
        ),
    )


def _line(facts: Facts, account: str) -> str:
    every = "each . " if is_cluster(facts) else "redis-cli "
    return f"{every}ACL LIST | grep -F {quote(f'user {account} ')}"


def _listed(facts: Facts, start: str, *, plain: bool = True) -> str:
    """The test whether the list of accounts has a line; in a cluster that of every server."""
    given = quote(start) if plain else f'"{start}"'
    if is_cluster(facts):
        lines = f"each . ACL LIST | grep -c -F {given}"
        return asked(facts, f'test "$({lines})" = "$(each . PING | wc -l | tr -d " ")"')
    return f"redis-cli ACL LIST | grep -q -F {given}"


def _nobody(facts: Facts, account: str) -> str:
    """The test whether nobody is connected with an account, but for the one that asks."""
    every = "each . " if is_cluster(facts) else "redis-cli "
    others = f"grep -F {quote(f' user={account} ')} <<<\"$clients\" | grep -v ' cmd=client'"
    return f'clients=$({every}CLIENT LIST) && test -z "$({others})"'


def _by_the_service(operation: RestrictAccounts) -> Draft:
    return draft(
        Phase.SWITCH,
        f"Restrict the account {operation.name} by the means of the service",
        notes=(
            (
                "Make a user for each application in the service's console or interface, move the clients to it, and "
                "only then take from the old one what nobody needs."
            ),
            f"Commands that were seen in use: {', '.join(operation.commands) or 'not known'}.",
        ),
    )
