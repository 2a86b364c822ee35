import Foundation

/// A command that has run to its end.
struct CommandResult: Sendable {
    let code: Int32?
    let output: String
    let errors: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }

    /// A command that is not done within 30 s is killed, and has no code.
    init(_ arguments: [String], input: Data = Data()) async throws {
        let process = try ChildProcess(DaemonUnderTest.executable, arguments, input: input)
        code = await process.ended(within: .seconds(30)).code
        output = process.output
        errors = process.errors
        await process.remove()
    }
}
