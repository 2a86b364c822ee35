/// The target of `run.sh`: libFuzzer's texts through the decoder. A broken promise ends the process, which libFuzzer reports
/// together with the text.
///
/// It is compiled into one module with CTICore, so that both of the decoder's ways can be called.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: data, count: data == nil ? 0 : count)
    let relaxed = DecodePromises(NotificationDecoder(), bytes)
    let strict = DecodePromises(NotificationDecoder(strict: true), bytes)
    relaxed.check()
    strict.check()
    // What strict makes sense of, relaxed understands the same way: event or error.
    if !strict.isNotJSON { precondition(strict.outcome == relaxed.outcome, "strict and relaxed differ") }
    return 0
}

/// What is promised of every text.
private struct DecodePromises {
    let outcome: Result<CallEvent, DecodeFailure>
    private let general: Result<CallEvent, DecodeFailure>
    private let input: UnsafeRawBufferPointer

    init(_ decoder: NotificationDecoder, _ bytes: UnsafeRawBufferPointer) {
        input = bytes
        outcome = Result { () throws(DecodeFailure) in try decoder.decode(bytes) }
        general = Result { () throws(DecodeFailure) in try decoder.decodeAnyText(bytes) }
    }

    var isNotJSON: Bool {
        if case .failure(let failure) = outcome { failure.code == .notJSON } else { false }
    }

    func check() {
        precondition(outcome == general, "the hot path and the general one differ")
        switch outcome {
        case .success(let event): check(event)
        case .failure(let failure): precondition(!failure.message.isEmpty, "an error without a message")
        }
    }

    private func check(_ event: CallEvent) {
        precondition(!event.callRef.rawValue.isEmpty && !event.extension.rawValue.isEmpty, "a required field is empty")
        precondition(event.contactRef != "" && event.campaign != "", "an empty value is not absent")
        precondition(event.campaign != "inbound", "inbound is no campaign")
        if let digits = event.holdSeconds?.digits {
            precondition(digits.utf8.allSatisfy { (0x30...0x39).contains($0) }, "hold time is not of digits")
            precondition(digits == "0" || !digits.isEmpty && !digits.hasPrefix("0"), "hold time has leading zeros")
        }
        // Each escape is longer than what it stands for, so nothing decoded outgrows the text.
        let decoded = event.caller.utf8.count + event.callRef.rawValue.utf8.count + event.extension.rawValue.utf8.count
        precondition(decoded <= input.count, "more came out than went in")
    }
}
