"""`python die_with_parent.py SIGNAL PARENT COMMAND…`: become COMMAND, to which the kernel sends SIGNAL when the process PARENT ends.

A script of its own, not a function run between fork and exec: that would be unsafe in a parent that has threads. Linux only.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(death_signal: str, parent: str, *command: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):  # it ended before we asked
        sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606 - its purpose


if __name__ == "__main__":
    main(*sys.argv[1:])
