"""Rows out of untrusted files: CSV, XLSX, ODS. Runs as a process of its own (`python -m file_reader`), with limits.

Knows nothing of the office and needs only the standard library: it starts in a twentieth of a second and what it reads
can exhaust only its own limits. Rows are streamed; no file is held whole.
"""
