"""Checks of the pillar modelling."""
