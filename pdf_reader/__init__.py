"""Looks into PDFs from outside for what acts by itself, and for their words: a process of its own (`python -m pdf_reader`), with limits.

It knows nothing of the office. Why a process, why pypdf for the one and pypdfium2 for the other: docs/adr/0023-papers-that-act.md.
"""
