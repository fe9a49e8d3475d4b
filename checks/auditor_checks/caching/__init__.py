"""Checks of the pillar caching."""
