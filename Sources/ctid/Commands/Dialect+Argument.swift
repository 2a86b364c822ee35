public import ArgumentParser
public import CTICore

/// Named as everywhere; another name is refused with the list of those that there are.
extension Dialect: ExpressibleByArgument {
    static let choices = Dialect.allCases.map(\.rawValue).joined(separator: ", ")
}
