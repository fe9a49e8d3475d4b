"""What may be kept of the message of an error: the server's own words, and names where only names can stand.

A message may quote data ("invalid input syntax for type integer: …"), and a function may raise any text at all. So a
message is kept only as far as it matches a wording that the server is known to use; of others only the SQLSTATE is.
"""

from __future__ import annotations

import re

# Wordings of PostgreSQL 12 to 18 that operations ask for, one pattern a line, from its source (errmsg in src/backend).
# What a pattern matches is kept, so that it ends before anything that could be a value. NAME is a quoted name; where a
# name may be a value that somebody mistyped, the pattern ends with a blank before it and looks ahead for what follows.
_PATTERNS = r"""
duplicate key value violates unique constraint NAME
insert or update on table NAME violates foreign key constraint NAME
update or delete on table NAME violates (?:RESTRICT setting of )?foreign key constraint NAME on table NAME
null value in column NAME(?: of relation NAME)? violates not-null constraint
new row for relation NAME violates check constraint NAME
conflicting key value violates exclusion constraint NAME
new row violates row-level security policy
syntax error(?: at (?:or near|end of input))?
unterminated quoted (?:string|identifier)
invalid input (?:syntax for type|value for enum) [\w ]+
value too long for type [a-z ]+
value (?=.* is out of range for type)
(?:smallint|integer|bigint|numeric) out of range
numeric field overflow
date/time field value out of range
division by zero
invalid byte sequence for encoding
more than one row returned by a subquery
(?:operator|relation|column|function|type|schema|role|database) (?=.* does not exist)
(?:relation|schema|role|database|type) (?=.* already exists)
prepared statement (?=.* (?:already exists|does not exist))
current transaction is aborted
could not serialize access due to (?:concurrent (?:update|delete)|read/write dependencies)
could not obtain lock on (?:row in )?relation
canceling statement due to (?:statement timeout|lock timeout|user request|conflict with recovery)
canceling autovacuum task
terminating connection because of crash of another server process
terminating (?:background worker|walsender process|autovacuum process|logical replication worker)
terminating connection due to (?:administrator command|conflict with recovery|unexpected postmaster exit)
terminating connection due to (?:idle-in-transaction|idle-session|transaction) timeout
sorry, too many clients already
remaining connection slots are reserved
too many connections for (?:role|database)
(?:password|Ident|Peer|LDAP|GSSAPI|SSPI|PAM|RADIUS|certificate|SCRAM|OAuth bearer) authentication failed
no pg_hba\.conf entry
pg_hba\.conf rejects (?:replication )?connection
role (?=.* is not permitted to log in)
permission denied for (?:table|view|materialized view|column|schema|sequence|function|procedure|routine|type)
permission denied for (?:database|language|tablespace|foreign server|foreign-data wrapper|large object|index)
permission denied
must be (?:owner of|superuser|member of)
the database system is (?:starting up|shutting down|in recovery mode|not yet accepting|not accepting)
cannot execute [A-Z ]+ (?:in a read-only transaction|during recovery)
out of (?:shared )?memory
could not resize shared memory segment
could not (?:write|read|extend|open|create|access|fsync|rename|remove|stat|truncate)(?: to| from)?(?: temporary)? file
could not (?:write|read) blocks?
invalid page in block
page verification failed
missing chunk number
invalid memory alloc request size
cache lookup failed for (?:relation|type|function|index|attribute|constraint)
stack depth limit exceeded
requested WAL segment (?=.* has already been removed)
replication slot (?=.* (?:is active|does not exist|already exists))
all replication slots are in use
unrecognized configuration parameter
invalid value for parameter
connection to client lost
unsupported frontend protocol
"""
_WORDINGS = re.compile("|".join(_PATTERNS.replace("NAME", '"[^"]+"').strip().splitlines()), re.DOTALL)
_AFTER = re.compile(
    r"is out of range for type|does not exist|already exists|is not permitted to log in"
    r"|has already been removed|is active"
)
_STATE = re.compile(r"[0-9A-Z]{5}")


def error_text(message: str, state: str | None) -> str:
    """Return what may be told of an error: the server's wording, else its SQLSTATE, else that it is unknown."""
    match = _WORDINGS.match(message)
    if match is None:
        return f"SQLSTATE {state}" if state and _STATE.fullmatch(state) else "message not recognised"
    text = match.group()
    if text.endswith(" "):
        after = _AFTER.search(message, match.end())
        text += after.group() if after else ""
    return text.strip()
