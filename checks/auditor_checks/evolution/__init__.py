"""Checks of the pillar evolution (migration readiness)."""
