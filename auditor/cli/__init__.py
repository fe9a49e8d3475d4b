"""The command line: thin, no logic. Errors that a user can act on become one line and the documented exit status."""

from __future__ import annotations

import gc
import os
import signal
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from auditor.cli.console import report_error
    from auditor.errors import AuditorError
    from auditor.gates import FAULT, INTERRUPTED
    from auditor.outputs import discard_stdout

    # A run is short and nearly all that it makes lives until its end: looking for garbage would only cost time.
    gc.disable()
    stopped: list[int] = []

    def stop(number: int, _frame: object) -> None:
        """End like an interruption: the statement at work is cancelled, and nothing is left half done."""
        stopped.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        status = _run()
    except AuditorError as error:
        status = report_error(error.message, error.hint, error.status)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except OSError as error:  # of the system, not of ours: standard output that is full, for instance
        place = f"{error.filename}: " if error.filename else ""
        status = report_error(f"the system refuses: {place}{error.strerror or error}", "", FAULT)
        discard_stdout()
    except MemoryError:
        status = report_error("there is not enough memory", "audit one database at a time", FAULT)
    except Exception as error:  # noqa: BLE001 -- a traceback may hold a secret and helps no user
        status = _unexpected(error)
    if status == INTERRUPTED:
        status = report_error("interrupted", "", 128 + stopped[0] if stopped else INTERRUPTED)
    sys.exit(status)


def _run() -> int:
    """Run the command and return its status."""
    from auditor.cli.app import app
    from auditor.gates import DONE
    from auditor.outputs import write_stdout

    try:
        result = app(standalone_mode=False)
    except SystemExit as error:
        # The command line library leaves so when the reader of its help went away (as `| head` does).
        if isinstance(error.__context__, BrokenPipeError):
            return DONE
        raise
    if sys.stdout is not None:
        write_stdout(b"")  # what the library itself has printed may still be on its way
    return result if isinstance(result, int) else DONE


def _unexpected(error: BaseException) -> int:
    import traceback

    from auditor.cli.console import report_error, show
    from auditor.gates import FAULT
    from auditor.target import scrub

    kind = type(error).__name__
    if hasattr(error, "format_message"):  # the command line library's own usage errors
        context = getattr(error, "ctx", None)
        if kind == "NoArgsIsHelpError" and context is not None:
            show(context.get_help())
            return FAULT
        command = context.command_path if context is not None else "auditor"
        return report_error(scrub(str(error.format_message())), f"see: {command} --help", FAULT)
    if kind == "Abort" and error.__cause__ is not None:  # what the library makes of an unexpected end of a file
        error = error.__cause__
        kind = type(error).__name__
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 -- a name for people, not a path to open
    return report_error(
        f"auditor itself failed: {kind} at {where}: {scrub(str(error))}", "please report this as a bug", FAULT
    )
