"""The stand-in IMSS: the authority's stand-in, for practice and tests.

It is a program of its own: own process, own database, own clock, own rules. It imports nothing of the office and the office nothing
of it; the two meet over HTTP only. Start it with ``python -m imss_mock``; docs/imss-mock.md says the rest.
"""
