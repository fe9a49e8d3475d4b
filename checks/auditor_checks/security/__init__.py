"""Checks of the pillar security and compliance."""
