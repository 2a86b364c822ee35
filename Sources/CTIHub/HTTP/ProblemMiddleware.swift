import CTIPipeline
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// The one place where an error becomes a response.
struct ProblemMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return problem(for: error, context: context).response
        }
    }

    private func problem(for error: any Error, context: Context) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case is NIOTooManyBytesError: return .tooLarge
        case let error as EventLogError:
            context.logger.warning("The event log failed a request", metadata: ["error": "\(error)"])
            return .unavailable
        case let error as HTTPError where error.status == .notFound: return .notFound
        case let error as any HTTPResponseError:
            return Problem(status: error.status, detail: "The request cannot be handled as it is.")
        default:
            // The type alone: an error from below may quote what was sent.
            context.logger.error("A request failed", metadata: ["error": "\(type(of: error))"])
            return .unexpected
        }
    }
}
