import Certificates
import Foundation

extension ConfigurationValue {
    /// The content of a secret file, checked. `nil`, and a report, where it cannot be had.
    func secret(atLeast least: Int = 1) -> Secret? {
        guard let (path, contents) = readFile(at: context.files.secretPath(of:)) else { return nil }
        if contents.isReadableByOthers, !context.files.isCredential(path: path) {
            let mode = String(contents.mode, radix: 8)
            fail("\(path) can be read by other users (mode 0\(mode)), expected 0600, or 0400")
            return nil
        }
        guard let text = String(validating: Self.withoutLineEnd(contents.bytes), as: UTF8.self) else {
            fail("\(path) is not UTF-8, expected a secret in UTF-8")
            return nil
        }
        guard text.utf8.count >= least else {
            let size = text.isEmpty ? "is empty" : "holds \(text.utf8.count) bytes"
            fail("\(path) \(size), expected a secret of at least \(least) byte\(least == 1 ? "" : "s")")
            return nil
        }
        return Secret(text)
    }

    /// The path of a private key, kept as carefully as a secret.
    func privateKeyPath() -> String? {
        guard secret() != nil, case .scalar(let name) = node.content else { return nil }
        return context.files.secretPath(of: name)
    }

    /// The path and text of a certificate, a public key or a key set.
    func publicFile() -> (path: String, text: String)? {
        guard let (path, contents) = readFile(at: context.files.certificatePath(of:)) else { return nil }
        guard let text = String(validating: contents.bytes, as: UTF8.self) else {
            fail("\(path) is not UTF-8, expected text")
            return nil
        }
        return (path, text)
    }

    /// The same, for PEM.
    func pemFile() -> (path: String, text: String)? {
        guard let file = publicFile() else { return nil }
        guard file.text.contains("-----BEGIN ") else {
            fail("\(file.path) is not PEM, expected -----BEGIN …-----")
            return nil
        }
        return file
    }

    /// The path of a PEM file with the certificates of authorities.
    func authoritiesPath() -> String? {
        guard let path = pemFile()?.path else { return nil }
        do throws(CertificateProblem) {
            return try TrustedAuthorities(path: path).path
        } catch {
            fail("\(error)")
            return nil
        }
    }

    /// Whether a certificate and its key, both there, belong together; a report at the key where they do not.
    static func reportUnlessPair(certificatePath: String?, keyPath: String?, at key: ConfigurationValue?) {
        guard let certificatePath, let keyPath else { return }
        do throws(CertificateProblem) {
            _ = try CertificatePair(certificatePath: certificatePath, keyPath: keyPath)
        } catch {
            key?.fail("\(error)")
        }
    }

    private func readFile(at locate: (String) -> String) -> (path: String, contents: FileContents)? {
        guard let name = nonEmptyText(expected: "a file's name") else { return nil }
        let path = locate(name)
        do {
            return (path, try context.files.read(path: path))
        } catch {
            report(error, path: path)
            return nil
        }
    }

    /// A file that is not there, or not for whoever checks, is no mistake of the configuration's.
    private func report(_ problem: FileContents.Problem, path: String) {
        switch problem {
        case .missing, .unreadable:
            let severity = context.files.missingIsError ? Finding.Severity.error : .warning
            context.findings.add(
                "\(path) \(problem.text), expected a readable file", at: node.place, key: self.path, severity: severity)
        case .notAFile, .tooLarge: fail("\(path) \(problem.text), expected a small file")
        }
    }

    private static func withoutLineEnd(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard bytes.last == UInt8(ascii: "\n") else { return bytes[...] }
        let line = bytes.dropLast()
        return line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}
