#!/usr/bin/env bash
# Measures ours beside rivals, in one run, on one Redis, with the same payloads, in turn; prints ratios with their
# spread. Client and Redis share one core, so that what is measured is the cost of a message.
#
#   Benchmarks/run.sh            ROUNDS=7 COUNT=200000 LIVE=50000 by default
set -euo pipefail
cd "$(dirname "$0")/.."

ROUNDS=${ROUNDS:-7}
COUNT=${COUNT:-200000}
LIVE=${LIVE:-50000}
out=.build-bench/rivals
Tools/install.sh gcc libc6-dev libhiredis-dev redis-server util-linux python3-venv >&2
mkdir -p "$out"
swift build -c release --static-swift-stdlib --product ctid-bench --scratch-path .build-bench >&2
for rival in blpop lpop_drain; do cc -O2 -o "$out/$rival" "Benchmarks/rivals/$rival.c" -lhiredis; done
if [ ! -x .build-bench/venv/bin/python ]; then python3 -m venv .build-bench/venv; fi
python=.build-bench/venv/bin/python
"$python" -c 'import orjson' 2>/dev/null || "$python" -m pip install -q orjson >&2 || echo "orjson cannot be had: its row is SKIPPED" >&2

work=$(mktemp -d /tmp/ctid-bench-XXXXXX)
redis=
trap '[ -z "$redis" ] || kill "$redis" 2>/dev/null || true; rm -rf "$work"' EXIT
# Over TCP, as a PBX's Redis is reached.
port=${PORT:-16379}
if redis-cli -p "$port" ping >/dev/null 2>&1; then
    echo "port $port is taken by another Redis: set PORT" >&2
    exit 69
fi
taskset -c 0 redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$work" >/dev/null &
redis=$!
until redis-cli -p "$port" ping >/dev/null 2>&1; do sleep 0.05; done

bench=$(swift build -c release --static-swift-stdlib --product ctid-bench --scratch-path .build-bench --show-bin-path)/ctid-bench
key=bench:inbound
"$bench" payloads 4096 >"$work/payloads"

# A process each, so that each has its own peak of memory; one to warm the disk's cache.
for format in vcf csv json jsonl; do
    "$bench" contacts-file "$work/contacts.$format" 250000
    "$bench" contacts "$work/contacts.$format" >/dev/null
    for round in $(seq "$ROUNDS"); do
        echo "{\"row\":\"contacts\",\"round\":$round,\"result\":$(taskset -c 0 "$bench" contacts "$work/contacts.$format")}"
    done
    rm "$work/contacts.$format"
done >"$work/contacts"
python3 Benchmarks/contacts.py <"$work/contacts"

# pair NAME COUNT OURS -- RIVAL: both on a list filled anew, in turn, ROUNDS times; a line of JSON each.
# shellcheck disable=SC2086 # a command and its words
pair() {
    local name=$1 count=$2 ours=$3 rival=$4
    for round in $(seq "$ROUNDS"); do
        "$bench" fill "$port" "$key" "$count"
        echo "{\"row\":\"$name\",\"side\":\"ours\",\"round\":$round,\"result\":$(taskset -c 0 $ours)}"
        "$bench" fill "$port" "$key" "$count"
        echo "{\"row\":\"$name\",\"side\":\"rival\",\"round\":$round,\"result\":$(taskset -c 0 $rival)}"
    done
}

{
    for round in $(seq "$ROUNDS"); do
        echo "{\"row\":\"decode\",\"side\":\"ours\",\"round\":$round,\"result\":$(taskset -c 0 "$bench" decode "$work/payloads" 3)}"
        if "$python" -c 'import orjson' 2>/dev/null; then
            echo "{\"row\":\"decode\",\"side\":\"rival\",\"round\":$round,\"result\":$(taskset -c 0 "$python" Benchmarks/rivals/decode_orjson.py "$work/payloads" 3)}"
        fi
    done
    pair live "$LIVE" "$bench live $port $key $LIVE" "$out/blpop 127.0.0.1:$port $key $LIVE"
    pair backlog "$COUNT" "$bench backlog $port $key $COUNT" "$out/lpop_drain 127.0.0.1:$port $key $COUNT"
    pair safe "$COUNT" "$bench fetch-safe $port $key $COUNT" "$bench fetch-once $port $key $COUNT"
} >"$work/results"
python3 Benchmarks/table.py <"$work/results"
