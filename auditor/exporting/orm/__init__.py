"""From a plan to the application's models: what an object-relational mapper has to be told at each deploy point.

Nothing is read from the database: columns, keys and references are those of the plan's shapes, names of new objects
those of its statements. What the report does not hold (indexes and constraints that were there before, names that the
team has given) is left to the team's own models, and the files say so.
"""
