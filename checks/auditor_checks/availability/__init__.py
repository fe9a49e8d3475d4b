"""Checks of the pillar availability and recovery."""
