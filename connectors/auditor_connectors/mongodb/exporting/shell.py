"""JavaScript for mongosh: a file per step, and a shell program that runs them in order."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.exporting.program import INTERRUPTIBLE, Runner, program
from auditor.exporting.readme import readme
from auditor.exporting.worklist import Dialect, Entry, ExportedFile, ExportFormat, Files, Worklist, header
from auditor_connectors.mongodb.recipes.batches import DEFINITION

_RUNNER = Runner(
    program="mongosh",
    place="deployment",
    about="Where the deployment is, URL says in the environment.",
    settings=("MONGOSH=${MONGOSH:-mongosh}",),
    client='"$MONGOSH" --nodb --quiet --norc --file "$folder/connect.js" --file "$1" </dev/null',
    identify='client "$folder/identify.js"',
    suffix="js",
    mark="//",
    true="true",
    busy=("exceeded time limit",),
)
"""A minute between tries: those who queue behind them wait for less than a fiftieth of the time."""

_CONNECT = """\
// Connects to the deployment that URL names in the environment, where no process list shows it.
if (!process.env.URL) throw new Error("URL is not set: mongodb://user:password@host:27017/?authSource=admin");
db = connect(process.env.URL);
"""

_IDENTIFY = """\
// The number that a deployment gives its first collection, which all members share.
print(db.getSiblingDB("admin").getCollectionInfos({name: "system.version"})[0].info.uuid.toString());
"""


def write(worklist: Worklist, dialect: Dialect) -> Files:
    """Write the files of the steps, of what tells that they are done, of the ways back, the program and its page."""
    files = {
        "README.md": readme(worklist, _USAGE, lambda entry: f"steps/{entry.name}.js"),
        "run.sh": program(_RUNNER),
        "connect.js": ExportedFile(text=_CONNECT),
        "identify.js": ExportedFile(text=_IDENTIFY),
    }
    for entry in worklist.entries:
        files[f"steps/{entry.name}.js"] = ExportedFile(text=_step(entry, dialect))
        files[f"rollback/{entry.name}.js"] = ExportedFile(text=_way_back(entry, dialect))
        if entry.by_hand and entry.step.precondition is not None:
            files[f"before/{entry.name}.js"] = ExportedFile(text=_joined(_precondition(entry, dialect)))
        if entry.step.verify is not None:
            files[f"done/{entry.name}.js"] = ExportedFile(text=_joined(f"print({entry.step.verify});"))
    return files


def _step(entry: Entry, dialect: Dialect) -> str:
    step = entry.step
    lines = [f"// {line}" for line in header(entry, f"rollback/{entry.name}.js")]
    if DEFINITION in step.statements:
        lines.append(f"// {INTERRUPTIBLE}")
    lines.append("")
    if step.verify is not None and not entry.by_hand:
        # What it looks at may not be there yet, which is an answer, too.
        lines += ["let done = false;", f"try {{ done = {step.verify}; }} catch (error) {{ print(error.message); }}"]
    body = [] if step.precondition is None or entry.by_hand else [_precondition(entry, dialect)]
    body += _ended(step.statements)
    if step.verify is not None:
        body += _ended([dialect.demand(step.verify, f"the verification of {step.id} does not hold: {entry.title}")])
    if step.verify is None or entry.by_hand:
        return _joined(*lines, *body)
    return _joined(*lines, "if (done) {", 'print("done already");', "} else {", *body, "}")


def _precondition(entry: Entry, dialect: Dialect) -> str:
    message = f"the precondition of {entry.step.id} does not hold: {entry.title}"
    return _joined(*_ended([dialect.demand(entry.step.precondition or "true", message)])).rstrip()


def _way_back(entry: Entry, dialect: Dialect) -> str:
    lines = [f"// Takes back step {entry.number}: {entry.title}", ""]
    if entry.is_final:
        return _joined(*lines, *_ended([dialect.demand("false", f"nothing takes this back: {entry.title}")]))
    if entry.by_hand:
        message = f"people take it back, then ./run.sh untick {entry.number}: {entry.title}"
        return _joined(*lines, *_ended([dialect.demand("false", message)]))
    return _joined(*lines, *(_ended(entry.step.rollback) or ["// There is nothing to take back."]))


def _ended(statements: Iterable[str]) -> list[str]:
    return [f"{statement};" for statement in statements]


def _joined(*lines: str) -> str:
    return "\n".join(lines) + "\n"


_USAGE = """
Say where the deployment is by its URL in the environment: `URL=mongodb://…`, with all members and `replicaSet`, so that
the primary is found, and with an account that may do what the steps do. `MONGOSH` names the program, if it is not
`mongosh`. Then `./run.sh` runs what has not run, one step after the other, and stops where a precondition or a
verification does not hold. What it did stands in `journal`, a file beside it: keep it.

Where a change waits too long for its lock, nothing has changed: it waits and tries again. `TRIES`, `PAUSE` (seconds)
and `JOURNAL` in the environment change how. Work in batches can be interrupted at any time; the next run goes on.

Where people act, it stops. When that is done: `./run.sh tick STEP`, then run it again. `./run.sh status` lists the
steps; `./run.sh rollback STEP` takes back everything from the last step to that one, `./run.sh rollback all`
everything. Each file can also be run alone: `mongosh "$URL" --file steps/….js`; those below `done` print true when a
step is done.
"""

FORMAT = ExportFormat(name="mongosh", purpose="files for mongosh, and a program that runs them in order", write=write)
