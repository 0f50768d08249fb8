//! Log lines for people: time, service, what happened, event type, status, then details. Ids only on request.

use serde_json::Value;

use super::Line;
use crate::terminal::{Colour, Paint};

/// The widths of all columns but the last; a longer cell moves the rest of its own line.
const WIDTHS: [usize; 5] = [12, 22, 42, 24, 16];
const HEADER: [&str; 6] = ["TIME", "SERVICE", "WHAT HAPPENED", "EVENT TYPE", "STATUS", "DETAILS"];

/// Fields with a column of their own, and fields that are the same on every line of a function.
const NOT_DETAILS: [&str; 20] = [
    "EventType",
    "_aws",
    "cold_start",
    "error_class",
    "event_type",
    "function_memory_size",
    "function_name",
    "function_request_id",
    "function_version",
    "level",
    "location",
    "message",
    "method",
    "outcome",
    "path",
    "service",
    "status",
    "timestamp",
    "traceparent",
    "xray_trace_id",
];

/// How lines are shown.
#[derive(Debug, Clone, Copy)]
pub struct Columns {
    /// Colours, or none.
    pub paint: Paint,
    /// Whether to show ids: of orders, events, payments, correlations.
    pub ids: bool,
}

impl Columns {
    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> String {
        self.paint.paint(Colour::Dim, padded(&HEADER.map(str::to_owned)).trim_end())
    }

    /// One line; its details at the end are `name=value`.
    #[must_use]
    pub fn row(&self, line: &Line) -> String {
        let time = line.at.strftime("%H:%M:%S%.3f").to_string();
        let cells =
            [time, line.origin(), line.what_happened(), line.event_type(), line.status(), line.details(self.ids)];
        let row = padded(&cells);
        let row = row.trim_end();
        match line.field("level") {
            Some("ERROR") => self.paint.paint(Colour::Red, row),
            Some("WARN") => self.paint.paint(Colour::Yellow, row),
            Some(_) | None => row.to_owned(),
        }
    }
}

impl Line {
    /// The message; with the level if that is a warning or an error, with the request if it is about one.
    #[must_use]
    pub fn what_happened(&self) -> String {
        let message = match self.field("message") {
            Some(message) => message,
            None if self.fields.is_empty() => &self.text,
            // CloudWatch's embedded metric format.
            None if self.fields.contains_key("_aws") => "metrics",
            None => "",
        };
        let level = match self.field("level") {
            Some(level @ ("ERROR" | "WARN")) => format!("{level}: "),
            Some(_) | None => String::new(),
        };
        match (self.field("method"), self.field("path")) {
            (Some(method), Some(path)) => format!("{level}{message}: {method} {}", without_ids(path)),
            (_, _) => format!("{level}{message}"),
        }
    }

    /// The type of the event that the line is about, if any.
    #[must_use]
    pub fn event_type(&self) -> String {
        self.field("event_type").or_else(|| self.field("EventType")).unwrap_or_default().to_owned()
    }

    /// The status, the outcome and the class of an error, as far as the line has them.
    #[must_use]
    pub fn status(&self) -> String {
        let found = ["status", "outcome", "error_class"].into_iter().filter_map(|name| self.fields.get(name));
        found.map(text).collect::<Vec<_>>().join(" ")
    }

    fn details(&self, ids: bool) -> String {
        let details = self.fields.iter().filter(|(name, _)| !NOT_DETAILS.contains(&name.as_str()));
        let details = details.filter(|(name, value)| ids || !is_id(name, value));
        details.map(|(name, value)| format!("{name}={}", text(value))).collect::<Vec<_>>().join(" ")
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A field is an id by its name, or because a UUID is in its value.
fn is_id(name: &str, value: &Value) -> bool {
    name.ends_with("_id") || name == "key" || value.as_str().is_some_and(|text| !text.contains(' ') && has_uuid(text))
}

fn has_uuid(text: &str) -> bool {
    let text = text.as_bytes();
    let is_uuid = |window: &[u8]| {
        window.iter().enumerate().all(|(n, byte)| match n {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    };
    text.windows(36).any(is_uuid)
}

/// `/v1/orders/ord_…/cancellation`: the prefix of an id tells what it names.
fn without_ids(path: &str) -> String {
    let short = |segment: &str| match segment.split_once('_') {
        Some((prefix, rest)) if has_uuid(rest) => format!("{prefix}_…"),
        Some(_) | None => segment.to_owned(),
    };
    path.split('/').map(short).collect::<Vec<_>>().join("/")
}

fn padded(cells: &[String; 6]) -> String {
    let widths = WIDTHS.into_iter().chain([0]);
    cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect::<Vec<_>>().join("  ")
}

#[cfg(test)]
mod tests {
    use super::super::tests::line;
    use super::*;

    const PLAIN: Columns = Columns { paint: Paint::none(), ids: false };

    const APPLIED: &str = r#"{"timestamp":"2026-01-02T03:04:05.678Z","level":"INFO","location":"orders::events:84",
        "service":"orders","function_name":"oms-local-orders-events","function_request_id":"req-1","cold_start":false,
        "message":"fact applied","event_type":"PaymentSucceeded.v1","status":"PAID","outcome":"applied",
        "order_id":"ord_1","event_id":"evt_1","causation_id":"evt_0","correlation_id":"cor_1","attempt":2}"#;

    #[test]
    fn a_line_is_time_service_what_happened_event_type_and_status() {
        assert_eq!(
            PLAIN.row(&line(APPLIED)),
            "03:04:05.678  orders/events           fact applied                                PaymentSucceeded.v1       \
             PAID applied      attempt=2"
        );
        let header = PLAIN.header();
        let words: Vec<&str> = header.split("  ").filter(|word| !word.is_empty()).map(str::trim).collect();
        assert_eq!(words, HEADER);
        assert_eq!(header.find("STATUS"), PLAIN.row(&line(APPLIED)).find("PAID"), "the header is above its column");
    }

    #[test]
    fn ids_are_shown_only_on_request() {
        let row = PLAIN.row(&line(APPLIED));
        for id in ["ord_1", "evt_1", "evt_0", "cor_1", "req-1"] {
            assert!(!row.contains(id), "{row}");
        }
        let with_ids = Columns { ids: true, ..PLAIN }.row(&line(APPLIED));
        for id in ["order_id=ord_1", "event_id=evt_1", "causation_id=evt_0", "correlation_id=cor_1", "attempt=2"] {
            assert!(with_ids.contains(id), "{with_ids}");
        }
        assert!(!with_ids.contains("req-1"), "{with_ids}");
    }

    #[test]
    fn a_value_with_a_uuid_is_an_id_whatever_its_name() {
        let uuid = "00000000-0000-5000-8000-00000000dead";
        let row =
            PLAIN.row(&line(&format!(r#"{{"message":"mail sent","notification":"ntf_{uuid}","template":"paid"}}"#)));
        assert!(row.ends_with("template=paid") && !row.contains("ntf_"), "{row}");
        let told = line(&format!(r#"{{"message":"failed","error":"there is no order ord_{uuid}"}}"#));
        assert!(PLAIN.row(&told).contains(uuid), "the text of an error is shown as it is");
    }

    #[test]
    fn a_request_is_shown_with_its_method_its_path_and_its_status() {
        let answered = r#"{"level":"INFO","message":"request answered","method":"POST","duration_ms":12,"status":202,
            "path":"/v1/orders/ord_00000000-0000-5000-8000-00000000dead/cancellation"}"#;
        let row = PLAIN.row(&line(answered));
        assert!(row.contains("request answered: POST /v1/orders/ord_…/cancellation"), "{row}");
        assert!(row.ends_with("202               duration_ms=12"), "{row}");
    }

    #[test]
    fn a_failure_names_its_level_and_its_class_also_without_colours() {
        let failed = r#"{"level":"ERROR","message":"message parked","error_class":"contract","error":"no expiresAt"}"#;
        let row = PLAIN.row(&line(failed));
        assert!(
            row.contains("ERROR: message parked") && row.ends_with("contract          error=no expiresAt"),
            "{row}"
        );
    }

    #[test]
    fn metrics_are_shown_without_their_declaration() {
        let metrics = r#"{"EventsWatched":1,"EventType":"OrderCreated.v1","_aws":{"CloudWatchMetrics":[]}}"#;
        let row = PLAIN.row(&line(metrics));
        assert!(row.contains("  metrics  ") && row.contains("  OrderCreated.v1  "), "{row}");
        assert!(row.ends_with("  EventsWatched=1"), "{row}");
    }

    #[test]
    fn a_line_that_is_not_json_is_shown_whole() {
        assert_eq!(
            PLAIN.row(&line("thread 'main' panicked")),
            "00:00:00.000  orders/events           thread 'main' panicked"
        );
    }
}
