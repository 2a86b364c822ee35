import Hummingbird
import NIOCore

/// What a request carries through middleware and routes: Hummingbird's own, and the connection, so that a stream whose
/// client stopped reading can be cut.
struct HubRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}
