"""The shape of an operation: its text without a single value, and what it asks of the collections that it reads."""
