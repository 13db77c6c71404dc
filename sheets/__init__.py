"""Rows out of files nobody vouches for: CSV, XLSX, ODS. Runs as a process of its own (`python -m sheets`), with limits.

Knows nothing of the office and needs only the standard library: it starts in a twentieth of a second and what it reads
can exhaust nobody but itself. Rows are streamed; no file is held whole.
"""
