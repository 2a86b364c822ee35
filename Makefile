# The two commands: `make run` shows everything on this machine, `make test` passes the tests.
# Both install what they need from Debian's packages first. Swift 6.3 is expected in $PATH.

SWIFT ?= swift
RELEASE_FLAGS := -c release --static-swift-stdlib

# Suites with many processes each: beside all the others they would measure the machine.
HEAVY := IntegrationTests[.](SinkContract|SocketIO|Webhook|BoardLoad)

.PHONY: run build man completions image test test-container faults lint bench fuzz setup setup-test clean

run: build
	.build/release/ctid demo $(ARGS)

build: setup
	$(SWIFT) build $(RELEASE_FLAGS) --product ctid

# The manual page and the shells' completions, made from the definitions of the commands.
SHARE := .build/share

man: build
	mkdir -p $(SHARE)/man
	.build/release/ctid man --date "$$(git log -1 --format=%cs 2>/dev/null || date +%F)" > $(SHARE)/man/ctid.1

completions: build
	mkdir -p $(SHARE)/completions
	.build/release/ctid --generate-completion-script bash > $(SHARE)/completions/ctid.bash
	.build/release/ctid --generate-completion-script zsh > $(SHARE)/completions/_ctid
	.build/release/ctid --generate-completion-script fish > $(SHARE)/completions/ctid.fish

# By whatever builds images here: make image CONTAINER=podman IMAGE=registry.example/ctid:1
CONTAINER ?= docker
IMAGE ?= ctid

# Podman's own format has no health check.
image: export BUILDAH_FORMAT := docker
image:
	$(CONTAINER) build --tag $(IMAGE) --build-arg VERSION="$$(sed -n 's/.*let current = "\(.*\)"/\1/p' Sources/ctid/CTID.swift)" \
		--build-arg REVISION="$$(git rev-parse HEAD 2>/dev/null || echo unknown)" .

test: setup-test
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip IntegrationTests
	$(SWIFT) test --skip-build --filter IntegrationTests --skip FaultTests --skip '$(HEAVY)'
	$(SWIFT) test --skip-build --filter '$(HEAVY)'
	$(SWIFT) test --skip-build --filter FaultTests

# Builds the image and runs it. BINARY=.build/release/ctid puts that on top of it instead of compiling once more.
test-container:
	Tools/install.sh binutils buildah crun debootstrap podman python3 python3-venv redis-server
	Tests/Container/run.sh $(BINARY)

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
	Tools/linters.sh
	.build/peers/linters/bin/hadolint Dockerfile

bench: setup
	Benchmarks/run.sh

# SECONDS of fuzzing the decoder: make fuzz SECONDS=600
SECONDS := 30
fuzz: setup
	Fuzz/run.sh $(SECONDS)

setup:
	Tools/install.sh libhiredis-dev libsqlite3-dev redis-server

setup-test: setup
	Tools/install.sh chromium chromium-driver openssl sip-tester python3 python3-venv groff-base mandoc zsh fish
	Tools/peers.sh

clean:
	rm -rf .build .build-fuzz .build-bench .build-image
