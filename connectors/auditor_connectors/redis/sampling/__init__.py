"""The sample of the keys: which are looked at, and the patterns of their names."""
