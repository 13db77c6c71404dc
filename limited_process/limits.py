"""What a process may spend and reach, and how it takes that upon itself."""

from __future__ import annotations

import ctypes
import platform
import resource
import struct
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Final

#: Seconds of processor time between the signal that tells why it dies and the one that kills anyway.
_GRACE: Final = 5
_NO_NEW_PRIVS: Final = 38  # prctl(2)
_SET_SECCOMP: Final = 22
_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | 13  # with EACCES
#: By machine: its number in the audit interface, and the numbers of the calls that are refused (linux/audit.h, unistd.h).
_CALLS: Final = {
    "x86_64": (0xC000003E, {"socket": 41, "connect": 42, "execve": 59, "execveat": 322, "ptrace": 101}),
    "aarch64": (0xC00000B7, {"socket": 198, "connect": 203, "execve": 221, "execveat": 281, "ptrace": 117}),
}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of the filter's language (linux/bpf_common.h)


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory`: address space; `written`: the longest file; `data`: memory of its own, 0 for no limit besides; all in bytes.
    `seconds`: processor time. `programs`: whether it may become another program, which the same limits hold."""

    memory: int
    seconds: int
    written: int = 0
    data: int = 0
    programs: bool = False

    def words(self) -> list[str]:
        """Return the limits as words of a command."""
        return [str(int(each)) for each in astuple(self)]


def take(limits: Limits) -> None:
    """Give this process no more than `limits`, no network and, unless they say so, no other program."""
    for what, most in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_FSIZE, limits.written), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    if limits.data:
        resource.setrlimit(resource.RLIMIT_DATA, (limits.data, limits.data))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + _GRACE))
    _refuse_calls(programs=limits.programs)


def _refuse_calls(*, programs: bool) -> None:
    """Refuse network and programs where the machine is Linux and known; elsewhere the other limits stand alone."""
    if platform.system() != "Linux" or platform.machine() not in _CALLS:
        return
    machine, calls = _CALLS[platform.machine()]
    program = _program(machine, [number for call, number in calls.items() if not (programs and call.startswith("exec"))])
    code = ctypes.create_string_buffer(program, len(program))
    filtering = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    prctl = ctypes.CDLL(None).prctl
    prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(filtering, len(filtering)), 0, 0)


def _program(machine: int, calls: Sequence[int]) -> bytes:
    """The filter: load the machine, then the number of the call; refuse the calls named, and every call of another machine's numbers."""
    last = len(calls)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 0, last + 2, machine), (_LOAD, 0, 0, 0)]
    steps += [(_EQUAL, last - at, 0, call) for at, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
