"""What the commands do: settle the settings, collect, audit, write, judge. The command line only reads and prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct
from msgspec.structs import replace

from auditor.baseline import Baseline, assessed_by, day_of, read_baseline
from auditor.calibrating import read_calibration
from auditor.config import AuditConfig, Config, read_config, resolve_target
from auditor.connector import CollectOptions, Connector
from auditor.errors import AuditorError, UsageError
from auditor.gates import FAULT, Gates, judge
from auditor.model.calibration import Calibration
from auditor.model.report import Audit
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import Severity
from auditor.outputs import Output, check_outputs, parse_outputs, write_outputs
from auditor.pipeline import Selection, audit_snapshot, select
from auditor.registry import load_checks, load_connectors
from auditor.storage import read_snapshot
from auditor.suggest import nearest
from auditor.target import Target
from auditor.text import count

Update = Callable[[str, str, int, int], None]
Say = Callable[[str], None]


class Settings(Struct, frozen=True, kw_only=True):
    """The settings in force: the command line's where given, else the configuration file's, else the defaults."""

    config: Config = Config()
    audit: AuditConfig = AuditConfig()
    folder: Path | None = None

    @classmethod
    def merge(cls, path: Path | None, **flags: object) -> Settings:
        """Lay the flags that were given over the configuration file.

        Raises:
            UsageError: the file is wrong.

        """
        config = read_config(path)
        given = {name: value for name, value in flags.items() if value is not None and value != []}
        return cls(config=config, audit=replace(config.audit, **given))

    def target(self, text: str) -> Target:
        """Resolve a TARGET argument."""
        return resolve_target(text, self.config)

    def collect_options(self, slow_log: Path | None) -> CollectOptions:
        """The options of collecting.

        Raises:
            UsageError: a timeout or the time budget is not above zero.

        """
        defaults, audit = CollectOptions(), self.audit
        for name, value in (("statement", audit.statement_timeout), ("lock", audit.lock_timeout)):
            if value is not None and not 0.001 <= value <= 2_000_000:  # what servers can count in milliseconds
                raise UsageError(f"the {name} timeout is {value:g} s: it must be from 0.001 to 2000000 s")
        if audit.time_budget is not None and not audit.time_budget > 0:
            raise UsageError(f"the time budget is {audit.time_budget:g} s: it must be above zero")
        return CollectOptions(
            statement_timeout=audit.statement_timeout or defaults.statement_timeout,
            lock_timeout=audit.lock_timeout or defaults.lock_timeout,
            time_budget=audit.time_budget or defaults.time_budget,
            sample=audit.sample,
            slow_log=slow_log,
        )

    @property
    def selection(self) -> Selection:
        """Which checks run, with which limits."""
        return Selection(only=tuple(self.audit.only), skip=tuple(self.audit.skip), limits=self.config.limits)

    @property
    def gates(self) -> Gates:
        """The thresholds.

        Raises:
            UsageError: a severity does not exist, or a number is out of its range.

        """
        audit = self.audit
        if audit.fail_on and audit.fail_on not in list(Severity):
            raise UsageError(f"no severity is called {audit.fail_on!r}", nearest(audit.fail_on, Severity))
        for name, value, highest in (("score", audit.min_score, 100), ("coverage", audit.min_coverage, 1)):
            if value is not None and not 0 <= value <= highest:
                raise UsageError(f"the minimum {name} is {value:g}: it must be from 0 to {highest}")
        return Gates(
            fail_on=Severity(audit.fail_on) if audit.fail_on else None,
            fail_new=audit.fail_new,
            min_score=audit.min_score,
            min_coverage=audit.min_coverage,
        )

    def baseline(self) -> Baseline:
        """The accepted risks.

        Raises:
            UsageError: the file cannot be read.

        """
        return read_baseline(Path(self.audit.baseline)) if self.audit.baseline else Baseline()

    def calibration(self) -> Calibration | None:
        """What estimates rest on, None for the engine's default.

        Raises:
            UsageError: the file is no proof, or holds no calibration.

        """
        return read_calibration(Path(self.audit.calibration)) if self.audit.calibration else None


class AuditRequest(Struct, frozen=True, kw_only=True):
    """What ``auditor audit`` was asked."""

    target: str
    settings: Settings
    erd: bool = False
    all_databases: bool = False
    slow_log: Path | None = None


class AuditDone(Struct, frozen=True, kw_only=True):
    """One audit with its files, the exit status that it earns, the gates that failed, and what could not be written."""

    audit: Audit
    snapshot: Snapshot
    written: tuple[Path, ...]
    to_stdout: bool
    status: int
    failures: tuple[str, ...]
    errors: tuple[AuditorError, ...] = ()


class AuditFailed(Struct, frozen=True, kw_only=True):
    """A database, one of several, that could not be audited."""

    database: str
    error: AuditorError


def connector_of(target: Target) -> Connector:
    """Return the connector for a target's scheme (the target's parser has made sure that there is one)."""
    return next(found for found in load_connectors().values() if target.scheme in found.schemes)


def find_target(text: str, settings: Settings, say: Say) -> Target:
    """Resolve a TARGET argument, and warn of a password in it.

    Raises:
        UsageError: it is no target, or a malformed one.

    """
    target = settings.target(text)
    if "://" in text and target.secrets:
        say("note: a password in an argument is visible in the process list; env:VARIABLE is not")
    return target


def collect_target(target: Target, options: CollectOptions, update: Update) -> Snapshot:
    """Collect a snapshot, telling the progress.

    Raises:
        UnreachableError: the server cannot be reached or refuses the login.

    """

    def step(probe: ProbeResult, number: int, total: int) -> None:
        update("probe", probe.probe, number, total)

    return connector_of(target).collect(target, options, step)


def run_audits(request: AuditRequest, update: Update, say: Say) -> Iterator[AuditDone | AuditFailed]:
    """Carry out a request: one audit, or one for each database of the server.

    Everything that can be wrong with the request is found before the server is asked anything.

    Raises:
        AuditorError: the request is wrong, or the only target cannot be reached.

    """
    settings, gates, baseline = request.settings, request.settings.gates, request.settings.baseline()
    calibration = settings.calibration()
    select(load_checks(), settings.selection)
    outputs = parse_outputs(settings.audit.output, settings.folder)
    check_outputs(outputs)
    if request.all_databases and settings.config.operations:
        say("note: the operations of auditor.toml are planned when one database is audited: they are left out here")
    for found in _snapshots(request, update, say):
        if isinstance(found, AuditFailed):
            yield found
            continue
        audit = audit_snapshot(
            found.snapshot,
            settings.selection,
            baseline,
            wishes=() if request.all_databases else settings.config.operations,
            calibration=calibration,
            diagram=request.erd,
            progress=lambda check, number, total: update("check", check, number, total),
        )
        _warn_of_stale(baseline, audit, say)
        here = [_below(output, found.database) for output in outputs] if found.database is not None else outputs
        written, errors = write_outputs(audit, here)
        status, failures = judge(audit, gates)
        yield AuditDone(
            audit=audit,
            snapshot=found.snapshot,
            written=tuple(written),
            to_stdout=any(output.path is None for output in outputs),
            status=FAULT if errors else status,
            failures=tuple(failures),
            errors=tuple(errors),
        )


class _Found(Struct, frozen=True, kw_only=True):
    """A snapshot, with its database's name when there may be several."""

    snapshot: Snapshot
    database: str | None = None


def _snapshots(request: AuditRequest, update: Update, say: Say) -> Iterator[_Found | AuditFailed]:
    path = _snapshot_file(request)
    if path is not None:
        yield _Found(snapshot=read_snapshot(path))
        return
    options = request.settings.collect_options(request.slow_log)
    target = find_target(request.target, request.settings, say)
    if not request.all_databases:
        yield _Found(snapshot=collect_target(target, options, update))
        return
    if any(specification.endswith(":-") for specification in request.settings.audit.output):
        raise UsageError("standard output cannot hold the reports of several databases", "name files instead")
    for name in connector_of(target).databases(target, options):
        try:
            yield _Found(snapshot=collect_target(target.with_database(name), options, update), database=name)
        except AuditorError as error:
            yield AuditFailed(database=name, error=error)


def _snapshot_file(request: AuditRequest) -> Path | None:
    """Return the snapshot that TARGET names, None when it names something to connect to.

    Raises:
        UsageError: it looks like a file and is none, or options that need a connection were given.

    """
    if "://" in request.target or request.target in request.settings.config.targets or not request.target:
        return None
    path = Path(request.target)
    if path.is_dir():
        raise UsageError(f"{path} is a folder, not a snapshot", "name a file that auditor collect wrote")
    if not path.exists():
        if path.suffix in (".json", ".gz", ".zst"):
            raise UsageError(f"there is no file {path}", "collect one with: auditor collect TARGET -o FILE")
        return None
    if request.all_databases:
        raise UsageError(f"--all-databases needs a server, and {path} is a file", "name a URL")
    if request.slow_log:
        raise UsageError(
            f"the log is read when collecting, and {path} is a snapshot", "use: auditor collect --slow-log"
        )
    return path


def _warn_of_stale(baseline: Baseline, audit: Audit, say: Say) -> None:
    expired, unused = baseline.stale(audit.findings, day_of(audit), assessed_by(audit))
    if expired:
        say(f"note: {count(len(expired), 'entry', 'entries')} of the baseline expired: the findings count again")
    if unused:
        number = count(len(unused), "entry fits", "entries fit")
        say(f"note: {number} no finding any more: auditor baseline prune drops what is no longer needed")


def _below(output: Output, database: str) -> Output:
    """Place a database's report in a folder of its own name; no two names share a folder."""
    if output.path is None:
        return output
    folder = "".join(letter if letter.isalnum() or letter in "-_." else quote(letter, safe="") for letter in database)
    folder = "%2E" + folder[1:] if folder.startswith(".") else folder
    return Output(format=output.format, path=output.path.parent / folder / output.path.name)
