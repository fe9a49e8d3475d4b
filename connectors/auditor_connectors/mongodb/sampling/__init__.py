"""What collections hold, by a bounded sample: shapes, shares and lengths.

Values of documents are looked at in this package and nowhere else, and none leaves it: what it returns are the names of
fields, and numbers. A name that is itself a value (an id or an address as a key) is told as ``*``.

Documents are taken apart here, not by the server. A pipeline that does it there (``$objectToArray``, ``$type``) took
more than twice the server's time and gave answers three times as large as ordinary documents (measured on 6.0), sees no
deeper than it was written for, and cannot compare or recognise values.
"""
