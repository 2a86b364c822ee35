# The two commands: `make run` shows everything on this machine, `make test` passes the tests.
# Both install what they need from Debian's packages first. Swift 6.3 is expected in $PATH.

SWIFT ?= swift
RELEASE_FLAGS := -c release --static-swift-stdlib

# Suites with many processes each: beside all the others they would measure the machine.
HEAVY := IntegrationTests[.](SinkContract|SocketIO|Webhook|BoardLoad)

.PHONY: run build test faults lint bench fuzz setup setup-test clean

run: build
	.build/release/ctid demo $(ARGS)

build: setup
	$(SWIFT) build $(RELEASE_FLAGS) --product ctid

test: setup-test
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip IntegrationTests
	$(SWIFT) test --skip-build --filter IntegrationTests --skip FaultTests --skip '$(HEAVY)'
	$(SWIFT) test --skip-build --filter '$(HEAVY)'
	$(SWIFT) test --skip-build --filter FaultTests

# What breaks things on purpose, as a whole and for long; `make test` does 20 rounds and 10 runs of it.
faults: export CTID_FAULT_ROUNDS ?= 200
faults: export CTID_FAULT_RUNS ?= 100
faults: setup
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter FaultTests

lint: setup
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Package.swift
	Tools/install.sh shellcheck
	shellcheck .ci/run $(shell git ls-files '*.sh')

bench: setup
	Benchmarks/run.sh

# SECONDS of fuzzing the decoder: make fuzz SECONDS=600
SECONDS := 30
fuzz: setup
	Fuzz/run.sh $(SECONDS)

setup:
	Tools/install.sh libhiredis-dev libsqlite3-dev redis-server

setup-test: setup
	Tools/install.sh chromium chromium-driver openssl prometheus sip-tester python3 python3-venv
	Tools/peers.sh

clean:
	rm -rf .build .build-fuzz .build-bench
