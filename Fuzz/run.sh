#!/bin/sh
# Fuzzes the decoder for SECONDS (60 unless told) under the address sanitizer; not 0 when a promise is broken.
# Found texts go to .build-fuzz, which is not kept; Fuzz/corpus holds the seeds.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
mkdir -p .build-fuzz/corpus .build-fuzz/crashes
# The whole of CTICore, so that a source that moves or is added needs no word here; with the settings of Package.swift.
find Sources/CTICore -name '*.swift' >.build-fuzz/sources
swiftc -O -swift-version 6 -sanitize=fuzzer,address -parse-as-library -module-name DecodeFuzz \
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
    -enable-upcoming-feature InternalImportsByDefault \
    -o .build-fuzz/decode_fuzz Fuzz/decode_fuzz.swift @.build-fuzz/sources
ASAN_OPTIONS=detect_leaks=0 .build-fuzz/decode_fuzz -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix=.build-fuzz/crashes/ .build-fuzz/corpus Fuzz/corpus
