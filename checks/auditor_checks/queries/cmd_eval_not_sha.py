"""Scripts are sent with their whole text each time.

## What
Most scripts are run by EVAL and not by EVALSHA or FCALL. Of higher weight where the server keeps many different
scripts: then values are written into their texts.

## Why it matters
The text crosses the network at each call and is hashed to be found again. Where each text differs it is compiled each
time as well, and kept: memory grows until the scripts are dropped (from Redis 7.4 on the oldest are).

## When it is fine
Few calls, which are not judged, or texts of a line.

## How to fix it
Load the script once (SCRIPT LOAD) and call it by EVALSHA, with EVAL when the answer is NOSCRIPT; most libraries do that
for a script that is registered with them. Or load a library of functions, which the server keeps and replicates. Pass
values as KEYS and ARGV.

## Sources
Redis documentation, "Scripting with Lua": script cache; "Redis functions"; INFO, number_of_cached_scripts; MEMORY
DOCTOR, which complains of more than 1000 of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.check import Check
from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact
from auditor.model.operation import ChangeApplication
from auditor.model.units import SERVER
from auditor.model.vocabulary import Pillar, Severity
from auditor_checks._commands import called
from auditor_checks._nodes import REDIS

CHECK = Check(
    title="Scripts are sent with their whole text each time",
    passed="Scripts are sent once",
    pillar=Pillar.QUERIES,
    severity=Severity.LOW,
    unit=SERVER,
    needs=("info",),
    engines=REDIS,
)
_SHA = "Register the script with the library of the client, which calls it by EVALSHA and sends its text on NOSCRIPT."
_VALUES = "Pass values as KEYS and ARGV instead of writing them into the text of the script, and call it by EVALSHA."


def judge(
    _server: Facts, facts: Facts, *, min_calls: float = 1_000, share: float = 0.5, many_scripts: float = 500
) -> Iterator[Flaw]:
    """Compare the calls with and without the text."""
    sent = called(facts, "eval", "eval_ro")
    known = called(facts, "evalsha", "evalsha_ro", "fcall", "fcall_ro")
    if sent < min_calls or sent < share * (sent + known):
        return
    kept = facts.counter("number_of_cached_scripts")
    differing = kept is not None and kept >= many_scripts
    advice = _VALUES if differing else _SHA
    yield Flaw(
        title=f"{sent:,} scripts were sent with their text, {known:,} were called by a name",
        severity=Severity.MEDIUM if differing else Severity.LOW,
        evidence=(
            Evidence(name="calls with the text", value=sent, unit="calls", probe="info"),
            Evidence(name="calls without it", value=known, unit="calls", probe="info"),
            Evidence(name="scripts that the server keeps", value=kept, unit="scripts", probe="info"),
            Evidence(name="their memory", value=facts.counter("used_memory_scripts"), unit="bytes", probe="info"),
        ),
        impact=Impact(risk="scripts fill the memory" if differing else None),
        explanation=(
            f"{sent:,} of {sent + known:,} scripts came with their whole text"
            + (f"; the server keeps {kept:,.0f} different ones." if kept is not None else ".")
        ),
        recommendation=advice,
        operations=(ChangeApplication(topic="script-text", subject="eval", instruction=advice),),
    )
