import CWebAssets
import Hummingbird
import NIOCore

/// A file of the pages, which the binary carries in itself.
struct WebAsset: Sendable {
    var name: String
    var content: ByteBuffer
    var etag: String

    init(name: String, content: ByteBuffer) {
        self.name = name
        self.content = content
        etag = "\"\(String(Self.hash(content), radix: 36))\""
    }

    /// All of them, by name; made once, as the bytes never change.
    static let all: [String: WebAsset] = {
        var assets: [String: WebAsset] = [:]
        for file in UnsafeBufferPointer(start: cti_web_assets(), count: cti_web_asset_count()) {
            let name = String(cString: file.name)
            let bytes = UnsafeBufferPointer(start: file.bytes, count: file.count)
            assets[name] = WebAsset(name: name, content: ByteBuffer(bytes: bytes))
        }
        return assets
    }()

    var contentType: String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "json", "webmanifest": "application/json"
        case "yaml": "application/yaml"
        default: "application/octet-stream"
        }
    }

    /// FNV-1a, 64 bits: it tells versions apart and guards nothing.
    private static func hash(_ content: ByteBuffer) -> UInt64 {
        content.readableBytesView.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
