"""What the connectors have in common that have no server to rehearse on or to show."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from auditor.connector import RehearsalOptions
from auditor.errors import UsageError
from auditor.model.plan import Plan
from auditor.model.proof import Proof


class WithoutRehearsal:
    """Refuses what a connector may leave out, and says beforehand that it does."""

    title: str
    demonstrates = False
    rehearses = False

    def rehearse(  # the protocol names the arguments
        self,
        plan: Plan,  # noqa: ARG002
        options: RehearsalOptions,  # noqa: ARG002
        tell: Callable[[str], None],  # noqa: ARG002
    ) -> Proof:
        """Refuse: ``rehearses`` says that it cannot be asked.

        Raises:
            UsageError: always.

        """
        raise UsageError(f"plans for {self.title} cannot be rehearsed")

    def demo(self, tell: Callable[[str], None] | None = None) -> AbstractContextManager[str]:  # noqa: ARG002
        """Refuse: ``demonstrates`` says that it cannot be asked.

        Raises:
            UsageError: always.

        """
        raise UsageError(f"there is no demonstration for {self.title}")
