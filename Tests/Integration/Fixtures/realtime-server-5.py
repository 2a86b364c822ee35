"""A Socket.IO server of Engine.IO 4, by python-socketio 5: writes down each RealtimeCTI that it receives.

Its one argument is JSON: port, file, namespace, token, ack ("all", "none", "asked": where the event's `ack` is true), upgrade,
websocket ("", "refuse", "hang"), delay (seconds), certificate, key. SIGUSR1 closes the namespace.
"""
import asyncio
import json
import signal
import ssl
import sys

import socketio
from aiohttp import web

options = json.loads(sys.argv[1])
namespace = options.get("namespace", "/")


class Server(socketio.AsyncServer):
    async def _send_packet(self, eio_sid, pkt):
        if pkt.packet_type == socketio.packet.ACK and pkt.id in unwanted:
            unwanted.discard(pkt.id)
            return
        await super()._send_packet(eio_sid, pkt)

    async def _handle_event(self, eio_sid, namespace, id, data):
        ack = options.get("ack", "all")
        if ack == "none" or ack == "asked" and not data[1].get("ack"):
            unwanted.add(id)
        await super()._handle_event(eio_sid, namespace, id, data)


unwanted = set()
server = Server(
    async_mode="aiohttp",
    ping_interval=options.get("ping_interval", 1),
    ping_timeout=options.get("ping_timeout", 1),
    allow_upgrades=options.get("upgrade", True),
)
record = open(options["file"], "a", buffering=1)
sids = set()


@server.on("connect", namespace=namespace)
async def connect(sid, environ, auth):
    token = options.get("token")
    if token and (auth or {}).get("token") != token:
        raise socketio.exceptions.ConnectionRefusedError("the token " + str((auth or {}).get("token")) + " is wrong")
    record.write("#connected %s\n" % environ.get("HTTP_AUTHORIZATION", ""))
    sids.add(sid)


@server.on("disconnect", namespace=namespace)
async def disconnect(sid, *reason):
    sids.discard(sid)


@server.on("RealtimeCTI", namespace=namespace)
async def realtime(sid, data):
    await asyncio.sleep(options.get("delay", 0))
    record.write("#by %s\n" % server.transport(sid, namespace))
    record.write(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n")
    await server.emit("noted", {"names": "é 😀"}, namespace=namespace)


@web.middleware
async def troubles(request, handler):
    websocket = options.get("websocket", "")
    if websocket and request.query.get("transport") == "websocket":
        if websocket == "refuse":
            return web.Response(status=502)
        await asyncio.sleep(3600)
    return await handler(request)


async def main():
    app = web.Application(middlewares=[troubles])
    server.attach(app)
    runner = web.AppRunner(app)
    await runner.setup()
    tls = None
    if options.get("certificate"):
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options["certificate"], options["key"])
    await web.TCPSite(runner, "127.0.0.1", options["port"], ssl_context=tls).start()

    def close():
        for sid in list(sids):
            asyncio.ensure_future(server.disconnect(sid, namespace=namespace))

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, close)
    print("listening", flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
