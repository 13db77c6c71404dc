"""The real stand-in served from a thread of this process: for tests that need a new one every second."""

from __future__ import annotations

import asyncio
import threading
from datetime import date
from pathlib import Path

from aiohttp import web

from imss_mock import app
from imss_mock.server import control
from imss_mock.state.clock import Clock, Folios
from imss_mock.state.moods import Moods
from imss_mock.state.scenario import Chance, load
from imss_mock.state.stand_in import StandIn
from imss_mock.state.store import Store
from tests.imss_mock.harness import Line


class StandInInside(Line):
    """As tests.imss_mock.harness.StandIn, without a process of its own; its register is empty and its clock at `day`."""

    def __init__(self, data: Path, day: date, seed: int = 7) -> None:
        self._data, self._day, self._seed = data, day, seed
        self._loop, self._ready, self._stop = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._ready.wait()
        super().__init__(self._port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        self.close()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        stand_in = StandIn(Store(self._data), Clock(), Folios(), load(), Chance(self._seed), Moods(self._seed))
        with stand_in.store.change():
            control.keep_offset(stand_in, stand_in.clock.first_offset_to(self._day))
        await stand_in.store.committed()
        runner = web.AppRunner(app.build(stand_in, with_control=True), access_log=None, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port = runner.addresses[0][1]
        self._ready.set()
        await self._stop.wait()
        await runner.cleanup()
        stand_in.store.close()
