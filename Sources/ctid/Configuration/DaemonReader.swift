/// Reads `ctid.yaml` from its document.
struct DaemonReader {
    let root: Section<DaemonKeys.Root>

    func read() -> DaemonConfiguration {
        var daemon = DaemonConfiguration()
        readHTTP(into: &daemon)
        if let directory = root[.dataDir]?.nonEmptyText(expected: "a folder") {
            daemon.dataDirectory = root.context.files.path(of: directory)
        }
        daemon.log = log(default: daemon.log)
        daemon.durability =
            root[.durability]?.choice(DaemonConfiguration.Durability.self, called: "durability") ?? daemon.durability
        daemon.shutdownTimeout =
            root[.shutdownTimeout]?.duration(in: .zero ... .seconds(600)) ?? daemon.shutdownTimeout
        daemon.limits = limits(default: daemon.limits)
        return daemon
    }

    private func readHTTP(into daemon: inout DaemonConfiguration) {
        guard let http = root.section(.http, as: DaemonKeys.HTTP.self) else { return }
        if let value = http[.listen], let text = value.text(expected: "an address, as 127.0.0.1:8080") {
            if let address = ListenAddress(written: text) {
                daemon.listen = address
            } else {
                value.fail("\"\(text)\" is not an address, expected host:port, as 127.0.0.1:8080 or [::]:8080")
            }
        }
        daemon.tls = http.section(.tls, as: DaemonKeys.TLS.self).flatMap { tls($0) }
    }

    private func tls(_ section: Section<DaemonKeys.TLS>) -> DaemonConfiguration.TLSFiles? {
        let certificate = section.unlessEmpty(.certificateFile)
        let key = section.unlessEmpty(.keyFile)
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, nil): certificate.fail("is given without key_file, expected both or neither")
        case (nil, let key?): key.fail("is given without certificate_file, expected both or neither")
        case (let certificate?, let key?):
            let certificatePath = certificate.pemFile()?.path
            let keyPath = key.privateKeyPath()
            ConfigurationValue.reportUnlessPair(certificatePath: certificatePath, keyPath: keyPath, at: key)
            guard let certificatePath, let keyPath else { return nil }
            return DaemonConfiguration.TLSFiles(certificatePath: certificatePath, keyPath: keyPath)
        }
        return nil
    }

    private func log(default fallback: DaemonConfiguration.Log) -> DaemonConfiguration.Log {
        guard let section = root.section(.log, as: DaemonKeys.Log.self) else { return fallback }
        var log = fallback
        log.level = section[.level]?.choice(DaemonConfiguration.Log.Level.self, called: "level") ?? log.level
        log.format = section[.format]?.choice(DaemonConfiguration.Log.Format.self, called: "format") ?? log.format
        log.revealNumbers = section[.revealNumbers]?.boolean() ?? log.revealNumbers
        return log
    }

    private func limits(default fallback: DaemonConfiguration.Limits) -> DaemonConfiguration.Limits {
        guard let section = root.section(.limits, as: DaemonKeys.Limits.self) else { return fallback }
        var limits = fallback
        limits.payload = section[.payload]?.size(in: 1 << 10...16 << 20) ?? limits.payload
        limits.sessionsPerAgent = section[.sessionsPerAgent]?.integer(in: 1...1_000) ?? limits.sessionsPerAgent
        limits.stackedPops = section[.stackedPops]?.integer(in: 1...1_000) ?? limits.stackedPops
        limits.logRetention =
            section[.logRetention]?.duration(in: .seconds(3_600) ... .seconds(3_650 * 86_400)) ?? limits.logRetention
        return limits
    }
}
