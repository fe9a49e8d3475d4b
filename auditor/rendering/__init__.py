"""From an audit to files: one function per format, all fed by the same result.

Renderers only format. Whatever a report states was decided before: nothing here judges, measures or asks a database,
and nothing here knows an engine by name. Each renderer is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from msgspec import Struct

from auditor.errors import UsageError
from auditor.model.report import Audit
from auditor.suggest import nearest


class Rendered(Struct, frozen=True, kw_only=True):
    """A report as bytes, and the files that must lie beside it, by name."""

    main: bytes
    beside: Mapping[str, bytes] = {}


class Format(Struct, frozen=True, kw_only=True):
    """A format: its name on the command line, the suffix of its file, what it is for, and where it is made."""

    name: str
    suffix: str
    purpose: str
    module: str

    @property
    def render(self) -> Callable[[Audit, str], Rendered]:
        """The renderer: takes the audit and the stem of the file's name."""
        renderer: Callable[[Audit, str], Rendered] = import_module(self.module).render
        return renderer


_FORMATS = (
    Format(
        name="html", suffix=".html", purpose="one page to read, print and attach", module="auditor.rendering.to_html"
    ),
    Format(name="md", suffix=".md", purpose="a page for a forge or a wiki", module="auditor.rendering.to_markdown"),
    Format(name="json", suffix=".json", purpose="everything, for programs", module="auditor.rendering.to_json"),
    Format(name="sarif", suffix=".sarif", purpose="findings for code scanning", module="auditor.rendering.to_sarif"),
    Format(name="junit", suffix=".xml", purpose="checks as test cases for CI", module="auditor.rendering.to_junit"),
)
FORMATS: Mapping[str, Format] = {form.name: form for form in _FORMATS}
"""Every format by its name on the command line."""


def render(audit: Audit, name: str, stem: str = "report") -> Rendered:
    """Render an audit. ``stem`` is the file's name without its suffix, for formats that refer to a file beside them.

    Raises:
        UsageError: there is no such format; the message offers the nearest name.

    """
    if name not in FORMATS:
        raise UsageError(f"no report format is called {name!r}", nearest(name, FORMATS))
    return FORMATS[name].render(audit, stem)


def read_report(data: bytes, name: str = "the file") -> Audit:
    """Read an audit back from a JSON report, or from the JSON inside an HTML report.

    Raises:
        UsageError: the data is corrupt, of another kind or of another version; the message says which.

    """
    from auditor.rendering.reading import decode_report

    return decode_report(data, name)
