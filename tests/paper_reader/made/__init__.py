"""Documents as students bring them, of invented people: a paper's facts, set by programs that are not ours, scanned, photographed.

To add a layout: a function of `html.py` from facts to a page, in LAYOUTS; every test and the benchmark then reads it too.
"""
