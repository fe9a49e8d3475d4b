"""The command line: thin, no logic. Errors that a user can act on become one line and the documented exit status."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line and leave with its exit status."""
    from auditor.cli.app import app
    from auditor.cli.console import report_error
    from auditor.errors import AuditorError
    from auditor.gates import DONE, FAULT, INTERRUPTED

    try:
        result = app(standalone_mode=False)
        status = result if isinstance(result, int) else DONE
    except AuditorError as error:
        status = report_error(error.message, error.hint, error.status)
    except KeyboardInterrupt:
        status = report_error("interrupted", "", INTERRUPTED)
    except BrokenPipeError:
        # The reader of our standard output went away (as `| head` does): not our failure, and nothing to print to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = DONE
    except MemoryError:
        status = report_error("there is not enough memory", "audit one database at a time", FAULT)
    except Exception as error:  # noqa: BLE001 -- a traceback may hold a secret and helps no user
        status = _unexpected(error)
    sys.exit(status)


def _unexpected(error: Exception) -> int:
    import traceback

    from auditor.cli.console import report_error
    from auditor.gates import FAULT
    from auditor.target import scrub

    kind = type(error).__name__
    if hasattr(error, "format_message"):  # click's own usage errors
        return report_error(scrub(str(error.format_message())), "see: auditor --help", FAULT)
    if kind in ("Abort", "Exit"):
        return int(getattr(error, "exit_code", FAULT))
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(frame.filename)}:{frame.lineno}"  # noqa: PTH119 -- a name for people, not a path to open
    return report_error(
        f"auditor itself failed: {kind} at {where}: {scrub(str(error))}", "please report this as a bug", FAULT
    )
