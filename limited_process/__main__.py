"""`python -m limited_process MEMORY SECONDS WRITTEN DATA MODULE [WORD …]`: run a module within limits."""

from __future__ import annotations

import runpy
import sys

from limited_process.limits import Limits, take

if __name__ == "__main__":
    take(Limits(*map(int, sys.argv[1:5])))
    sys.argv = sys.argv[5:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
