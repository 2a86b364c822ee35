"""For schemathesis: how to send the two kinds of text that it does not know of."""
import schemathesis


@schemathesis.serializer("message/sip", "application/x-ndjson")
def as_text(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", errors="replace")
