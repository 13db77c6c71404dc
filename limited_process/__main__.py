"""`python -m limited_process MEMORY SECONDS WRITTEN DATA PROGRAMS MODULE [WORD …]`: run a module within limits."""

from __future__ import annotations

import runpy
import sys

from limited_process.limits import Limits, take

if __name__ == "__main__":
    memory, seconds, written, data, programs = map(int, sys.argv[1:6])
    take(Limits(memory, seconds, written, data, programs=bool(programs)))
    sys.argv = sys.argv[6:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
