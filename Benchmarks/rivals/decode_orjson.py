"""Nanoseconds that orjson (and the standard library's json) take to load one payload.

usage: decode_orjson.py FILE [ROUNDS]     FILE holds one payload a line

Prints one JSON line; each figure is the median of the rounds, with the fastest and the slowest beside it.
"""

import json
import statistics
import sys
import time

import orjson


def measure(loads, payloads, repeat):
    start = time.perf_counter_ns()
    for _ in range(repeat):
        for payload in payloads:
            loads(payload)
    return (time.perf_counter_ns() - start) / (repeat * len(payloads))


def spread(figures):
    return {"ns": round(statistics.median(figures), 1), "min": round(min(figures), 1), "max": round(max(figures), 1)}


def main():
    with open(sys.argv[1], "rb") as file:
        payloads = [line for line in file.read().split(b"\n") if line]
    if not payloads:
        sys.exit("no payloads in " + sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    figures = {"orjson": [], "json": []}
    for _ in range(rounds):
        figures["orjson"].append(measure(orjson.loads, payloads, 10))
        figures["json"].append(measure(json.loads, payloads, 2))
    line = {"bench": "decode", "payloadBytes": sum(map(len, payloads)) // len(payloads)}
    print(json.dumps(line | {name: spread(values) for name, values in figures.items()}))


if __name__ == "__main__":
    main()
