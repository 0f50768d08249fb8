//! What ties a log line or an event to what led to it.

use jiff::Timestamp;
use tracing::Span;

/// Why something is being done: the request or event at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// One for the whole saga, across all services. No client chooses it.
    pub correlation_id: String,
    /// What the client calls its request, in its X-Correlation-Id. Others may call theirs the same.
    pub client_correlation_id: Option<String>,
    /// The id of the event or command at hand.
    pub causation_id: String,
    /// W3C trace context, if the sender had one.
    pub traceparent: Option<String>,
    /// How many events led here, one after the other; none to a request, and to what the clock does.
    pub hops: u32,
    /// When it is being done.
    pub at: Timestamp,
}

impl Cause {
    /// What no request and no event leads to but the clock: no client calls it anything, nothing traces it, no event led here.
    #[must_use]
    pub fn new(correlation_id: impl Into<String>, causation_id: impl Into<String>, at: Timestamp) -> Self {
        let (correlation_id, causation_id) = (correlation_id.into(), causation_id.into());
        Self { correlation_id, client_correlation_id: None, causation_id, traceparent: None, hops: 0, at }
    }

    /// The cause of what a request, not an event, leads to in a saga that is already under way: it goes on from
    /// `latest_event`, the aggregate's own, so that a saga's events stay one tree. The request's trace and time remain.
    /// From here on the log lines carry the saga's correlation id.
    #[must_use]
    pub fn in_saga(&self, correlation_id: &str, latest_event: String) -> Self {
        Span::current().record("correlation_id", correlation_id);
        Self { correlation_id: correlation_id.to_owned(), causation_id: latest_event, ..self.clone() }
    }

    /// The span in which it is done: every log line carries its fields.
    pub fn span(&self) -> Span {
        tracing::info_span!(
            "cause",
            correlation_id = self.correlation_id,
            client_correlation_id = self.client_correlation_id,
            causation_id = self.causation_id,
            subject = tracing::field::Empty,
            event_id = tracing::field::Empty,
            event_type = tracing::field::Empty,
        )
    }
}

/// Longest correlation id that is taken from outside.
const MAX_LENGTH: usize = 128;

/// The client's correlation id if it is fit for logs and headers: 1 to 128 letters, digits or `-_.:`.
pub fn accepted_correlation_id(text: &str) -> Option<&str> {
    let fits = (1..=MAX_LENGTH).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b));
    fits.then_some(text)
}

/// The W3C form of an X-Ray trace header, or of a `traceparent` that a client sent.
///
/// Source: "Tracing header" in the AWS X-Ray developer guide; W3C Trace Context, level 1.
pub fn traceparent(header: &str) -> Option<String> {
    if !header.contains('=') {
        return is_traceparent(header).then(|| header.to_owned());
    }
    let part = |key: &str| header.split(';').find_map(|p| p.trim().strip_prefix(key)?.strip_prefix('='));
    let root = part("Root")?.strip_prefix("1-")?.replace('-', "");
    let sampled = if part("Sampled") == Some("1") { "01" } else { "00" };
    let parent = format!("00-{root}-{}-{sampled}", part("Parent")?);
    is_traceparent(&parent).then_some(parent)
}

fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    parts.iter().map(|p| p.len()).eq([2, 32, 16, 2]) && parts.iter().all(|p| hex(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correlation_id_that_could_forge_a_log_line_is_not_taken() {
        assert_eq!(accepted_correlation_id("shop-7:42"), Some("shop-7:42"));
        for bad in ["", "a b", "a\nb", "\"", &"x".repeat(129)] {
            assert_eq!(accepted_correlation_id(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_xray_header_becomes_a_traceparent() {
        let xray = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
        let w3c = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
        assert_eq!(traceparent(xray).as_deref(), Some(w3c));
        assert_eq!(traceparent(w3c).as_deref(), Some(w3c));
    }

    #[test]
    fn a_broken_trace_header_is_dropped() {
        for bad in ["", "Root=1-5759e988", "00-xyz-1-01", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"] {
            assert_eq!(traceparent(bad), None, "{bad}");
        }
    }
}
