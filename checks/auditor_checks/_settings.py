"""Settings that should be otherwise: how a check reads them and words what it found."""

from __future__ import annotations

from auditor.model.facts import Facts
from auditor.model.finding import Evidence, Flaw, Impact, Subject, Unknown
from auditor.model.operation import SetSetting
from auditor.model.vocabulary import Confidence, Severity
from auditor_checks._words import fitting

PRODUCTS = ("mysql", "mariadb")
"""Engines whose settings have the names that the checks on InnoDB and the binary log read."""


def is_off(value: str | None) -> bool:
    """Whether a switch is off, as servers write it."""
    return value is not None and value.upper() in ("OFF", "0", "NO", "FALSE", "DISABLED")


def is_on(value: str | None) -> bool:
    """Whether a switch is on, as servers write it."""
    return value is not None and value.upper() in ("ON", "1", "YES", "TRUE")


_BROUGHT_BY = {
    "setParameter": "parameters",
    "replSetConfig": "members",
    "defaultRWConcern": "default-concerns",
}


def probe_of(name: str, facts: Facts) -> str:
    """The probe that brings a setting: one for all of them, or on engines that share them out the one of its kind."""
    if "config" in facts.probes:
        return "config"
    return "settings" if "settings" in facts.probes else _BROUGHT_BY.get(name.partition(".")[0], "options")


def evidence_of(name: str, facts: Facts) -> Evidence:
    """The value of a setting as evidence; what nobody set says so."""
    value = facts.setting(name)
    return Evidence(name=name, value="not set" if value is None else value, probe=probe_of(name, facts))


def invisible(*names: str) -> Unknown:
    """The answer where a setting is not there to be read."""
    return Unknown(reason=f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} not visible")


def setting_flaw(  # one call says all that a finding on a setting says
    facts: Facts, name: str, wanted: str, *, explanation: str, recommendation: str, risk: str,
    title: str | None = None, severity: Severity | None = None, confidence: Confidence | None = None,
    evidence: tuple[Evidence, ...] = (), restart: bool = False,
) -> Flaw:  # fmt: skip
    """The finding that a setting of the server has another value than ``wanted``, with the change as its remedy.

    ``restart``: the change waits for one. ``evidence`` is what is known beside the setting itself.
    """
    value = facts.setting(name) or ""
    return Flaw(
        subject=Subject(kind="setting", name=name),
        title=None if title is None else fitting(title),
        severity=severity,
        confidence=confidence,
        evidence=(Evidence(name=name, value=value, probe=probe_of(name, facts)), *evidence),
        impact=Impact(risk=risk),
        explanation=explanation,
        recommendation=recommendation,
        operations=(SetSetting(name=name, value=wanted, previous=value, restart=restart),),
        discriminator=name,
    )
