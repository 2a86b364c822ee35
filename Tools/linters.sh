#!/bin/sh
# Fetches hadolint and docker compose, pinned, into .build/peers/linters/bin: once, and anew when their list changes.
set -eu

cd "$(dirname "$0")/.."
list=Tools/peers/linters.txt
folder=.build/peers/linters
# What was installed is noted last, so one that was broken off is made anew.
cmp -s "$list" "$folder/installed.txt" && exit 0
Tools/install.sh python3 python3-venv
echo "installing the packages of $list"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --requirement "$list" || {
    echo "linters: the packages of $list could not be installed; is PyPI reachable?" >&2
    exit 69
}
cp "$list" "$folder/installed.txt"
