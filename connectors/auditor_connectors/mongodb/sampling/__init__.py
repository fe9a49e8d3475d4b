"""What collections hold, by a bounded sample: shapes, shares and lengths.

Values of documents are looked at in this package and nowhere else, and none leaves it: what it returns are the names of
fields, and numbers. A name that is itself a value (an id or an address as a key) is told as ``*``.
"""
