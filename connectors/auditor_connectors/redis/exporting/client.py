"""Bash around redis-cli: a file per step, and a shell program that runs them in order."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files as resources

from auditor.exporting.program import INTERRUPTIBLE, Runner, program
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, header
from auditor_connectors.redis.recipes.batches import MARK

_RUNNER = Runner(
    program="redis-cli",
    place="server",
    about="Where the server is, URL says in the environment.",
    settings=("REDIS_CLI=${REDIS_CLI:-redis-cli}", "export REDIS_CLI"),
    client='(cd "$folder" && BASH_ENV=./connect.bash bash "$1" </dev/null)',
    identify='client "$folder/identify.bash"',
    suffix="bash",
    mark="#",
    true="true",
    busy=("^LOADING ", "^BUSY ", "^MASTERDOWN ", "^TRYAGAIN ", "^CLUSTERDOWN "),
)

_IDENTIFY = """\
# A checksum of where the server is: it has no number of its own that outlives a restart.
redis-cli PING >/dev/null || exit 1
printf '%s ' "${url_options[@]}" | cksum
"""


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the files of the steps, of what tells that they are done, of the ways back, the program and its page."""
    connect = resources(__package__).joinpath("connect.bash").read_text(encoding="utf-8")
    files = {
        "README.md": readme(worklist, _USAGE, lambda entry: f"steps/{entry.name}.bash"),
        "run.sh": program(_RUNNER),
        "connect.bash": ExportedFile(text=connect),
        "identify.bash": ExportedFile(text=_IDENTIFY),
    }
    for entry in worklist.entries:
        files[f"steps/{entry.name}.bash"] = ExportedFile(text=_step(entry, dialect))
        files[f"rollback/{entry.name}.bash"] = ExportedFile(text=_way_back(entry, dialect))
        if entry.by_hand and entry.step.precondition is not None:
            files[f"before/{entry.name}.bash"] = ExportedFile(text=_joined(_precondition(entry, dialect)))
        if entry.step.verify is not None:
            files[f"done/{entry.name}.bash"] = ExportedFile(text=_joined("(", entry.step.verify, ") && echo true"))
    return files


def _step(entry: Entry, dialect: Dialect) -> str:
    step = entry.step
    lines = [f"# {line}" for line in header(entry, f"rollback/{entry.name}.bash")]
    if any(statement.startswith(MARK) for statement in step.statements):
        lines.append(f"# {INTERRUPTIBLE}")
    lines += ["", "set -e"]
    if step.precondition is not None and not entry.by_hand:
        lines.append(_precondition(entry, dialect))
    lines += step.statements
    if step.verify is not None:
        lines.append(dialect.demand(step.verify, f"the verification of {step.id} does not hold: {entry.title}"))
    return _joined(*lines)


def _precondition(entry: Entry, dialect: Dialect) -> str:
    message = f"the precondition of {entry.step.id} does not hold: {entry.title}"
    return dialect.demand(entry.step.precondition or "true", message)


def _way_back(entry: Entry, dialect: Dialect) -> str:
    return _joined(f"# Takes back step {entry.number}: {entry.title}", "", "set -e", *_back(entry, dialect))


def _back(entry: Entry, dialect: Dialect) -> Iterable[str]:
    if entry.is_final:
        return [dialect.demand("false", f"nothing takes this back: {entry.title}")]
    if entry.by_hand:
        message = f"people take it back, then ./run.sh untick {entry.number}: {entry.title}"
        return [dialect.demand("false", message)]
    return entry.step.rollback or ["# There is nothing to take back."]


def _joined(*lines: str) -> str:
    return "\n".join(lines) + "\n"


_USAGE = """
Say where the server is by its URL in the environment: `URL=redis://user:password@host:6379/`, the primary itself and
not a sentinel, with an account that may do what the steps do; of a cluster any of its servers. Where keys move,
`TARGET_URL` names the other server. `REDIS_CLI` names the program, if it is not `redis-cli`: it must be of version 7.0
or later (`valkey-cli` will do); the server may be older. Then `./run.sh` runs what has not run, one step after the
other, and stops where a precondition or a verification does not hold. What it did stands in `journal`, a file beside
it: keep it.

Work in batches can be interrupted at any time; the next run goes on. `REST` says how many seconds it rests after a
batch. Where the server is loading its data or runs a script, it waits and tries again: `TRIES`, `PAUSE` (seconds) and
`JOURNAL` in the environment change how.

Where people act, it stops. When that is done: `./run.sh tick STEP`, then run it again. `./run.sh status` lists the
steps; `./run.sh rollback STEP` takes back everything from the last step to that one, `./run.sh rollback all`
everything. Each file can also be run alone: `BASH_ENV=./connect.bash bash steps/….bash`; those below `done` print true
when a step is done.
"""

FORMAT = ExportFormat(
    name="redis-cli",
    purpose="files for redis-cli, and a program that runs them in order",
    write=write,
    many_servers=True,
)
