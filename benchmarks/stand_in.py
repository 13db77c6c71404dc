"""The stand-in IMSS, ledger on, against a bare aiohttp server that answers a constant: requests per second, CPU per request, ratio.

    .venv/bin/python benchmarks/stand_in.py [REQUESTS=20000] [RUNS=3] [CONNECTIONS=50]

Both are processes of their own, asked about vigencia over kept connections by one client; the stand-in must not be the bottleneck of a
chase
at 2,000 requests a second on one core. CPU of a server is read from /proc (Linux).
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from imss_mock.people.identifiers import curp_digit, nss_digit  # noqa: E402 once the path knows it

REQUESTS = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
CONNECTIONS = int(sys.argv[3]) if len(sys.argv) > 3 else 50
PEOPLE = 5_000
LETTERS = "BCDFGHJKLMNPQRSTVWXYZ"
BARE = """
import asyncio
from aiohttp import web
async def say(request):
    await request.read()
    return web.json_response({"con_derecho": "NO"})
async def main():
    app = web.Application()
    app.router.add_post("/api/v1/vigencia", say)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print("http://127.0.0.1:%d" % runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


def questions() -> list[bytes]:
    """One request about each of PEOPLE invented people."""
    made = []
    for number in range(PEOPLE):
        first17 = f"ENSA050315HJC{''.join(LETTERS[number // 21**place % 21] for place in range(3))}A"
        first10 = f"0405{number // 10_000:02d}{number % 10_000:04d}"
        body = json.dumps({"curp": first17 + curp_digit(first17), "nss": first10 + nss_digit(first10)}).encode()
        made.append(
            b"POST /api/v1/vigencia HTTP/1.1\r\nHost: imss\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (len(body), body)
        )
    return made


async def ask_all(port: int, asked: list[bytes], count: int) -> None:
    """`count` requests over CONNECTIONS lines, each waiting for its answer before the next."""
    numbers = iter(range(count))

    async def line() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            writer.write(asked[number % PEOPLE])
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(line() for _ in range(CONNECTIONS)))


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def served(*command: str) -> Iterator[tuple[int, int]]:
    """Port and process id of a server that says its address on its first line."""
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603 our own
    assert process.stdout
    try:
        yield int(process.stdout.readline().rpartition(":")[2]), process.pid
    finally:
        process.terminate()
        process.wait()


def measure(port: int, pid: int, asked: list[bytes]) -> tuple[float, float]:
    """Requests a second, and the server's CPU milliseconds a request."""
    began, worked = time.perf_counter(), cpu_seconds(pid)
    asyncio.run(ask_all(port, asked, REQUESTS))
    return REQUESTS / (time.perf_counter() - began), (cpu_seconds(pid) - worked) * 1000 / REQUESTS


def main() -> None:
    asked = questions()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        stand_in = served("-m", "imss_mock", "--port", "0", "--data", folder, "--date", "2026-08-03")
        with stand_in as (twin_port, twin_pid), served("-c", BARE) as (bare_port, bare_pid):
            asyncio.run(ask_all(twin_port, asked, PEOPLE))
            rounds = [(measure(twin_port, twin_pid, asked), measure(bare_port, bare_pid, asked)) for _ in range(RUNS)]
    for name, place in (("stand_in", 0), ("bare", 1)):
        rate, cpu = (statistics.median(turn[place][what] for turn in rounds) for what in (0, 1))
        print(f"{name}: {rate:8,.0f} requests/s   {cpu:.3f} ms CPU a request   {1000 / cpu:8,.0f} requests a CPU second")
    print(f"stand-in/bare, CPU: {statistics.median(turn[0][1] / turn[1][1] for turn in rounds):.2f}")


if __name__ == "__main__":
    main()
