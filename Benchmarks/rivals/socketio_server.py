"""A Socket.IO server as its authors show it: some clients join a room, and one event goes to the room."""

import sys

import socketio
from aiohttp import web

server = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
app = web.Application()
server.attach(app)
EVENT = {"type": "SalesCTI", "channel": {"text": "x" * 400}, "reference": "42", "url": "https://crm.example"}


@server.event
async def connect(sid, environ, auth):
    if auth and auth.get("listener"):
        await server.enter_room(sid, "listeners")


async def trigger(request):
    await server.emit("RealtimeCTI", EVENT, room="listeners")
    return web.Response(text="ok")


app.router.add_get("/trigger", trigger)
web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
