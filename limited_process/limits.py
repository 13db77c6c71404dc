"""What a process may spend and reach, and how it takes that upon itself."""

from __future__ import annotations

import ctypes
import platform
import resource
import struct
from dataclasses import astuple, dataclass
from typing import Final

#: Seconds of processor time between the signal that tells why it dies and the one that kills anyway.
_GRACE: Final = 5
_NO_NEW_PRIVS: Final = 38  # prctl(2)
_SET_SECCOMP: Final = 22
_FILTER: Final = 2
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | 13  # with EACCES
#: By machine: its number in the audit interface, and the numbers of socket, connect, execve, execveat and ptrace (linux/audit.h, unistd.h).
_CALLS: Final = {
    "x86_64": (0xC000003E, (41, 42, 59, 322, 101)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 117)),
}
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06  # of the filter's language (linux/bpf_common.h)


@dataclass(frozen=True, slots=True)
class Limits:
    """`memory`: address space; `written`: the longest file; `data`: memory of its own, 0 for no limit besides; all in bytes.
    `seconds`: processor time."""

    memory: int
    seconds: int
    written: int = 0
    data: int = 0

    def words(self) -> list[str]:
        """Return the limits as words of a command."""
        return [str(each) for each in astuple(self)]


def take(limits: Limits) -> None:
    """Give this process no more than `limits`, no network and no other program."""
    for what, most in ((resource.RLIMIT_AS, limits.memory), (resource.RLIMIT_FSIZE, limits.written), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))
    if limits.data:
        resource.setrlimit(resource.RLIMIT_DATA, (limits.data, limits.data))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + _GRACE))
    _refuse_calls()


def _refuse_calls() -> None:
    """Refuse network and programs where the machine is Linux and known; elsewhere the other limits stand alone."""
    if platform.system() != "Linux" or platform.machine() not in _CALLS:
        return
    machine, calls = _CALLS[platform.machine()]
    program = _program(machine, calls)
    code = ctypes.create_string_buffer(program, len(program))
    filtering = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    prctl = ctypes.CDLL(None).prctl
    prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    prctl(_SET_SECCOMP, _FILTER, ctypes.create_string_buffer(filtering, len(filtering)), 0, 0)


def _program(machine: int, calls: tuple[int, ...]) -> bytes:
    """The filter: load the machine, then the number of the call; refuse the calls named, and every call of another machine's numbers."""
    last = len(calls)
    steps = [(_LOAD, 0, 0, 4), (_EQUAL, 0, last + 2, machine), (_LOAD, 0, 0, 0)]
    steps += [(_EQUAL, last - at, 0, call) for at, call in enumerate(calls)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
