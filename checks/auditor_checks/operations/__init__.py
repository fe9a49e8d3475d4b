"""Checks of the pillar operations and observability."""
