"""Which records are the same work: blocking, scoring, vetoes, and what follows from them.

`duplicates` is the way in; it takes a table of plain columns and knows nothing of files.
"""
