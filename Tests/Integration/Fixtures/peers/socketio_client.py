"""A client of others' making: python-socketio, told by one JSON object what to do; a line for each thing that happens.

    {"url", "auth", "transports", "namespace", "headers", "reconnect", "answer", "emits": [[name, argument]…]}

`answer` is what the handler of `pop` returns; `emits` are sent once `hello` has come. It runs until it is ended.
On asyncio: the other client of the package handles each event in a thread of its own, so it knows no order.
"""

import asyncio
import json
import sys

import socketio

asked = json.loads(sys.argv[1])
namespace = asked.get("namespace", "/")
client = socketio.AsyncClient(reconnection=asked.get("reconnect", False))


def say(name, *arguments):
    print(json.dumps({"event": name, "arguments": arguments}, separators=(",", ":")), flush=True)


@client.on("connect", namespace=namespace)
async def connected():
    say("connect", client.transport())


@client.on("connect_error", namespace=namespace)
async def refused(data):
    say("connect_error", data)


@client.on("disconnect", namespace=namespace)
async def gone(reason):
    say("disconnect", reason)


@client.on("hello", namespace=namespace)
async def hello(*arguments):
    say("hello", *arguments)
    for name, *rest in asked.get("emits", []):
        await client.emit(name, tuple(rest), namespace=namespace, callback=lambda *answer: say("answer", *answer))


@client.on("pop", namespace=namespace)
async def pop(*arguments):
    say("pop", *arguments)
    return asked.get("answer")


def listen(name):
    async def told(*arguments):
        say(name, *arguments)

    client.on(name, told, namespace=namespace)


async def main():
    for each in ("call", "clear", "missed", "RealtimeCTI"):
        listen(each)
    try:
        await client.connect(
            asked["url"], auth=asked.get("auth"), transports=asked.get("transports"), namespaces=[namespace],
            headers=asked.get("headers", {}), wait_timeout=10)
    except socketio.exceptions.ConnectionError as error:
        say("failed", str(error))
        sys.exit(1)
    await client.wait()


asyncio.run(main())
