/// How long a source may take from one step to the next before it is taken for stuck.
enum SourceTurn {
    /// Beyond what it waits for by its own bounds: looking up a name is the system's, and takes 90 s where three name
    /// servers are dead and two domains are searched; a machine that is too busy comes on top.
    static let margin = Duration.seconds(120)
}
