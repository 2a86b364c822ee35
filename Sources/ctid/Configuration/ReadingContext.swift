/// What every reader of one file shares.
struct ReadingContext {
    let findings: FindingList
    let source: YAMLSource
    let files: ReferencedFiles
}
