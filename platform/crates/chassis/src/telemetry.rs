//! JSON log lines, one object per line, with the key names of Powertools for AWS Lambda.
//!
//! A line carries the fields of the spans around it as flat keys, so that all lines of one message have its
//! `correlation_id`. Lambda's own runtime opens the outermost span; its request id becomes `function_request_id`. The
//! entity that a line is about is recorded as `subject`; the service decides under which key it is logged.
//!
//! Lines of the level `INFO` are the bulk, and every byte is paid for: they say what happened, to what, because of what.
//! Those of all other levels also say where: the function, the invocation, the place in the code.
//!
//! Source of the keys: "Standard structured keys" in the Powertools for AWS Lambda documentation.

use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Span, Subscriber};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};
use tracing_subscriber::{Layer, Registry, filter::Targets};

use crate::{clock, config};

/// Under which key a subject is logged: pairs of what its id begins with and the key. Other subjects are not logged.
pub type SubjectKeys = &'static [(&'static str, &'static str)];

/// The lines from here on are about this entity.
pub fn about(subject: &str) {
    Span::current().record("subject", subject);
}

/// Starts logging to standard output for the rest of the process; `RUST_LOG` or `LOG_LEVEL` choose what, default `info`.
pub fn init(service: &'static str, subjects: SubjectKeys) {
    let wanted = config::optional("RUST_LOG").or_else(|| config::optional("LOG_LEVEL"));
    let wanted = wanted.and_then(|text| text.to_lowercase().parse::<Targets>().ok());
    let filter = wanted.unwrap_or_else(|| Targets::new().with_default(Level::INFO));
    // Losing a log line must not fail the message that it is about.
    let layer = JsonLines::new(service, subjects, |line: &Value| drop(writeln!(std::io::stdout(), "{line}")));
    // A second call can only come from a test; the first subscriber stays.
    if tracing::subscriber::set_global_default(Registry::default().with(layer.with_filter(filter))).is_err() {
        tracing::debug!("logging was already started");
    }
}

/// What a span knows of its invocation, and a line of the level `INFO` does without.
const OF_THE_INVOCATION: [&str; 3] = ["function_request_id", "xray_trace_id", "cold_start"];

struct JsonLines<O> {
    service: &'static str,
    function: Map<String, Value>,
    subjects: SubjectKeys,
    invocations: AtomicU32,
    out: O,
}

/// What the spans around a line add to it.
struct SpanKeys(Map<String, Value>);

impl<O> JsonLines<O> {
    fn new(service: &'static str, subjects: SubjectKeys, out: O) -> Self {
        let mut function = Map::new();
        for (key, variable) in [
            ("function_name", "AWS_LAMBDA_FUNCTION_NAME"),
            ("function_version", "AWS_LAMBDA_FUNCTION_VERSION"),
            ("function_memory_size", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        ] {
            if let Some(value) = config::optional(variable) {
                function.insert(key.to_owned(), value.parse::<u64>().map_or_else(|_| json!(value), |n| json!(n)));
            }
        }
        Self { service, function, subjects, invocations: AtomicU32::new(0), out }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>, O: Fn(&Value) + 'static> Layer<S> for JsonLines<O> {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut keys = Map::new();
        attributes.record(&mut Keys(&mut keys, self.subjects));
        if keys.contains_key("function_request_id") {
            let earlier = self.invocations.fetch_add(1, Ordering::Relaxed);
            keys.insert("cold_start".into(), json!(earlier == 0));
        }
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanKeys(keys));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanKeys(keys)) = span.extensions_mut().get_mut::<SpanKeys>()
        {
            values.record(&mut Keys(keys, self.subjects));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let is_brief = *metadata.level() == Level::INFO;
        let mut line = Map::from_iter([
            ("level".to_owned(), json!(metadata.level().as_str())),
            ("timestamp".to_owned(), json!(format!("{:.6}", clock::now()))),
            ("service".to_owned(), json!(self.service)),
        ]);
        if !is_brief {
            line.extend(self.function.clone());
            let location = format!("{}:{}", metadata.target(), metadata.line().unwrap_or_default());
            line.insert("location".into(), json!(location));
        }
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(SpanKeys(keys)) = span.extensions().get::<SpanKeys>() {
                let keys = keys.iter().filter(|(key, _)| !is_brief || !OF_THE_INVOCATION.contains(&key.as_str()));
                line.extend(keys.map(|(key, value)| (key.clone(), value.clone())));
            }
        }
        event.record(&mut Keys(&mut line, self.subjects));
        // What a delivery leads to is caused by its event: one id, not two.
        if line.get("causation_id") == line.get("event_id") {
            line.remove("causation_id");
        }
        (self.out)(&Value::Object(line));
    }
}

/// Collects fields under their log keys.
struct Keys<'a>(&'a mut Map<String, Value>, SubjectKeys);

impl Keys<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        let key = match field.name() {
            "requestId" => Some("function_request_id"),
            "xrayTraceId" => Some("xray_trace_id"),
            "subject" => self.key_of(&value),
            other => Some(other),
        };
        self.0.extend(key.map(|key| (key.to_owned(), value)));
    }

    fn key_of(&self, subject: &Value) -> Option<&'static str> {
        let subject = subject.as_str()?;
        self.1.iter().find(|(prefix, _)| subject.starts_with(prefix)).map(|(_, key)| *key)
    }
}

impl Visit for Keys<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, json!(format!("{value:?}")));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cause::Cause;
    use std::sync::{Arc, Mutex};

    fn logged(during: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let out = Arc::clone(&lines);
        let layer =
            JsonLines::new("shop", &[("ord_", "order_id")], move |line: &Value| out.lock().unwrap().push(line.clone()));
        tracing::subscriber::with_default(Registry::default().with(layer), during);
        lines.lock().unwrap().clone()
    }

    /// What `log` writes while an event of a saga is handled.
    fn handling(log: impl FnOnce()) -> Value {
        let cause = Cause { hops: 1, ..Cause::new("cor-1", "evt-1", clock::now()) };
        let lines = logged(|| {
            let invocation = tracing::info_span!("Lambda runtime invoke", requestId = "req-1");
            let _inside = invocation.enter();
            let span = cause.span();
            let _handling = span.enter();
            span.record("event_id", "evt-1");
            about("ord_1");
            log();
        });
        lines[0].clone()
    }

    #[test]
    fn every_line_of_a_message_carries_what_ties_it_to_its_saga() {
        for line in
            [handling(|| tracing::info!(attempt = 2, "charged")), handling(|| tracing::warn!(attempt = 2, "charged"))]
        {
            for (key, value) in [
                ("message", json!("charged")),
                ("service", json!("shop")),
                ("correlation_id", json!("cor-1")),
                ("event_id", json!("evt-1")),
                ("order_id", json!("ord_1")),
                ("attempt", json!(2)),
            ] {
                assert_eq!(line[key], value, "{key} in {line}");
            }
            assert!(line.get("causation_id").is_none(), "the event is the cause, and is named once: {line}");
            let timestamp: jiff::Timestamp = line["timestamp"].as_str().unwrap().parse().unwrap();
            assert!(timestamp <= clock::now());
        }
    }

    #[test]
    fn only_a_line_that_is_not_info_says_where_it_happened() {
        let (info, warning) = (handling(|| tracing::info!("done")), handling(|| tracing::warn!("strange")));
        assert_eq!(warning["function_request_id"], "req-1");
        assert!(warning["location"].as_str().unwrap().starts_with("chassis::telemetry"));
        for key in ["function_request_id", "cold_start", "location"] {
            assert!(info.get(key).is_none(), "{key} in {info}");
        }
    }

    #[test]
    fn only_the_first_invocation_is_a_cold_start() {
        let lines = logged(|| {
            for request in ["req-1", "req-2"] {
                tracing::info_span!("Lambda runtime invoke", requestId = request)
                    .in_scope(|| tracing::warn!("strange"));
            }
        });
        assert_eq!([&lines[0]["cold_start"], &lines[1]["cold_start"]], [&json!(true), &json!(false)]);
    }
}
