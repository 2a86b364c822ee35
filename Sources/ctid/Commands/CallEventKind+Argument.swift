public import ArgumentParser
public import CTICore

/// `--event`; another name is refused with the list of those that there are.
extension CallEventKind: ExpressibleByArgument {}
