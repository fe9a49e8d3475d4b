"""Checks of the pillar indexing."""
