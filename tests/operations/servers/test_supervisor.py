"""The supervisor with small real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from afiliacion.operations.servers import processes
from afiliacion.operations.servers.problem import Problem
from afiliacion.operations.servers.server_lease import ROOT
from afiliacion.operations.servers.supervisor import Child, Signals, StopAsked, Supervisor

linux = pytest.mark.usefixtures("linux")

# Says that it is there, and when asked to stop, that it goes.
OBEDIENT = 'trap "echo $1 >> $2; exit 0" TERM; echo up $1 >> $2; while :; do sleep 0.05; done'
# Neither it nor its child listens.
STUBBORN = 'trap "" TERM; sleep 300 & echo up $1 >> $2; wait; sleep 300'


class Ward:
    """A supervisor, what it said, and where its children write."""

    def __init__(self, folder: Path, signals: Signals) -> None:
        self.folder, self.signals = folder, signals
        self.said: list[str] = []
        self.book = folder / "book"
        self.book.touch()
        self.supervisor = Supervisor(signals, self.said.append, tick=0.05, pause=0.02)

    def child(self, name: str, script: str, *, grace: float = 5.0) -> Child:
        return Child(name, ("sh", "-c", script, "sh", name, self.book), self.folder / f"{name}.log", grace=grace)

    def start(self, *children: Child) -> None:
        for child in children:
            self.supervisor.start(child)
            self.until(partial(self.has, f"up {child.name}"))

    def until(self, ready: Callable[[], bool]) -> None:
        self.supervisor.until(ready, seconds=10, what="the test")

    def has(self, line: str) -> bool:
        return line in self.lines

    @property
    def lines(self) -> list[str]:
        return self.book.read_text().splitlines()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    # The tests themselves may run under nohup, whose hangups a supervisor rightly never hears.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    with Signals() as signals:
        ward = Ward(tmp_path, signals)
        yield ward
        ward.supervisor.stop()
    signal.signal(signal.SIGHUP, before)


def session(leader: int) -> list[str]:
    """The states of the processes of a session; the dead whose parent has not yet waited for them do not count."""
    found = subprocess.run(["ps", "-o", "stat=", "-s", str(leader)], check=False, capture_output=True, text=True)  # noqa: S603, S607 - the system's
    return [state for state in found.stdout.split() if not state.startswith("Z")]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_children_last_started_first(ward: Ward, number: signal.Signals) -> None:
    children = [ward.child(name, OBEDIENT) for name in ("base", "worker", "web")]
    ward.start(*children)
    os.kill(os.getpid(), number)
    with pytest.raises(StopAsked):
        ward.supervisor.run()
    ward.supervisor.stop()
    assert ward.lines[-3:] == ["web", "worker", "base"]


def test_a_second_ctrl_c_changes_nothing(ward: Ward) -> None:
    insistent = OBEDIENT.replace('trap "', f'trap "kill -INT {os.getpid()}; ')
    ward.start(ward.child("first", OBEDIENT), ward.child("second", insistent))
    ward.supervisor.stop()
    assert ward.lines[-2:] == ["second", "first"]
    assert ward.signals.asked == signal.SIGINT


def test_who_does_not_obey_is_ended_with_all_of_its_own(ward: Ward) -> None:
    deaf = ward.child("deaf", STUBBORN, grace=0.1)
    ward.start(deaf)
    leader = ward.supervisor.pid(deaf)
    assert leader
    assert len(session(leader)) == 2
    ward.supervisor.stop()
    assert session(leader) == []
    assert "a la fuerza" in ward.said[0]


def test_the_dead_are_started_again_and_leave_nobody_behind(ward: Ward) -> None:
    child = ward.child("web", f"sleep 300 & {OBEDIENT}")
    ward.start(child)
    first = ward.supervisor.pid(child)
    assert first
    os.kill(first, signal.SIGKILL)
    ward.until(lambda: ward.lines.count("up web") == 2)
    assert session(first) == []
    assert ward.said == ["web se detuvo sin que se le pidiera (SIGKILL); se inicia de nuevo en 0.02 s."]


def test_one_that_keeps_dying_ends_it_with_its_last_words(ward: Ward) -> None:
    ward.supervisor.start(ward.child("web", "echo no encuentro la puerta; exit 3"))
    with pytest.raises(Problem, match="(?s)web se detiene una y otra vez.*no encuentro la puerta"):
        ward.supervisor.run()
    pauses = [line.rsplit(" en ")[1] for line in ward.said]
    assert pauses == ["0.02 s.", "0.04 s.", "0.08 s.", "0.16 s."]


def test_a_single_run_that_fails_shows_the_end_of_its_log(ward: Ward) -> None:
    with pytest.raises(Problem, match="(?s)migrate falló.*sin espacio"):
        ward.supervisor.run_once(ward.child("migrate", "echo sin espacio; exit 1"))


def test_a_single_run_is_heard_while_it_lasts(ward: Ward) -> None:
    heard: list[str] = []
    child = ward.child("demo_data", 'echo "20/08/2026: ñ"; until [ -e "$2.heard" ]; do sleep 0.02; done')

    def hear(line: str) -> None:
        heard.append(line)
        ward.book.with_name("book.heard").touch()

    child.log.write_text("of an earlier run\n")
    ward.supervisor.run_once(child, hear)
    assert heard == ["20/08/2026: ñ\n"]


def test_a_single_run_is_ended_by_a_signal(ward: Ward) -> None:
    with pytest.raises(StopAsked):
        ward.supervisor.run_once(ward.child("migrate", f"kill -TERM {os.getpid()}; exec sleep 300"))


def test_waiting_for_an_answer_that_does_not_come(ward: Ward) -> None:
    with pytest.raises(Problem, match=r"El servidor web no respondió en 0\.1 s"):
        ward.supervisor.until(lambda: False, seconds=0.1, what="El servidor web")


def test_nohup_is_respected() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Signals() as signals:
            os.kill(os.getpid(), signal.SIGHUP)
            signals.wait(0)
    finally:
        signal.signal(signal.SIGHUP, before)


@linux
def test_children_do_not_survive_a_killed_supervisor(tmp_path: Path) -> None:
    code = f"""
import sys
from functools import partial
from pathlib import Path
from afiliacion.operations.servers import processes
child = processes.spawn(["sleep", "300"], log=Path({str(tmp_path / "log")!r}))
print(child.pid, flush=True)
sys.stdin.read()
"""
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:  # noqa: S603 - our own
        assert parent.stdout is not None
        leader = int(parent.stdout.readline())
        assert session(leader)
        parent.kill()
    deadline = time.monotonic() + 5
    while session(leader):
        assert time.monotonic() < deadline
        time.sleep(0.02)


@linux
def test_what_a_killed_demo_left_is_found_by_its_mark_and_a_stranger_is_not(tmp_path: Path) -> None:
    mark = str(tmp_path)
    ours = processes.spawn(["sh", "-c", STUBBORN, "sh", "x", tmp_path / "book"], log=tmp_path / "log", env={**os.environ, "MARK": mark})
    stranger = processes.spawn(["sleep", "300"], log=tmp_path / "log", env={**os.environ, "MARK": mark + "0"})
    while not (tmp_path / "book").exists():
        time.sleep(0.01)
    try:
        assert processes.end(lambda: processes.carrying("MARK", mark), [(signal.SIGTERM, 0.1), (signal.SIGKILL, 5)])
        assert ours.wait(5) == -signal.SIGKILL
        assert stranger.poll() is None
    finally:
        processes.sweep(ours)
        processes.sweep(stranger)


def test_a_log_that_has_grown_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "LOG_LIMIT_BYTES", 3)
    log = tmp_path / "logs" / "web.log"
    for text in (b"first", b"second"):
        with processes.open_log(log) as file:
            file.write(text)
    assert processes.tail(log) == "second"
    assert processes.tail(log.with_name("web.log.1")) == "first"
