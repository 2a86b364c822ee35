import CTICore

/// `{"ok":false,"error":{"code":…,"message":…}}`: the line out for a payload that could not be taken.
struct RefusedLine: Error {
    let code: String
    let message: String

    init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    init(_ failure: DecodeFailure) { self.init(code: failure.code.rawValue, message: failure.message) }

    var json: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("ok", false)
            $0.member(
                "error",
                object: {
                    $0.member("code", code)
                    $0.member("message", message)
                })
        }
        return json.bytes
    }
}
