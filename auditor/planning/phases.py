"""What each phase is for, and what must be true before the next one begins."""

from __future__ import annotations

from collections.abc import Mapping

from auditor.model.vocabulary import Phase

GOALS: Mapping[Phase, str] = {
    Phase.PREPARE: "See what happens, make room, and end what endangers the rest of the plan.",
    Phase.EXPAND: "Add what is missing beside what is there. Nothing that runs today changes.",
    Phase.BACKFILL: "Fill in what was added and prove that what is there agrees with it.",
    Phase.SWITCH: "Let the new take over, one short step at a time, each with its way back.",
    Phase.CONTRACT: "Remove what nothing uses any more.",
    Phase.REARCHITECT: "Change the layout and the surroundings, each as a project with its own rehearsal.",
}

EXIT_CRITERIA: Mapping[Phase, str] = {
    Phase.PREPARE: "Every verification returns true, a restore from backup was tried, and alarms fire.",
    Phase.EXPAND: "Every verification returns true, a schema comparison shows additions only, and error rate and "
    "response times stayed within 5% for a day.",
    Phase.BACKFILL: "Every verification returns true, nothing is left to fill, and replicas have caught up.",
    Phase.SWITCH: "Every verification returns true, the application runs without errors for the agreed days, a month's "
    "end among them, and the way back was not needed.",
    Phase.CONTRACT: "Every verification returns true. Before each step that cannot be undone: a written approval and a "
    "fresh backup.",
    Phase.REARCHITECT: "The rehearsal's certificate is less than a week old, and the way back stays open until the "
    "new layout has run for the agreed days.",
}
