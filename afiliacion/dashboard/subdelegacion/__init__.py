"""The subdelegación desk: what must be taken there, by whom and when, and what came back for each student."""
