"""Checks of the pillar capacity and scaling."""
