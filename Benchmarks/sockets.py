"""How many Socket.IO clients a hub carries: memory of each, and how long an event takes to the last of them.

    Benchmarks/sockets.py --url http://127.0.0.1:8080 --pid 123 --redis /tmp/redis.sock --secret acme-jwt --tenant acme

The tenant needs a rule with a `realtime` action on `up`. Of the sessions, `--boards` are supervisors, whom each event is
for; the others are agents, one session each.

WebSockets by hand, on asyncio streams without a buffer to speak of: a Socket.IO client in Python takes more memory than
all the sessions of the daemon. One core is the client's, so times are upper bounds.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import struct
import time
import urllib.parse


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS"):
                return int(line.split()[1])
    return 0


def token(secret, **claims):
    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims["exp"] = int(time.time()) + 86400
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(hmac.new(secret, signed, hashlib.sha256).digest())).decode()


def processor(pid):
    """Seconds that it has worked."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client(asyncio.Protocol):
    """One session: joins, answers pings, notes when a message with `Client.marker` came."""

    marker = b""
    joined = 0
    arrived = []

    def __init__(self, token, path):
        self.token, self.path, self.buffer, self.is_open = token, path, b"", False

    def connection_made(self, transport):
        self.transport = transport
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode())

    def send(self, text):
        payload = text.encode()
        head = struct.pack("!BB", 0x81, 0x80 | len(payload)) if len(payload) < 126 else struct.pack(
            "!BBH", 0x81, 0xFE, len(payload))
        # A mask of zeros is one.
        self.transport.write(head + b"\0\0\0\0" + payload)

    def data_received(self, data):
        self.buffer += data
        if not self.is_open:
            if b"\r\n\r\n" not in self.buffer:
                return
            self.buffer = self.buffer.split(b"\r\n\r\n", 1)[1]
            self.is_open = True
        while len(self.buffer) >= 2:
            length, start = self.buffer[1], 2
            if length == 126:
                length, start = struct.unpack("!H", self.buffer[2:4])[0], 4
            if len(self.buffer) < start + length:
                return
            self.take(self.buffer[start:start + length])
            self.buffer = self.buffer[start + length:]

    def take(self, message):
        if message.startswith(b"0{"):
            self.send("40" + json.dumps({"token": self.token}))
        elif message == b"2":
            self.send("3")
        elif message.startswith(b'42["hello"'):
            Client.joined += 1
        elif Client.marker and Client.marker in message:
            Client.arrived.append(time.monotonic())


async def main():
    asked = argparse.ArgumentParser()
    asked.add_argument("--url", required=True)
    asked.add_argument("--pid", type=int, required=True)
    asked.add_argument("--sessions", type=int, default=10000)
    asked.add_argument("--rounds", type=int, default=20)
    asked.add_argument("--boards", type=int, default=1000)
    asked.add_argument("--redis", required=True)
    asked.add_argument("--secret", required=True)
    asked.add_argument("--tenant", required=True)
    options = asked.parse_args()
    with open(options.secret, "rb") as file:
        secret = file.read()
    supervisor = token(secret, tenant=options.tenant, scope="supervisor")
    url = urllib.parse.urlsplit(options.url)
    path = "/socket.io/?EIO=4&transport=websocket"
    before = resident(options.pid)
    loop = asyncio.get_running_loop()
    clients, start = [], time.monotonic()
    for index in range(options.sessions):
        agent = token(secret, tenant=options.tenant, scope="agent", sub=str(100000 + index))
        mine = supervisor if index < options.boards else agent
        _, client = await loop.create_connection(lambda: Client(mine, path), url.hostname, url.port)
        clients.append(client)
        while index - Client.joined > 500:
            await asyncio.sleep(0.01)
    while Client.joined < options.sessions:
        await asyncio.sleep(0.05)
    took = time.monotonic() - start
    await asyncio.sleep(5)
    after = resident(options.pid)
    print(f"{options.sessions} sessions in {took:.1f} s, {(after - before) / options.sessions:.1f} KiB each "
          f"({before} -> {after} KiB)")
    worked = processor(options.pid)
    await asyncio.sleep(30)
    print(f"idle: {(processor(options.pid) - worked) / 30 * 100:.1f} % of a core")

    reader, writer = await asyncio.open_unix_connection(options.redis)
    times = []
    for number in range(options.rounds):
        ref = f"bench-{os.getpid()}-{number}"
        Client.marker, Client.arrived = ref.encode(), []
        call = json.dumps({"type": "call", "payload": {
            "number": "0821234567", "dial_number": "0117654321", "hold_time": 12, "call_ref": ref,
            "contact_ref": "A-17", "call_dir": "inbound", "ref": "99"}})
        command = ["RPUSH", "enigma:notifications:inbound", call]
        begin = time.monotonic()
        writer.write(b"*3\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(each), each.encode()) for each in command))
        await reader.readline()
        while len(Client.arrived) < options.boards:
            await asyncio.sleep(0.001)
        times.append((Client.arrived[-1] - begin) * 1000)
        await asyncio.sleep(0.1)
    times.sort()
    print(f"to the last of {options.boards}: median {times[len(times) // 2]:.1f} ms, worst {times[-1]:.1f} ms")
    print(f"afterwards {resident(options.pid)} KiB")


asyncio.run(main())
