"""Visits to the subdelegación: which cases must be taken there, by whom and when, and the answer for each student."""
