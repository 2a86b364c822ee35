public import ArgumentParser
public import CTIContacts

/// Named as files are: vcard, csv, json, jsonl; another name is refused with this list.
extension ContactFile.Format: ExpressibleByArgument {}
