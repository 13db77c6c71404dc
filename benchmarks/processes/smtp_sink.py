"""A counting mail server for benchmarks and crash tests: every reply waits as long as a real provider's would.

    python benchmarks/processes/smtp_sink.py DELAY_MS

Prints its port, then serves until it is stopped. The command XSTAT answers: mails, connections, different Message-IDs. A recipient
that begins with "nadie" is refused.
"""

from __future__ import annotations

import asyncio
import re
import sys
from collections import Counter

DELAY = float(sys.argv[1]) / 1000
MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Sink:
    def __init__(self) -> None:
        self.connections = 0
        self.ids: Counter[bytes] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self._say(writer, b"220 sink")
            while line := await reader.readline():
                if not await self._obey(line.upper(), reader, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _obey(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        if line.startswith(b"EHLO"):
            await self._say(writer, b"250-sink\r\n250-8BITMIME\r\n250 SIZE 10000000")
        elif line.startswith(b"DATA"):
            await self._say(writer, b"354 go")
            found = MESSAGE_ID.search(await reader.readuntil(b"\r\n.\r\n"))
            self.ids[found[1] if found else b""] += 1
            await self._say(writer, b"250 ok")
        elif line.startswith(b"RCPT TO:<NADIE"):
            await self._say(writer, b"550 5.1.1 no such user")
        elif line.startswith(b"XSTAT"):
            writer.write(f"250 {self.ids.total()} {self.connections} {len(self.ids)}\r\n".encode())
        elif line.startswith(b"QUIT"):
            writer.write(b"221 bye\r\n")
            return False
        else:
            await self._say(writer, b"250 ok")
        return True

    async def _say(self, writer: asyncio.StreamWriter, words: bytes) -> None:
        await asyncio.sleep(DELAY)
        writer.write(words + b"\r\n")


async def main() -> None:
    server = await asyncio.start_server(Sink().serve, "127.0.0.1", 0, limit=2**22, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
