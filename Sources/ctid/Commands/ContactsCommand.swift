import ArgumentParser

struct ContactsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contacts",
        abstract: "Fills and asks a tenant's contact directory.",
        discussion: """
            The directory is made of the files that the tenant's own file names, and of the set that was imported last. \
            Example:

              ctid contacts import --tenant acme customers.csv
              ctid contacts find --tenant acme --number 0821234567
            """,
        subcommands: [ContactsImportCommand.self, ContactsFindCommand.self])
}
