// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Dependencies point inwards, to CTICore, which imports nothing but Foundation.
let package = Package(
    name: "ctid",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "ctid", targets: ["ctid"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.12.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.100.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
        .target(name: "CFileLook"),
        .target(name: "CWebAssets"),
        // Reads certificates and keys, and says what is wrong with them: for both sides of TLS.
        .target(name: "Certificates", dependencies: [nioSSL, swiftASN1, x509], swiftSettings: strict),
        // NIO is for rediss:// alone, since hiredis itself may have been built without TLS.
        .target(
            name: "Hiredis", dependencies: ["CHiredis", "Certificates", nioCore, nioPosix, nioSSL, nioTLS],
            swiftSettings: strict),
        .target(name: "CTICore", swiftSettings: strict),
        .target(name: "CTIPipeline", dependencies: ["CTICore", "Hiredis", logging], swiftSettings: strict),
        .target(name: "CTIStore", dependencies: ["CTICore", "CTIPipeline", grdb], swiftSettings: strict),
        .target(
            name: "CTIContacts", dependencies: ["CTICore", "CTIPipeline", asyncHTTPClient, nioCore, nioHTTP1],
            swiftSettings: strict),
        .target(
            name: "SocketIO",
            dependencies: [asyncHTTPClient, logging, nioCore, nioHTTP1, nioPosix, nioSSL, nioWebSocket],
            swiftSettings: strict
        ),
        .target(
            name: "CTIHub",
            dependencies: [
                "CTICore", "CTIPipeline", "CWebAssets", "Certificates", "SocketIO", coreMetrics, hummingbird, jwtKit,
                logging, metrics, nioCore, nioHTTP1, nioPosix, nioSSL, nioWebSocket, serviceLifecycle,
            ],
            exclude: ["Web"],
            swiftSettings: strict
        ),
        .target(
            name: "CTISinks",
            dependencies: [
                "CTICore", "CTIHub", "CTIPipeline", "Hiredis", "SocketIO", asyncHTTPClient, crypto, logging, nioCore,
                nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ctid",
            dependencies: [
                "CFileLook", "CTICore", "CTIPipeline", "CTIStore", "CTIContacts", "CTIHub", "CTISinks", "Certificates",
                "Hiredis", "SocketIO", argumentParser, asyncHTTPClient, hummingbird, logging, metrics, nioCore,
                nioHTTP1, nioSSL,
                serviceLifecycle, unixSignals, yams,
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "ctid-bench",
            dependencies: [
                "CTIContacts", "CTICore", "CTIHub", "CTIPipeline", "CTIStore", "Hiredis", logging, nioCore, nioPosix,
            ],
            path: "Benchmarks/Bench",
            swiftSettings: strict
        ),
        .testTarget(name: "CTICoreTests", dependencies: ["CTICore"], exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(name: "HiredisTests", dependencies: ["Hiredis"], swiftSettings: strict),
        .testTarget(
            name: "CTIPipelineTests", dependencies: ["CTICore", "CTIPipeline", "Hiredis", logging],
            swiftSettings: strict),
        .testTarget(
            name: "CTIStoreTests", dependencies: ["CTICore", "CTIPipeline", "CTIStore", grdb], swiftSettings: strict),
        .testTarget(
            name: "CTIContactsTests", dependencies: ["CTICore", "CTIPipeline", "CTIContacts"], exclude: ["Fixtures"],
            swiftSettings: strict),
        .testTarget(
            name: "CTIHubTests",
            dependencies: [
                "CTICore", "CTIHub", "CTIPipeline", asyncHTTPClient, coreMetrics, hummingbird, jwtKit, logging, nioCore,
                nioHTTP1, serviceLifecycle,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "SocketIOTests",
            dependencies: ["SocketIO", logging, nioCore, nioEmbedded, nioHTTP1, nioPosix, nioWebSocket],
            swiftSettings: strict
        ),
        // Certificates of an authority of a test's own, by openssl; for more than one test target.
        .target(name: "TestCertificates", path: "Tests/TestCertificates", swiftSettings: strict),
        .testTarget(
            name: "CertificatesTests", dependencies: ["Certificates", "TestCertificates", nioSSL], swiftSettings: strict
        ),
        // Servers that answer as a test tells them to; for more than one test target.
        .target(name: "TestReceivers", path: "Tests/Receivers", swiftSettings: strict),
        .testTarget(
            name: "CTISinksTests",
            dependencies: [
                "CTICore", "CTIPipeline", "CTISinks", "Hiredis", "TestReceivers", asyncHTTPClient, crypto, logging,
                nioCore,
                nioHTTP1, nioPosix,
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ctidTests",
            dependencies: [
                "ctid", "CTICore", "CTIHub", "CTIPipeline", "CTISinks", "Hiredis", "TestCertificates", "TestReceivers",
                logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            // The binary itself is run, so it must have been built.
            dependencies: [
                "CTICore", "CTIPipeline", "CTISinks", "Hiredis", "SocketIO", "TestCertificates", "TestReceivers",
                "ctid",
                asyncHTTPClient, crypto, grdb, logging, nioCore, nioHTTP1, nioSSL,
            ],
            path: "Tests/Integration",
            exclude: ["Fixtures"],
            swiftSettings: strict
        ),
    ]
)
