# The two commands: `make run` shows everything on this machine, `make test` passes the tests.
# Both install what they need from Debian's packages first. Swift 6.3 is expected in $PATH.

SWIFT ?= swift
RELEASE_FLAGS := -c release --static-swift-stdlib

# Suites with many processes each: beside all the others they would measure the machine.
HEAVY := IntegrationTests[.](SinkContract|SocketIO|Webhook|BoardLoad)
# How it is run: many daemons that are started, changed and stopped, beside no browser.
OPERATIONS := IntegrationTests[.](TLS|Reload|Isolation|Monitoring|LogTests|Health|Manual|Completion|Systemd)
# Hundreds of tenants, thousands of requests, and what must be done in time: nothing else beside them.
ALONE := IntegrationTests[.](Fleet|OpenAPI|Metrics|.*/promptly)

.PHONY: run build man completions image test test-systemd test-container test-image faults lint bench fuzz install \
	uninstall deb setup setup-container setup-test clean

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
	@# It is sourced, not run: without the first line, which names a program.
	.build/release/ctid --generate-completion-script bash | sed '1{/^#!/d}' > $(SHARE)/completions/ctid.bash
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
	$(SWIFT) test --skip-build --filter IntegrationTests --skip FaultTests --skip '$(HEAVY)' --skip '$(OPERATIONS)' --skip '$(ALONE)'
	$(SWIFT) test --skip-build --filter '$(OPERATIONS)' --skip '$(ALONE)'
	$(SWIFT) test --skip-build --filter '$(HEAVY)' --skip '$(ALONE)'
	$(SWIFT) test --skip-build --no-parallel --filter '$(ALONE)'
	$(SWIFT) test --skip-build --filter FaultTests

# Builds the image around what `make build` made, and runs it. `make test-image` compiles inside of it, as an image is built for
# real: that takes as long as a first build.
test-container: build setup-container
	Tests/Container/run.sh $(BINARY)

test-image: setup-container
	Tests/Container/run.sh

# What breaks things on purpose, as a whole and for long; `make test` does 20 rounds and 10 runs of it.
faults: export CTID_FAULT_ROUNDS ?= 200
faults: export CTID_FAULT_RUNS ?= 100
faults: setup
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --filter FaultTests

lint: setup
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Package.swift
	Tools/install.sh shellcheck
	shellcheck .ci/run Tools/deb/postinst Tools/deb/prerm Tools/deb/postrm $(shell git ls-files '*.sh')
	Tools/linters.sh
	.build/peers/linters/bin/hadolint Dockerfile

bench: setup
	Benchmarks/run.sh

# SECONDS of fuzzing the decoder: make fuzz SECONDS=600
SECONDS := 30
fuzz: setup
	Fuzz/run.sh $(SECONDS)

# Where `make install` puts things; DESTDIR goes before all of it, for packagers. Nothing is written to /etc or /var:
# systemd-sysusers and systemd-tmpfiles make the user and the folders.
PREFIX ?= /usr
DESTDIR ?=
BINARY ?= .build/release/ctid
INSTALLED_BIN := $(DESTDIR)$(PREFIX)/bin
INSTALLED_LIB := $(DESTDIR)$(PREFIX)/lib
INSTALLED_SHARE := $(DESTDIR)$(PREFIX)/share
# The units name the programs of /usr; elsewhere they are told where.
AT_PREFIX := sed -e 's,/usr/bin/ctid,$(PREFIX)/bin/ctid,' -e 's,file:/usr/share/,file:$(PREFIX)/share/,'

# What `make build` made: building is nothing for root.
install:
	@test -x $(BINARY) || { echo "$(BINARY) is not there: make build" >&2; exit 69; }
	install -D -m 755 $(BINARY) $(INSTALLED_BIN)/ctid
	install -d $(INSTALLED_LIB)/systemd/system $(INSTALLED_LIB)/sysusers.d $(INSTALLED_LIB)/tmpfiles.d
	for unit in ctid ctid@; do $(AT_PREFIX) systemd/$$unit.service > $(INSTALLED_LIB)/systemd/system/$$unit.service || exit; done
	chmod 644 $(INSTALLED_LIB)/systemd/system/ctid.service $(INSTALLED_LIB)/systemd/system/ctid@.service
	install -m 644 systemd/ctid.sysusers $(INSTALLED_LIB)/sysusers.d/ctid.conf
	install -m 644 systemd/ctid.tmpfiles $(INSTALLED_LIB)/tmpfiles.d/ctid.conf
	install -d $(INSTALLED_SHARE)/doc/ctid/examples/tenants $(INSTALLED_SHARE)/doc/ctid/examples/schema
	install -m 644 README.md CHANGELOG.md $(wildcard Docs/*.md) $(INSTALLED_SHARE)/doc/ctid
	install -d $(INSTALLED_SHARE)/doc/ctid/decisions
	install -m 644 $(wildcard Docs/decisions/*.md) $(INSTALLED_SHARE)/doc/ctid/decisions
	install -m 644 Config/ctid.yaml $(INSTALLED_SHARE)/doc/ctid/examples
	install -m 644 $(wildcard Config/tenants/*) $(INSTALLED_SHARE)/doc/ctid/examples/tenants
	install -m 644 $(wildcard Config/schema/*) $(INSTALLED_SHARE)/doc/ctid/examples/schema
	install -m 644 Config/prometheus/ctid.rules.yaml Config/grafana/ctid.json $(INSTALLED_SHARE)/doc/ctid/examples
	@# `make man completions` makes these; without them they are left out.
	if [ -f .build/share/man/ctid.1 ]; then install -d $(INSTALLED_SHARE)/man/man1 \
		&& gzip -9nc .build/share/man/ctid.1 > $(INSTALLED_SHARE)/man/man1/ctid.1.gz \
		&& chmod 644 $(INSTALLED_SHARE)/man/man1/ctid.1.gz; fi
	@# A shell each: from, to.
	set -e; for pair in ctid.bash:bash-completion/completions/ctid _ctid:zsh/vendor-completions/_ctid \
		ctid.fish:fish/vendor_completions.d/ctid.fish; do \
		[ ! -f .build/share/completions/$${pair%%:*} ] || install -D -m 644 .build/share/completions/$${pair%%:*} \
			$(INSTALLED_SHARE)/$${pair#*:}; \
	done

# Leaves what was configured and recorded.
uninstall:
	rm -f $(INSTALLED_BIN)/ctid $(INSTALLED_LIB)/systemd/system/ctid.service $(INSTALLED_LIB)/systemd/system/ctid@.service \
		$(INSTALLED_LIB)/sysusers.d/ctid.conf $(INSTALLED_LIB)/tmpfiles.d/ctid.conf \
		$(INSTALLED_SHARE)/man/man1/ctid.1.gz $(INSTALLED_SHARE)/bash-completion/completions/ctid \
		$(INSTALLED_SHARE)/zsh/vendor-completions/_ctid $(INSTALLED_SHARE)/fish/vendor_completions.d/ctid.fish
	rm -rf $(INSTALLED_SHARE)/doc/ctid

# .build/deb/ctid_VERSION_ARCHITECTURE.deb
deb: man completions
	Tools/deb.sh

# The package in a Debian of its own, under a systemd of its own.
test-systemd: man completions
	Tests/Systemd/run.sh

setup:
	Tools/install.sh libhiredis-dev libsqlite3-dev redis-server

setup-container:
	Tools/install.sh binutils buildah crun debootstrap podman python3 python3-venv redis-server

setup-test: setup
	Tools/install.sh chromium chromium-driver openssl prometheus sip-tester python3 python3-venv \
		groff-base mandoc zsh fish
	Tools/peers.sh

clean:
	rm -rf .build .build-fuzz .build-bench .build-image
