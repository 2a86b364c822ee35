#!/usr/bin/env python3
"""How much TLS costs: a backlog of calls drained by ctid over rediss:// and over redis://, in turns, on one machine.

    Benchmarks/tls_drain.py .build/release/ctid [CALLS]

Of each pair: calls a second from the first taken to the last, processor seconds of the daemon, and the ratio.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BINARY, CALLS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
KEY = "enigma:notifications:inbound"
PORT, TLS_PORT = 22_901, 22_902


def notification(number):
    text = (
        '{"type":"call","payload":{"number":"0821234567","dial_number":"0117654321","hold_time":12,'
        f'"call_ref":"call-{number}","contact_ref":"A-17","call_dir":"inbound","ref":"{1000 + number % 200}"}}}}'
    )
    return f"*3\r\n$5\r\nRPUSH\r\n${len(KEY)}\r\n{KEY}\r\n${len(text)}\r\n{text}\r\n"


def certificates(folder):
    common = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run(
        common + ["-subj", "/CN=bench", "-addext", "subjectAltName=DNS:localhost"]
        + ["-keyout", f"{folder}/server.key", "-out", f"{folder}/server.pem"], check=True, stderr=subprocess.DEVNULL)


def length(connection):
    connection.sendall(f"LLEN {KEY}\r\n".encode())
    return int(connection.recv(64)[1:])


def drain(folder, redis, delivery, url, more, backlog):
    shutil.rmtree(f"{folder}/data", ignore_errors=True)
    with open(f"{folder}/tenants/acme.yaml", "w") as file:
        file.write(f'redis: {{ url: "{url}", delivery: {delivery}{more} }}\nauth: {{ hs256_secret_file: jwt }}\n')
    subprocess.run(["redis-cli", "-p", str(PORT), "--pipe"], input=backlog, stdout=subprocess.DEVNULL, check=True)
    daemon = subprocess.Popen([BINARY, "run", "--config", folder], stderr=subprocess.DEVNULL)
    begin = None
    while (left := length(redis)) > 0:
        if begin is None and left < CALLS:
            begin, taken = time.monotonic(), CALLS - left
        time.sleep(0.002)
    took = time.monotonic() - begin
    with open(f"/proc/{daemon.pid}/stat") as file:
        fields = file.read().split()
    daemon.terminate()
    daemon.wait()
    return (CALLS - taken) / took, (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def main():
    folder = tempfile.mkdtemp()
    os.mkdir(f"{folder}/tenants")
    certificates(folder)
    with open(os.open(f"{folder}/tenants/jwt", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write("k" * 32)
    with open(f"{folder}/ctid.yaml", "w") as file:
        file.write(f'http: {{ listen: "127.0.0.1:0" }}\ndata_dir: {folder}/data\n')
    server = subprocess.Popen(
        ["redis-server", "--port", str(PORT), "--tls-port", str(TLS_PORT), "--tls-auth-clients", "no", "--save", ""]
        + ["--tls-cert-file", f"{folder}/server.pem", "--tls-key-file", f"{folder}/server.key"]
        + ["--tls-ca-cert-file", f"{folder}/server.pem", "--dir", folder], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1)
        redis = socket.create_connection(("127.0.0.1", PORT))
        backlog = "".join(map(notification, range(CALLS))).encode()
        for delivery in ["at-most-once", "at-least-once"] * 3:
            plain = drain(folder, redis, delivery, f"redis://localhost:{PORT}/0", "", backlog)
            tls = drain(
                folder, redis, delivery, f"rediss://localhost:{TLS_PORT}/0", f", ca_file: {folder}/server.pem", backlog)
            print(
                f"{delivery}: plain {plain[0]:,.0f}/s ({plain[1]:.2f} s), TLS {tls[0]:,.0f}/s ({tls[1]:.2f} s), "
                f"ratio {tls[0] / plain[0]:.2f}", flush=True)
    finally:
        server.terminate()
        shutil.rmtree(folder)


main()
