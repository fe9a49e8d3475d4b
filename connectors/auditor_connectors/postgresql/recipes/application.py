"""The recipe for what only the application's code can change."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.connector import Draft
from auditor.model.facts import Facts
from auditor.model.operation import ChangeApplication
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application


def change_application(operation: ChangeApplication, facts: Facts) -> Iterator[Draft]:
    """Say what has to change, and where."""
    topic = operation.topic.replace("-", " ")
    yield application(
        Phase.SWITCH,
        f"Change the application: {topic} ({operation.subject})",
        operation.instruction,
        "Deploy it to a part of the instances first, and compare their errors and response times with the others'.",
    )
