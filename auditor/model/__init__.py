"""The records that flow from a connector to a report: frozen, typed, JSON in and JSON out.

Nothing in this package performs input or output and nothing knows an engine by name.
"""
