import Foundation

/// How far a long piece of work is, on one line of a terminal's standard error; anywhere else nothing at all.
final class ProgressBar {
    private static let width = 30

    private let title: String
    private let isShown = isatty(STDERR_FILENO) == 1
    private var percent = -1

    init(title: String) { self.title = title.printable.shortened(to: 30) }

    /// - Parameter part: 0 to 1.
    func show(_ part: Double) {
        let now = Int(part * 100)
        guard isShown, now != percent else { return }
        percent = now
        let full = now * Self.width / 100
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: Self.width - full)
        write("\r\(title) \(bar) \(now) %")
    }

    /// The line is empty again.
    func finish() {
        guard isShown, percent >= 0 else { return }
        percent = -1
        write("\r\u{1B}[K")
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
