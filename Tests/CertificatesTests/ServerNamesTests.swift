import Foundation
import NIOSSL
import TestCertificates
import Testing

@testable import Certificates

struct ServerNamesTests {
    private static let names = ServerNames(
        names: ["redis.example.com", "*.pbx.example", "*.com", "r*.example.org"], addresses: [[127, 0, 0, 1]])

    @Test(arguments: [
        "redis.example.com", "REDIS.Example.com", "redis.example.com.", "a.pbx.example", "127.0.0.1",
    ])
    func theyInclude(host: String) { #expect(Self.names.include(host)) }

    /// An asterisk is one whole label, and no name is as good as an address, nor the other way.
    @Test(arguments: [
        "example.com", "a.redis.example.com", "pbx.example", "a.b.pbx.example", "example.com.org", "redis.example.org",
        "127.0.0.2", "::1", "", ".", "..com", "*", "localhost",
    ])
    func theyDoNotInclude(host: String) { #expect(!Self.names.include(host)) }

    @Test func theyAreReadFromTheAlternativeNamesAlone() throws {
        let folder = try ScratchFolder()
        let authority = try TestAuthority(in: folder.path)
        let pair = try authority.issue("common", names: "DNS:a.example,IP:10.0.0.7,IP:::1")
        let names = try ServerNames(of: try #require(NIOSSLCertificate.fromPEMFile(pair.certificate).first))
        #expect(names.description == "a.example, 10.0.0.7, ::1")
        #expect(names.include("a.example") && names.include("10.0.0.7") && names.include("0:0:0:0:0:0:0:1"))
        #expect(!names.include("common"))
        let bare = try authority.issue("bare", names: "")
        let none = try ServerNames(of: try #require(NIOSSLCertificate.fromPEMFile(bare.certificate).first))
        #expect(none.description == "no name at all" && !none.include("bare"))
    }
}

/// A folder that is gone with the value.
final class ScratchFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("ctid-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
