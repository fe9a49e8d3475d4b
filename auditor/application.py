"""What the commands do: settle the settings, collect, audit, write, judge. The command line only reads and prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from auditor.baseline import Baseline, read_baseline
from auditor.config import AuditConfig, Config, read_config, resolve_target
from auditor.connector import CollectOptions, Connector
from auditor.errors import AuditorError, UsageError
from auditor.gates import Gates, judge
from auditor.model.report import Audit
from auditor.model.snapshot import ProbeResult, Snapshot
from auditor.model.vocabulary import Severity
from auditor.outputs import Output, parse_outputs, write_outputs
from auditor.pipeline import Selection, audit_snapshot
from auditor.registry import load_connectors
from auditor.storage import read_snapshot
from auditor.target import Target

Update = Callable[[str, str, int, int], None]


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
        """The options of collecting."""
        defaults = CollectOptions()
        return CollectOptions(
            statement_timeout=self.audit.statement_timeout or defaults.statement_timeout,
            lock_timeout=self.audit.lock_timeout or defaults.lock_timeout,
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
            UsageError: the configured severity does not exist.

        """
        try:
            fail_on = Severity(self.audit.fail_on) if self.audit.fail_on else None
        except ValueError as error:
            raise UsageError(f"no severity is called {self.audit.fail_on!r}", f"use {', '.join(Severity)}") from error
        return Gates(
            fail_on=fail_on,
            fail_new=self.audit.fail_new,
            min_score=self.audit.min_score,
            min_coverage=self.audit.min_coverage,
        )

    def baseline(self) -> Baseline:
        """The accepted risks.

        Raises:
            UsageError: the file cannot be read.

        """
        return read_baseline(Path(self.audit.baseline)) if self.audit.baseline else Baseline()


class AuditRequest(Struct, frozen=True, kw_only=True):
    """What ``auditor audit`` was asked."""

    target: str
    settings: Settings
    erd: bool = False
    all_databases: bool = False
    slow_log: Path | None = None


class AuditDone(Struct, frozen=True, kw_only=True):
    """One audit with its files, the exit status that it earns, and the gates that failed."""

    audit: Audit
    written: tuple[Path, ...]
    to_stdout: bool
    status: int
    failures: tuple[str, ...]


def connector_of(target: Target) -> Connector:
    """Return the connector for a target's scheme (the target's parser has made sure that there is one)."""
    return next(found for found in load_connectors().values() if target.scheme in found.schemes)


def collect_target(target: Target, options: CollectOptions, update: Update) -> Snapshot:
    """Collect a snapshot, telling the progress.

    Raises:
        UnreachableError: the server cannot be reached or refuses the login.

    """

    def step(probe: ProbeResult, number: int, total: int) -> None:
        update("probe", probe.probe, number, total)

    return connector_of(target).collect(target, options, step)


def run_audits(request: AuditRequest, update: Update, say: Callable[[str], None]) -> Iterator[AuditDone]:
    """Carry out a request: one audit, or one for each database of the server.

    Everything that can be wrong with the request is found before the server is asked anything.

    Raises:
        AuditorError: the request is wrong, the target cannot be reached, or a file cannot be written.

    """
    settings, gates, baseline = request.settings, request.settings.gates, request.settings.baseline()
    outputs = parse_outputs(settings.audit.output, settings.folder)
    for snapshot, name in _snapshots(request, update, say):
        audit = audit_snapshot(
            snapshot,
            settings.selection,
            baseline,
            diagram=request.erd,
            progress=lambda check, number, total: update("check", check, number, total),
        )
        here = [_below(output, name) for output in outputs] if name else outputs
        written = write_outputs(audit, here)
        status, failures = judge(audit, gates)
        yield AuditDone(
            audit=audit,
            written=tuple(written),
            to_stdout=any(output.path is None for output in outputs),
            status=status,
            failures=tuple(failures),
        )


def _snapshots(
    request: AuditRequest, update: Update, say: Callable[[str], None]
) -> Iterator[tuple[Snapshot, str | None]]:
    """Yield each snapshot with the database's name when there may be several."""
    if "://" not in request.target and request.target not in request.settings.config.targets:
        path = Path(request.target)
        if path.is_file():
            yield read_snapshot(path), None
            return
        if path.suffix in (".json", ".gz", ".zst"):
            raise UsageError(f"there is no file {request.target}", "collect one with: auditor collect TARGET -o FILE")
    target = request.settings.target(request.target)
    if "://" in request.target and target.secrets:
        say("note: a password in an argument is visible in the process list; env:VARIABLE is not")
    options = request.settings.collect_options(request.slow_log)
    if not request.all_databases:
        yield collect_target(target, options, update), None
        return
    if any(specification.endswith(":-") for specification in request.settings.audit.output):
        raise UsageError("standard output cannot hold the reports of several databases", "name files instead")
    for name in connector_of(target).databases(target, options):
        try:
            yield collect_target(target.with_database(name), options, update), name
        except AuditorError as error:
            say(f"{name}: {error.message}")


def _below(output: Output, database: str) -> Output:
    """Place a database's report in a folder of its own name."""
    if output.path is None:
        return output
    folder = "".join(character if character.isalnum() or character in "-_." else "_" for character in database)
    return Output(format=output.format, path=output.path.parent / (folder.strip(".") or "_") / output.path.name)
