"""A Socket.IO server of Engine.IO 3, by python-socketio 4 on gevent: writes down each RealtimeCTI that it receives.

Its one argument is JSON, as that of realtime-server-5.py.
"""
from gevent import monkey

monkey.patch_all()

import json
import signal
import sys
from urllib.parse import parse_qs

import gevent
import socketio
from gevent import pywsgi
from geventwebsocket.handler import WebSocketHandler

options = json.loads(sys.argv[1])
namespace = options.get("namespace", "/")
unwanted = set()


class Server(socketio.Server):
    def _send_packet(self, sid, pkt):
        if pkt.packet_type == socketio.packet.ACK and pkt.id in unwanted:
            unwanted.discard(pkt.id)
            return
        super()._send_packet(sid, pkt)

    def _handle_event(self, sid, namespace, id, data):
        ack = options.get("ack", "all")
        if ack == "none" or ack == "asked" and not data[1].get("ack"):
            unwanted.add(id)
        super()._handle_event(sid, namespace, id, data)


server = Server(
    async_mode="gevent",
    ping_interval=options.get("ping_interval", 1),
    ping_timeout=options.get("ping_timeout", 3),
    allow_upgrades=options.get("upgrade", True),
)
record = open(options["file"], "a", buffering=1)
sids = set()


def token_of(environ):
    return parse_qs(environ.get("QUERY_STRING", "")).get("token", [None])[0]


@server.on("connect", namespace=namespace)
def connect(sid, environ):
    token = options.get("token")
    if token and token_of(environ) != token:
        raise socketio.exceptions.ConnectionRefusedError("the token %s is wrong" % token_of(environ))
    record.write("#connected %s\n" % environ.get("HTTP_AUTHORIZATION", ""))
    sids.add(sid)


@server.on("disconnect", namespace=namespace)
def disconnect(sid):
    sids.discard(sid)


@server.on("RealtimeCTI", namespace=namespace)
def realtime(sid, data):
    gevent.sleep(options.get("delay", 0))
    record.write("#by %s\n" % server.transport(sid))
    record.write(json.dumps(data, separators=(",", ":"), sort_keys=True) + "\n")
    server.emit("noted", {"names": "é 😀"}, namespace=namespace)


def close():
    for sid in list(sids):
        server.disconnect(sid, namespace=namespace)


gevent.signal_handler(signal.SIGUSR1, close)
listener = pywsgi.WSGIServer(
    ("127.0.0.1", options["port"]), socketio.WSGIApp(server), handler_class=WebSocketHandler, log=None
)
listener.start()
print("listening", flush=True)
gevent.wait()
