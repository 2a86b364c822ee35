import Foundation
import TestCertificates
import Testing

@testable import Certificates

struct CertificatePairTests {
    @Test func aPairIsReadWithItsEnd() throws {
        let folder = try ScratchFolder()
        let files = try TestAuthority(in: folder.path).issue("one", days: 2)
        let pair = try CertificatePair(certificatePath: files.certificate, keyPath: files.key)
        #expect(pair.chain.count == 1)
        #expect(abs(Double(pair.expiresAt) - Date().timeIntervalSince1970 - 2 * 86_400) < 600)
    }

    @Test func whatIsNoPairSaysWhy() throws {
        let folder = try ScratchFolder()
        let authority = try TestAuthority(in: folder.path)
        let (one, two) = (try authority.issue("one"), try authority.issue("two"))
        let encrypted = "\(folder.path)/encrypted.key"
        try TestAuthority.openssl(["pkey", "-in", one.key, "-aes256", "-passout", "pass:secret", "-out", encrypted])
        let troubles = [
            (one.certificate, two.key, "is not that of the first certificate in \(one.certificate)"),
            (one.certificate, encrypted, "is encrypted, expected one without a passphrase"),
            (one.key, one.key, "one.key holds no certificate"),
            (one.certificate, one.certificate, "one.pem holds no private key"),
            (one.certificate, "\(folder.path)/none.key", "none.key cannot be read (No such file or directory)"),
        ]
        for (certificate, key, words) in troubles {
            let problem = #expect(throws: CertificateProblem.self) {
                try CertificatePair(certificatePath: certificate, keyPath: key)
            }
            #expect(problem?.description.contains(words) == true, "\(problem?.description ?? "no problem")")
        }
    }
}
