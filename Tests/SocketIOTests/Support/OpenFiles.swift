import Glibc

/// As many files as the machine lets us have: a shell's own limit is often 1,024, and a thousand connections are two
/// thousand of them here.
enum OpenFiles {
    static func raise() -> UInt {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 0 }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
        return UInt(limit.rlim_cur)
    }
}
