#!/bin/sh
# Fetches what others wrote and the tests talk to, into .build/peers:
#
#   socketio5/bin/python    python-socketio 5, client and server (Engine.IO 4)
#   socketio4/bin/python    python-socketio 4 on gevent (Engine.IO 3)
#   judges/bin              schemathesis for /openapi.yaml, prometheus-client's parser for /metrics
#   socket.io.min.js        the official client for browsers, 4.8.1
#
# Each is pinned, made once, and made anew when its list in Tools/peers changes. Example: Tools/peers.sh
set -eu

cd "$(dirname "$0")/.."
peers=.build/peers
mkdir -p "$peers"

fail() {
    echo "peers: $1" >&2
    exit 69
}

# environment NAME MODULES: a virtual environment with exactly what Tools/peers/NAME.txt lists, for these modules.
environment() {
    list="Tools/peers/$1.txt"
    # What was installed is noted last, so one that was broken off is made anew.
    cmp -s "$list" "$peers/$1/installed.txt" && "$peers/$1/bin/python" -c "import $2" 2>/dev/null && return 0
    Tools/install.sh python3 python3-venv
    echo "installing the packages of $list"
    rm -rf "${peers:?}/$1"
    python3 -m venv "$peers/$1" || fail "python3 cannot make a virtual environment, is python3-venv installed?"
    "$peers/$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --requirement "$list" || fail "the packages of $list could not be installed; is PyPI reachable?"
    "$peers/$1/bin/python" -c "import $2" || fail "what $list installs does not work"
    cp "$list" "$peers/$1/installed.txt"
}

# The client is published on npm; PyPI has it inside nicegui's wheel.
wheel=nicegui==3.4.1
hash=b0e735814f8dcfecd6cdb8a7ce95a297a7e1e5f2727a29e6f5901801d52fa0c5

is_genuine() { echo "$hash  $1" | sha256sum --check --status 2>/dev/null; }

browser_client() {
    file="$peers/socket.io.min.js"
    is_genuine "$file" && return 0
    echo "fetching $file"
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    "$peers/socketio5/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --dest "$folder" "$wheel" || fail "$wheel could not be fetched; is PyPI reachable?"
    "$peers/socketio5/bin/python" -m zipfile -e "$folder"/*.whl "$folder/wheel"
    is_genuine "$folder/wheel/nicegui/static/socket.io.min.js" || fail "$wheel has another socket.io.min.js than 4.8.1"
    mv "$folder/wheel/nicegui/static/socket.io.min.js" "$file"
}

environment socketio5 socketio
environment socketio4 socketio
environment judges 'schemathesis, prometheus_client'
browser_client
