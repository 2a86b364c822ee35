import ArgumentParser
import Foundation

@main
enum Main {
    static func main() async {
        // A peer that is gone is told by the write that fails, not by the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // The same for a file that has reached the largest size allowed: the event log is full, nothing else.
        signal(SIGXFSZ, SIG_IGN)
        await CTID.main()
    }
}

struct CTID: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctid",
        abstract: "Puts the caller's record in front of the agent who is about to talk.",
        discussion: """
            Takes call notifications off a PBX's Redis list, plans actions by each tenant's rules, opens the caller's \
            record on the agent's screen and pushes realtime events. Start with:

              ctid demo
              ctid check --config ./Config
              ctid run --config /etc/ctid

            Exit codes: 0 fine; 1 some of the input was bad; 64 usage; 69 something needed is not reachable; \
            78 configuration wrong.
            """,
        version: Version.current,
        subcommands: [
            RunCommand.self, DemoCommand.self, CheckCommand.self, DecodeCommand.self, ConvertCommand.self,
            PlanCommand.self, SendCommand.self, TailCommand.self, ExplainCommand.self, CallsCommand.self,
            DeadLettersCommand.self, ContactsCommand.self, WebhooksCommand.self, TokenCommand.self,
            HealthCommand.self, ManualCommand.self,
        ]
    )
}

enum Version {
    static let current = "0.1.0"
}
