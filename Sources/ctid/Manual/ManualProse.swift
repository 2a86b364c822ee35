/// What the page says beside the commands: this is nowhere in their definitions.
enum ManualProse {
    static let description = """
        `ctid` takes call notifications off a PBX's Redis list and puts the caller's record in front of the agent who is \
        about to talk: at once, in one tab, only while the call is alive. `ctid run` is the daemon. The other commands \
        check its configuration, try out rules, read its event log while it runs, and mint access tokens. Results go to \
        standard output, one JSON object a line where they are JSON; logs and errors go to standard error.
        """

    private static let environment = [
        ("CTID_CONFIG", "The configuration folder, where --config is not given."),
        (
            "CREDENTIALS_DIRECTORY",
            """
            The folder in which a secret's relative name is looked up, as systemd and containers have it. Without it, \
            secrets lie beside the file that names them. Outside of this folder a secret that others may read is an error.
            """
        ),
        ("NOTIFY_SOCKET", "Where `ctid run` tells systemd that it is ready; systemd sets it."),
    ]

    private static let files = [
        ("/etc/ctid/ctid.yaml", "The daemon: where it listens, its data, its log, its limits."),
        (
            "/etc/ctid/tenants/*.yaml",
            "A file for each tenant, whose name is the tenant's: its Redis, agents, contacts, rules and sinks."
        ),
        ("/var/lib/ctid", "The event logs, one a tenant; `data_dir` in ctid.yaml names another folder."),
        ("/run/secrets", "Secrets in a container."),
    ]

    private static let signals = [
        ("SIGTERM, SIGINT", "Stop: finish what was fetched, hand over, exit with 0 within `shutdown_timeout`."),
        ("SIGHUP", "Read the configuration again. A file that has changed is taken up without it, too."),
    ]

    private static let statuses = [
        ("0", "Fine."), ("1", "Some of the input was bad; of `ctid health`: not ready."), ("64", "Wrong usage."),
        ("69", "Something that is needed cannot be reached."), ("78", "The configuration is wrong."),
    ]

    private static let examples = [
        ("Everything on this machine, from nothing:", "ctid demo"),
        ("Is the configuration right, and is each PBX reachable with it?", "ctid check --config /etc/ctid --probe"),
        (
            "A call as the PBX would report it, and what became of it:",
            "ctid explain --tenant acme \"$(ctid send --tenant acme --number 0821234567 --extension 1007)\""
        ),
        ("An agent's access token for a working day:", "ctid token --tenant acme --extension 1007 --ttl 12h"),
        (
            "What waits in the PBX's list, decoded:",
            "redis-cli LRANGE enigma:notifications:inbound 0 -1 | ctid decode"
        ),
    ]

    static func write(to roff: inout Roff) {
        for (title, items) in [
            ("ENVIRONMENT", environment), ("FILES", files), ("SIGNALS", signals), ("EXIT STATUS", statuses),
        ] {
            roff.section(title)
            for (term, prose) in items { roff.item(Roff.bold(term), prose) }
        }
        roff.section("EXAMPLES")
        for (prose, example) in examples {
            roff.paragraph(prose)
            roff.example([example])
        }
    }
}
