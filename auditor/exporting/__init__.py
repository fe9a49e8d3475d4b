"""From a plan to the files that teams run: one function per format, all fed by the same list of steps.

What an engine's own programs run, its connector writes; here are the formats of migration tools that serve many
engines. Nothing here opens a connection.
"""
