"""Lotes: the file of 168 positions that a school uploads to IDSE, and what IMSS answers (docs/domain.md, 6 and 7).

Pure: bytes, words and values in, values or a refusal out. No tables, no Django.
"""
