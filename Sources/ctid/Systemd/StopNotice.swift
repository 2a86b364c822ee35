import ServiceLifecycle

/// Tells systemd that a stop has begun. To be stopped before all others.
struct StopNotice: Service {
    let notifier: SystemdNotifier

    func run() async {
        try? await gracefulShutdown()
        notifier.stopping()
    }
}
