"""Checks of the pillar transactions."""
