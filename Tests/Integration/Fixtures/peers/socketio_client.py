"""A client of others' making: python-socketio, told by one JSON object what to do; a line for each thing that happens.

    {"url", "auth", "transports", "namespace", "headers", "answer", "emits": [[name, argument]…]}

`answer` is what the handler of `pop` returns; `emits` are sent once `hello` has come. It runs until it is ended.
"""

import json
import sys
import threading

import socketio

asked = json.loads(sys.argv[1])
namespace = asked.get("namespace", "/")
client = socketio.Client(reconnection=asked.get("reconnect", False))
lock = threading.Lock()


def say(name, *arguments):
    with lock:
        print(json.dumps({"event": name, "arguments": arguments}, separators=(",", ":")), flush=True)


@client.on("connect", namespace=namespace)
def connected():
    say("connect", client.transport())


@client.on("connect_error", namespace=namespace)
def refused(data):
    say("connect_error", data)


@client.on("disconnect", namespace=namespace)
def gone(reason):
    say("disconnect", reason)


@client.on("hello", namespace=namespace)
def hello(*arguments):
    say("hello", *arguments)
    for name, *rest in asked.get("emits", []):
        client.emit(name, tuple(rest), namespace=namespace, callback=lambda *answer: say("answer", *answer))


@client.on("pop", namespace=namespace)
def pop(*arguments):
    say("pop", *arguments)
    return asked.get("answer")


def listen(name):
    client.on(name, lambda *arguments: say(name, *arguments), namespace=namespace)


for each in ("call", "clear", "missed", "RealtimeCTI"):
    listen(each)

try:
    client.connect(
        asked["url"], auth=asked.get("auth"), transports=asked.get("transports"), namespaces=[namespace],
        headers=asked.get("headers", {}), wait_timeout=10)
except socketio.exceptions.ConnectionError as error:
    say("failed", str(error))
    sys.exit(1)

# Until whoever started it ends it, or nothing is left to wait for.
client.wait()
