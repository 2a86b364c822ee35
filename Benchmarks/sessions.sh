#!/usr/bin/env bash
# Many sessions, one event: ours beside python-socketio, Python's websockets and Node's ws, in turn, each with 10,000 WebSockets of which
# 1,000 are told. A line of JSON each. Server and client have a core each.
#
#   Benchmarks/sessions.sh       SESSIONS=10000 LISTENERS=1000 ROUNDS=20 by default
set -euo pipefail
cd "$(dirname "$0")/.."

LISTENERS=${LISTENERS:-1000}
ROUNDS=${ROUNDS:-20}
SESSIONS=${SESSIONS:-10000}
# Of the build; another one saves building everything twice.
SCRATCH=${SCRATCH:-.build-bench}
ulimit -n "$(ulimit -Hn)"
most=$(($(ulimit -n) - 500))
if [ "$SESSIONS" -gt "$most" ]; then
    echo "only $most sessions: this machine gives a process $(ulimit -n) descriptors" >&2
    SESSIONS=$most
fi
Tools/install.sh redis-server util-linux python3-venv nodejs >&2
swift build -c release --static-swift-stdlib --product ctid-bench --scratch-path "$SCRATCH" >&2
swift build -c release --static-swift-stdlib --product ctid --scratch-path "$SCRATCH" >&2
built=$(swift build -c release --static-swift-stdlib --product ctid-bench --scratch-path "$SCRATCH" --show-bin-path)
if [ ! -x .build-bench/venv/bin/python ]; then python3 -m venv .build-bench/venv; fi
python=.build-bench/venv/bin/python
"$python" -c 'import socketio, aiohttp, websockets.asyncio' 2>/dev/null ||
    "$python" -m pip install -q python-socketio==5.11.4 aiohttp==3.10.11 websockets==13.1 >&2
Tools/install.sh node-ws >&2 || true

work=$(mktemp -d /tmp/ctid-bench-XXXXXX)
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$work"
}
trap finish EXIT
bench() { taskset -c 1 "$built/ctid-bench" sessions "$@"; }
# A port that answers.
answers() { until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do sleep 0.05; done; }

taskset -c 0 redis-server --port 0 --unixsocket "$work/redis.sock" --save '' --dir "$work" >/dev/null &
pids+=($!)
mkdir -p "$work/tenants"
head -c 32 /dev/urandom | base64 | tr -d '\n' >"$work/tenants/jwt"
chmod 600 "$work/tenants/jwt"
printf 'http: { listen: "127.0.0.1:18080" }\ndata_dir: %s/data\n' "$work" >"$work/ctid.yaml"
cat >"$work/tenants/bench.yaml" <<YAML
redis: { url: "unix://$work/redis.sock?db=0" }
auth: { hs256_secret_file: jwt }
rules:
  - on: [up]
    do: [ { realtime: { app: SalesCTI, reference: "42", url: "https://crm.example" } } ]
YAML
taskset -c 0 "$built/ctid" run --config "$work" 2>"$work/log" &
ours=$!
pids+=("$ours")
answers 18080
bench ctid 18080 "$ours" "$SESSIONS" "$LISTENERS" "$ROUNDS" "$work/redis.sock" "$work/tenants/jwt"
kill "$ours"

taskset -c 0 "$python" Benchmarks/rivals/socketio_server.py 18081 >/dev/null &
pids+=($!)
answers 18081
bench socketio 18081 "$!" "$SESSIONS" "$LISTENERS" "$ROUNDS"
kill "$!"

taskset -c 0 "$python" Benchmarks/rivals/websockets_server.py 18083 >/dev/null 2>&1 &
pids+=($!)
answers 18083
bench ws 18083 "$!" "$SESSIONS" "$LISTENERS" "$ROUNDS" | sed 's/"sessions ws"/"sessions websockets"/'
kill "$!"

if [ -d /usr/share/nodejs/ws ]; then
    taskset -c 0 node Benchmarks/rivals/ws_server.js 18082 &
    pids+=($!)
    answers 18082
    bench ws 18082 "$!" "$SESSIONS" "$LISTENERS" "$ROUNDS"
else
    echo "Node's ws cannot be had: its row is SKIPPED" >&2
fi
