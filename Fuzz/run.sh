#!/bin/sh
# Fuzzes the decoder for SECONDS (60 unless told) under the address sanitizer; not 0 when a promise is broken.
# Found texts go to .build-fuzz, which is not kept; Fuzz/corpus holds the seeds.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
core=Sources/CTICore
mkdir -p .build-fuzz/corpus .build-fuzz/crashes
swiftc -O -swift-version 6 -sanitize=fuzzer,address -parse-as-library -module-name DecodeFuzz \
    -o .build-fuzz/decode_fuzz Fuzz/decode_fuzz.swift \
    $core/Calls/CallEvent.swift $core/Calls/Identifiers.swift $core/Calls/Timestamp.swift $core/JSON/JSONWriter.swift \
    $core/Dialects/DecodeFailure.swift $core/Dialects/NotificationDecoder.swift \
    $core/Dialects/NotificationFields.swift $core/Dialects/NotificationHotPath.swift \
    $core/Dialects/NotificationScan.swift $core/Dialects/JSONScanner.swift $core/Dialects/JSONToken.swift \
    $core/Dialects/JSONEscapes.swift $core/Dialects/BitStack.swift $core/Dialects/ByteWord.swift \
    $core/Dialects/UTF8Text.swift
ASAN_OPTIONS=detect_leaks=0 .build-fuzz/decode_fuzz -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix=.build-fuzz/crashes/ .build-fuzz/corpus Fuzz/corpus
