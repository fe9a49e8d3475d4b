"""Checks of the pillar integrity."""
