"""Python's websockets with nothing around it: one text to all who listen, by its own broadcast."""

import asyncio
import json
import sys

from websockets.asyncio.server import broadcast, serve

listeners = set()
EVENT = json.dumps(
    {"type": "SalesCTI", "channel": {"text": "x" * 400}, "reference": "42", "url": "https://crm.example"}
)


async def handle(connection):
    if "listener" in connection.request.path:
        listeners.add(connection)
    try:
        await connection.wait_closed()
    finally:
        listeners.discard(connection)


def trigger(connection, request):
    if request.path != "/trigger":
        return None
    broadcast(listeners, EVENT)
    return connection.respond(200, "ok")


async def main():
    async with serve(
        handle, "127.0.0.1", int(sys.argv[1]), process_request=trigger, compression=None, ping_interval=None
    ):
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
