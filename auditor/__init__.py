"""Audit a running database from measurements and plan its re-architecture without downtime."""

__version__ = "0.1.0"
