"""One package per engine family: the only code that opens a connection to a target."""
