# The daemon alone, on a small Debian: no compiler, no package of a build, no curl; a user that is not root.
#
#   docker build --tag ctid .          (or: make image)
#   docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges \
#       --volume ./ctid:/etc/ctid:ro --volume ctid-data:/var/lib/ctid --publish 8080:8080 ctid
#
# Docs/container.md tells of secrets, the listen address and Kubernetes; compose.yaml is a whole example.

ARG BUILDER_IMAGE=swift:6.3-bookworm
ARG RUNTIME_IMAGE=debian:bookworm-slim

# First, so that `--target runtime` needs no compiler: a binary that is already there can be put on top.
FROM ${RUNTIME_IMAGE} AS runtime
# Debian's security updates are wanted, so no versions. Certificates are for https and rediss to others.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates libhiredis0.14 libsqlite3-0 libstdc++6 zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/ldconfig/aux-cache /var/log/* \
    && groupadd --gid 10001 ctid \
    && useradd --uid 10001 --gid ctid --no-create-home --home-dir /var/lib/ctid --shell /usr/sbin/nologin ctid \
    && install --directory --owner=ctid --group=ctid --mode=0750 /var/lib/ctid \
    && install --directory --mode=0755 /etc/ctid /run/secrets
# Secrets are mounted here; those alone may be readable by others, who are not in here.
ENV CTID_CONFIG=/etc/ctid CREDENTIALS_DIRECTORY=/run/secrets
# A number, so that `runAsNonRoot` can be checked without reading /etc/passwd.
USER 10001:10001
WORKDIR /var/lib/ctid
VOLUME /var/lib/ctid
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=5m --retries=3 CMD ["ctid", "health"]
ENTRYPOINT ["ctid"]
CMD ["run"]

FROM ${BUILDER_IMAGE} AS builder
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends binutils libhiredis-dev libsqlite3-dev make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# As everybody builds it, but for `setup`: what that installs is there. The cache keeps the dependencies, compiled.
# Stripped: a third of its size, and nothing in the image could read the symbols.
RUN --mount=type=cache,target=/src/.build,sharing=locked \
    make --assume-old=setup build \
    && Tools/check-libraries.sh .build/release/ctid \
    && strip -o /usr/local/bin/ctid .build/release/ctid

FROM runtime
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="ctid" \
      org.opencontainers.image.description="Puts the caller's record in front of the agent who is about to talk." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=builder /usr/local/bin/ctid /usr/local/bin/ctid
