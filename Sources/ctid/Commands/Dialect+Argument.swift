public import ArgumentParser
public import CTICore

extension Dialect: ExpressibleByArgument {
    static let choices = Dialect.allCases.map(\.rawValue).joined(separator: ", ")
}
