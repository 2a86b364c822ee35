import CTIContacts
import CTICore
import CTIHub
import Foundation

extension ContactStore: ContactGateway {
    /// Of an import's body: 256 MiB.
    static let mostBytes = 256 << 20

    func find(number: String?, reference: String?, masked: Bool) -> [UInt8] {
        let found = directory.records(number: number, reference: reference)
        var json = JSONWriter()
        json.array { for record in found { record.write(to: &$0, masked: masked) } }
        return json.bytes
    }

    func replace(
        with body: any AsyncSequence<[UInt8], any Error> & Sendable, type: String
    ) async throws(ContactRefusal) -> [UInt8] {
        guard let format = ContactFile.Format(mediaType: type) else { throw .unknownType }
        guard beginImport() else { throw .busy }
        do {
            let report = try await take(body, format)
            endImport(refused: false)
            say(report)
            var json = JSONWriter()
            json.object { report.writeMembers(to: &$0) }
            return json.bytes
        } catch {
            endImport(refused: true)
            throw error as? ContactRefusal ?? .incomplete
        }
    }

    private func take(
        _ body: any AsyncSequence<[UInt8], any Error> & Sendable, _ format: ContactFile.Format
    ) async throws -> ImportReport {
        let upload = try await blocking { ContactUpload.begin(beside: $0.imported) }.get()
        for try await chunk in body {
            guard upload.count + chunk.count <= Self.mostBytes else { throw ContactRefusal.tooLarge }
            if let refusal = await blocking({ _ in upload.append(chunk) }) { throw refusal }
        }
        let good = goodPaths
        let outcome = await blocking { [self] files in
            files.importing(upload, format, good: good).map { imported in
                use(imported.reading, as: imported.look)
                return imported.report
            }
        }
        let report = try outcome.get()
        await serveNewest()
        return report
    }
}

extension ContactIndex {
    /// By a number as people write it, or a reference, which comes first.
    func records(number: String?, reference: String?) -> [ContactRecord] {
        let e164 = number.flatMap { PhoneNumber($0, region: region)?.e164 }
        return records(reference: reference, caller: number ?? "", callerE164: e164)
    }
}

extension ContactFiles {
    fileprivate struct Imported: Sendable {
        var reading: Reading
        var look: FileWatch.Look
        var report: ImportReport
    }

    /// The new directory, with the new set already in its place; a failure leaves the old one there.
    fileprivate func importing(
        _ upload: ContactUpload, _ format: ContactFile.Format, good: Set<String>
    ) -> Result<Imported, ContactRefusal> {
        Result { () throws(ContactRefusal) in
            var look = self.look()
            let builder = ContactIndexBuilder(region: region)
            var (reports, failures) = read(paths, into: builder)
            guard failures.keys.allSatisfy({ !good.contains($0) }) else {
                throw .unavailable("The tenant's own contact files cannot be read at the moment.")
            }
            let report = try fill(builder, from: upload, format)
            look[imported] = FileSignature(path: imported)
            reports.append((imported, report))
            failures[imported] = nil
            let reading = Reading(index: builder.finish(), reports: reports, failures: failures)
            return Imported(reading: reading, look: look, report: report)
        }
    }

    private func fill(
        _ builder: ContactIndexBuilder, from upload: ContactUpload, _ format: ContactFile.Format
    ) throws(ContactRefusal) -> ImportReport {
        do throws(ContactFileError) {
            let set = try ContactSetFile(replacing: imported)
            let report = try ContactFile.read(
                path: upload.path, format: format, region: region, columns: columns
            ) { record in
                set.append(record)
                _ = builder.append(record)
            }
            guard report.imported > 0 else { throw ContactFileError.nobody(report) }
            try set.commit()
            return report
        } catch {
            throw error.code == .unreadable ? .unavailable(error.message) : .unusable(error.message)
        }
    }
}
