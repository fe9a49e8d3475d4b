"""Recipes for validators: first the server tells of documents that break a rule, then it refuses them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bson import json_util

from auditor.connector import Draft
from auditor.model.catalog import Key
from auditor.model.facts import Facts
from auditor.model.operation import SetValidator
from auditor.model.vocabulary import Phase
from auditor_connectors.drafting import application
from auditor_connectors.mongodb.javascript import collection, document
from auditor_connectors.mongodb.recipes import estimates
from auditor_connectors.mongodb.recipes.conditions import has_options, infos, none_match
from auditor_connectors.mongodb.recipes.steps import RETRY, change, command, draft

COUNTED = 1000
"""How many violations are counted at most: whether it is a few or many is what matters."""

_LOG = (
    "The log tells of each document that breaks the rule ('Document would fail validation', id 20294), with the "
    "document in it: see who may read the log."
)


def set_validator(operation: SetValidator, facts: Facts) -> Iterator[Draft]:
    """Warn, find and mend what breaks the rule, refuse new violations, and at last refuse all."""
    key = (operation.schema, operation.table)
    path = ".".join(key)
    rule, before = json_util.loads(operation.rule), _present(operation, facts, key)
    breaks = {"$nor": [rule]}
    table = facts.table(key)
    # Where a stricter rule is in force already, it must not be lifted for the time of the warnings.
    yield _set(
        key,
        Phase.EXPAND,
        f"Let the log tell of documents of {path} that break the rule",
        _options(rule, "moderate", "warn"),
        before,
        shown=("validator",),
        notes=(_LOG, *((_LIFTED,) if before is None or before["validator"] else ())),
    )
    yield draft(
        Phase.BACKFILL,
        f"Count the documents of {path} that break the rule",
        f"{collection(key)}.countDocuments({document(breaks)}, {{limit: {COUNTED}}})",
        verify=none_match(key, breaks),
        takes=estimates.scan(table),
        notes=(
            (
                f"It counts {COUNTED} at most. Mend them by what the application knows of them, a type by a change of "
                "type; then run this again. Or say that the rule is too strict."
            ),
            f"Which they are: {collection(key)}.find({document(breaks)}, {{_id: 1}}).limit(10)",
        ),
    )
    yield application(
        Phase.BACKFILL,
        f"Write no more documents to {path} that break the rule",
        "Watch the log for as long as the rarest writer (a monthly job, an import) takes to come by.",
        kind="other",
        objects=(path,),
    )
    yield _set(
        key,
        Phase.SWITCH,
        f"Refuse new documents of {path} that break the rule",
        _options(rule, "moderate", "error"),
        _options(rule, "moderate", "warn"),
        shown=("validator", "validationAction"),
        notes=("Documents that break it already can still be updated: level moderate.",),
    )
    yield _set(
        key,
        Phase.CONTRACT,
        f"Refuse every write to {path} that breaks the rule",
        _options(rule, "strict", "error"),
        _options(rule, "moderate", "error"),
        precondition=none_match(key, breaks),
    )


_NOTE = "Another rule is in force now. Keep it for the way back: {}"
_LIFTED = "The present rule gives way to this one, which only warns at first: keep that time short."


def _present(operation: SetValidator, facts: Facts, key: Key) -> Mapping[str, Any] | None:
    """The options that are in force now, None where a rule is and nobody says which."""
    table = facts.table(key)
    found = table.documents.validator if table is not None and table.documents is not None else None
    if found is None:
        return _options({}, "strict", "error")
    if operation.previous is None:
        return None
    return _options(json_util.loads(operation.previous), found.level, found.action)


def _options(rule: Mapping[str, Any], level: str, action: str) -> Mapping[str, Any]:
    return {"validator": rule, "validationLevel": level, "validationAction": action}


def _set(
    key: Key,
    phase: Phase,
    title: str,
    options: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    *,
    shown: Collection[str] = ("validator", "validationLevel", "validationAction"),
    precondition: str | None = None,
    notes: tuple[str, ...] = (),
) -> Draft:
    """Draft one setting of the options; ``shown`` are those by which it is done, though a later step went further."""
    return change(
        phase,
        title,
        command(key, "collMod", options),
        verify=has_options(key, {name: options[name] for name in shown}),
        precondition=precondition,
        rollback=() if before is None else (command(key, "collMod", before),),
        reversible=before is not None,
        notes=(*notes, *((_NOTE.format(infos(key)),) if before is None else ()), RETRY),
    )
