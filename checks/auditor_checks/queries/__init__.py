"""Checks of the pillar queries."""
