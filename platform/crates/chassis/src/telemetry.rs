//! JSON log lines, one object per line, with the key names of Powertools for AWS Lambda.
//!
//! A line carries the fields of the spans around it as flat keys, so that all lines of one message have its
//! `correlation_id`. Lambda's own runtime opens the outermost span; its request id becomes `function_request_id`. The
//! entity that a line is about is recorded as `subject`; the service decides under which key it is logged.
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

struct JsonLines<O> {
    constants: Map<String, Value>,
    subjects: SubjectKeys,
    invocations: AtomicU32,
    out: O,
}

/// What the spans around a line add to it.
struct SpanKeys(Map<String, Value>);

impl<O> JsonLines<O> {
    fn new(service: &'static str, subjects: SubjectKeys, out: O) -> Self {
        let mut constants = Map::from_iter([("service".to_owned(), json!(service))]);
        for (key, variable) in [
            ("function_name", "AWS_LAMBDA_FUNCTION_NAME"),
            ("function_version", "AWS_LAMBDA_FUNCTION_VERSION"),
            ("function_memory_size", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        ] {
            if let Some(value) = config::optional(variable) {
                constants.insert(key.to_owned(), value.parse::<u64>().map_or_else(|_| json!(value), |n| json!(n)));
            }
        }
        Self { constants, subjects, invocations: AtomicU32::new(0), out }
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
        let mut line = Map::from_iter([("level".to_owned(), json!(metadata.level().as_str()))]);
        line.insert("timestamp".into(), json!(clock::now().to_string()));
        line.insert("location".into(), json!(format!("{}:{}", metadata.target(), metadata.line().unwrap_or_default())));
        line.extend(self.constants.clone());
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(SpanKeys(keys)) = span.extensions().get::<SpanKeys>() {
                line.extend(keys.clone());
            }
        }
        event.record(&mut Keys(&mut line, self.subjects));
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
    use std::sync::{Arc, Mutex};

    fn logged(during: impl FnOnce()) -> Vec<Value> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let out = Arc::clone(&lines);
        let layer =
            JsonLines::new("shop", &[("ord_", "order_id")], move |line: &Value| out.lock().unwrap().push(line.clone()));
        tracing::subscriber::with_default(Registry::default().with(layer), during);
        lines.lock().unwrap().clone()
    }

    #[test]
    fn every_line_of_a_message_carries_what_ties_it_to_its_saga() {
        let cause = crate::cause::Cause {
            correlation_id: "cor-1".into(),
            causation_id: "evt-1".into(),
            traceparent: None,
            at: clock::now(),
        };
        let lines = logged(|| {
            let invocation = tracing::info_span!("Lambda runtime invoke", requestId = "req-1");
            let _inside = invocation.enter();
            let span = cause.span();
            let _handling = span.enter();
            about("ord_1");
            tracing::info!(attempt = 2, "charged");
        });
        let line = &lines[0];
        for (key, value) in [
            ("level", json!("INFO")),
            ("message", json!("charged")),
            ("service", json!("shop")),
            ("function_request_id", json!("req-1")),
            ("cold_start", json!(true)),
            ("correlation_id", json!("cor-1")),
            ("causation_id", json!("evt-1")),
            ("order_id", json!("ord_1")),
            ("attempt", json!(2)),
        ] {
            assert_eq!(line[key], value, "{key} in {line}");
        }
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn only_the_first_invocation_is_a_cold_start() {
        let lines = logged(|| {
            for request in ["req-1", "req-2"] {
                tracing::info_span!("Lambda runtime invoke", requestId = request).in_scope(|| tracing::info!("done"));
            }
        });
        assert_eq!([&lines[0]["cold_start"], &lines[1]["cold_start"]], [&json!(true), &json!(false)]);
    }
}
