import Foundation
import Testing

/// The shells' completions as a person has them: the script is loaded by the real shell, and Tab is pressed.
@Suite(.serialized, .timeLimit(.minutes(3)))
struct CompletionTests {
    private static func isHere(_ shell: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\(shell)")
    }

    /// A folder with a script for the shell, tenants `acme` and `beta`, and a `ctid` that completes as the real one, but
    /// only writes down what it was called with.
    private func withShell(_ shell: String, script: String, _ body: (String) async throws -> Void) async throws {
        let folder = try TemporaryFolder.make()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DaemonUnderTest.configure(["acme": "", "beta": ""], in: "\(folder)/config")
        let generated = try await Child.run("--generate-completion-script", shell)
        #expect(generated.status == 0)
        try generated.output.write(toFile: "\(folder)/\(script)", atomically: true, encoding: .utf8)
        let stand = """
            #!/bin/sh
            case $1 in ---completion) exec '\(Child.ctid)' "$@" ;; esac
            printf '<%s>' "$@" >>'\(folder)/called'
            """
        _ = FileManager.default.createFile(
            atPath: "\(folder)/ctid", contents: Data(stand.utf8), attributes: [.posixPermissions: 0o755])
        try await body(folder)
    }

    /// Types into an interactive shell on a terminal of its own; what `ctid` was called with in the end.
    private func type(_ keys: String, shell: String, in folder: String) async throws -> String {
        let environment = "env PATH='\(folder)':/usr/bin:/bin HOME='\(folder)' ZDOTDIR='\(folder)' TERM=xterm"
        let terminal = try Child(
            "/bin/sh",
            [
                "-c",
                "cd '\(folder)' && CTID_CONFIG='\(folder)/config' exec \(environment) "
                    + "timeout 60 script -qec '\(shell)' /dev/null",
            ], input: keys)
        let shown = await terminal.ended().output
        let called = try? String(contentsOfFile: "\(folder)/called", encoding: .utf8)
        return called ?? "nothing was called, the terminal shows: \(shown)"
    }

    @Test("bash offers commands, options, tenants, dialects, scopes, files")
    func bash() async throws {
        try await withShell("bash", script: "ctid.bash") { folder in
            let config = "\(folder)/config"
            try "{}".write(toFile: "\(folder)/payload.json", atomically: true, encoding: .utf8)
            let expected: [([String], Set<String>)] = [
                (["t"], ["tail", "token"]),
                (["deadletters", "p"], ["purge"]),
                (["calls", "--"], ["--tenant", "--config", "--limit", "--json", "--version", "--help"]),
                (["token", "--config", config, "--tenant", ""], ["acme", "beta"]),
                (["token", "--config", "=", config, "--tenant", "b"], ["beta"]),
                (["token", "--config", "/nonexistent", "--tenant", ""], []),
                (["token", "--scope", ""], ["agent", "supervisor", "ingest", "admin"]),
                (["tail", "--dialect", "x"], ["xcally"]),
                (["send", "--end", "agent"], ["agent_hungup"]),
                (["decode", "\(folder)/pay"], ["\(folder)/payload.json"]),
                (["check", "--config", "\(folder)/con"], ["\(folder)/config"]),
            ]
            for (words, offered) in expected {
                #expect(try await offers(words, in: folder) == offered, "\(words)")
            }
        }
    }

    /// What bash would offer for the last of these words.
    private func offers(_ words: [String], in folder: String) async throws -> Set<String> {
        let driver = """
            source "$1/ctid.bash"
            COMP_WORDS=("$1/ctid" "${@:2}")
            COMP_CWORD=$(($# - 1))
            COMP_LINE="${COMP_WORDS[*]}"
            COMP_POINT=${#COMP_LINE}
            read -r -a registered <<<"$(complete -p ctid)"
            "${registered[-2]}" ctid "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        let outcome = try await Child("/bin/bash", ["--norc", "-c", driver, "bash", folder] + words).ended()
        #expect(outcome.errors.isEmpty, "\(words): \(outcome.errors)")
        return Set(outcome.lines.filter { !$0.isEmpty })
    }

    @Test("zsh completes a tenant and a scope", .enabled(if: isHere("zsh"), "SKIPPED: zsh is not installed here"))
    func zsh() async throws {
        try await withShell("zsh", script: "_ctid") { folder in
            let syntax = try await Child("/usr/bin/zsh", ["-n", "\(folder)/_ctid"]).ended()
            #expect(syntax.status == 0, "\(syntax.errors)")
            try "fpath=('\(folder)' $fpath)\nautoload -Uz compinit\ncompinit -u -D\n".write(
                toFile: "\(folder)/.zshrc", atomically: true, encoding: .utf8)
            let called = try await type("ctid tok\t --tenant b\t --scope sup\t\nexit\n", shell: "zsh -d -i", in: folder)
            #expect(called == "<token><--tenant><beta><--scope><supervisor>")
        }
    }

    @Test("fish completes a tenant and a scope", .enabled(if: isHere("fish"), "SKIPPED: fish is not installed here"))
    func fish() async throws {
        try await withShell("fish", script: "ctid.fish") { folder in
            let syntax = try await Child("/usr/bin/fish", ["-n", "\(folder)/ctid.fish"]).ended()
            #expect(syntax.status == 0, "\(syntax.errors)")
            let called = try await type(
                "source ctid.fish\nctid tok\t --tenant b\t --scope sup\t\nexit\n", shell: "fish --no-config -i",
                in: folder)
            #expect(called == "<token><--tenant><beta><--scope><supervisor>")
        }
    }
}
