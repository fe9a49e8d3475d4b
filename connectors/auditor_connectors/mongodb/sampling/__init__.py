"""What collections hold, by a bounded sample: shapes, shares and lengths.

Values of documents are looked at in this package and nowhere else, and none leaves it: what it returns are the names of
fields, and numbers. A name that is itself a value (an id or an address as a key) is told as ``*``.

Documents are taken apart here, not by the server. A pipeline that does it there (``$objectToArray``, ``$type``) took
twice the server's time for ordinary documents, and its answers were three times as large (measured on 6.0; of long
arrays they were smaller). It sees no deeper than it was written for, and cannot compare or recognise values.
"""
