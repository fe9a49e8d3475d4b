"""The formats by name, and the plan written in one of them."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.connector import Connector
from auditor.errors import UsageError
from auditor.exporting import alembic, flyway, liquibase
from auditor.exporting.orm import django, sqlalchemy
from auditor.exporting.worklist import ExportFormat, Files, on_one_server, worklist_of
from auditor.model.report import Audit
from auditor.suggest import nearest

_COMMON = (alembic.FORMAT, flyway.FORMAT, liquibase.FORMAT)
_FOR_MAPPERS = (django.FORMAT, sqlalchemy.FORMAT)


def formats_of(connector: Connector) -> Mapping[str, ExportFormat]:
    """Every format in which a plan for the connector's engine can be written, by its name on the command line."""
    dialect = connector.dialect()
    common = _COMMON if dialect.served_by_tools else ()
    models = _FOR_MAPPERS if dialect.orm is not None else ()
    return {one.name: one for one in (*connector.export_formats(), *common, *models)}


def export(audit: Audit, connector: Connector, name: str) -> Files:
    """Write the plan of a report in a format.

    Raises:
        UsageError: there is no such format; the message offers the nearest name.

    """
    formats = formats_of(connector)
    if name not in formats:
        raise UsageError(f"no plan can be exported as {name!r}", nearest(name, formats))
    worklist = worklist_of(audit)
    chosen = formats[name]
    return chosen.write(worklist if chosen.many_servers else on_one_server(worklist), connector.dialect())
