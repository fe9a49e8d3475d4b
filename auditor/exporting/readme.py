"""The README of an export: how it is used, and the steps in their order, to be ticked off."""

from __future__ import annotations

from collections.abc import Callable

from auditor.exporting.worklist import Entry, ExportedFile, Worklist, one_line
from auditor.rendering.to_markdown import code, escape, fence
from auditor.text import count, duration

_CARE = (
    "Rehearse all of it on a copy before it runs where it counts. Nothing here holds a password: say how to connect "
    "outside of these files."
)


def readme(worklist: Worklist, usage: str, file_of: Callable[[Entry], str | None]) -> ExportedFile:
    """Write the page. ``usage`` is Markdown; ``file_of`` names the file of a step, if it has one."""
    total, by_hand = len(worklist.entries), sum(entry.by_hand for entry in worklist.entries)
    lines = [
        f"# The plan for {escape(worklist.target)}",
        "",
        f"{count(total, 'step')}, of which people do {by_hand}. {_CARE}",
        *(
            ["", f"The plan's hash is {code(worklist.plan.hash)}: a rehearsal's certificate names it."]
            if worklist.plan.hash
            else []
        ),
        "",
        usage.strip(),
        "",
        "## The steps",
        "",
    ]
    seen = None
    for entry in worklist.entries:
        if entry.phase is not seen:
            lines += _end_of(seen)
            seen = entry.phase
            lines += [f"### {seen.phase.value.capitalize()}", "", escape(seen.goal), ""]
        lines += _item(entry, file_of(entry))
    lines += _end_of(seen)
    return ExportedFile(text="\n".join(lines).rstrip() + "\n")


def _end_of(phase: object) -> list[str]:
    criterion = getattr(phase, "exit_criterion", "")
    return ["", f"Go on when: {escape(criterion)}", ""] if criterion else [""] if phase is not None else []


def _item(entry: Entry, file: str | None) -> list[str]:
    step = entry.step
    facts: list[str] = [code(file)] if file else []
    if entry.by_hand:
        facts.append("**by hand**")
    elif step.blocks.value != "nothing":
        facts.append(f"blocks {step.blocks.value.replace('-', ' ')} for up to {duration(step.blocking_seconds)}")
    if step.duration_seconds is not None:
        facts.append(f"runs {duration(step.duration_seconds)}")
    if step.point_of_no_return or entry.is_final:
        facts.append("**no way back**")
    lines = [f"- [ ] {entry.number}. {escape(entry.title)} ({', '.join(facts)})"]
    if not entry.by_hand and not any(note.startswith("$ ") for note in step.notes):
        return lines
    for note in step.notes:
        lines.append(f"  - {code(one_line(note[2:])) if note.startswith('$ ') else escape(one_line(note))}")
    if step.verify:
        lines += ["  - It is done when this is true:", "", *(f"    {line}" for line in fence(step.verify).split("\n"))]
    return lines
