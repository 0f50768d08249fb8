//! Counts times prices: what a million orders cost.

use std::str::FromStr;

use anyhow::{Context, Result};
use serde::Serialize;

use super::lock::{Compute, Counts, Lock, ReadUnits};
use super::prices::{Price, Prices};

/// Most messages of a queue in one invocation, and most records of a stream, as the templates set it.
const FULL: (u32, u32) = (10, 100);
/// Bytes that Lambda logs itself for an invocation, in kB.
const LAMBDA_LOG_KB: f64 = 0.6;

/// How many messages and stream records share an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batch {
    messages: u32,
    records: u32,
}

impl Batch {
    /// Each in an invocation of its own.
    pub const ALONE: Self = Self { messages: 1, records: 1 };
    /// As many as the templates allow.
    pub const FULL: Self = Self { messages: FULL.0, records: FULL.1 };
}

impl FromStr for Batch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let size = match text {
            "alone" => 1,
            "full" => FULL.1,
            number => number.parse().ok().filter(|size| *size > 0).ok_or_else(|| {
                format!("a batch must be alone, full, or a number of messages from 1 on (was {number})")
            })?,
        };
        Ok(Self { messages: size.min(FULL.0), records: size.min(FULL.1) })
    }
}

/// What a million orders cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// What is in the sum.
    pub rows: Vec<Row>,
    /// The sum in US dollars.
    pub usd: f64,
    /// What the sum leaves out.
    pub beside: Vec<Row>,
    #[serde(skip)]
    pub(super) used: Used,
}

/// One kind of unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What is paid for.
    pub what: String,
    /// How much of it one order uses.
    pub units: f64,
    /// US dollars for a million orders.
    pub usd: f64,
}

impl Row {
    fn new(price: &Price, units: f64) -> Self {
        Self { what: price.what.clone(), units, usd: units * price.usd_per_million }
    }
}

/// The services of one order, each with its counts: those that the order is made of, then the lines of their own.
pub type Services<'a> = (Vec<(&'a str, &'a Counts)>, Vec<(&'a str, &'a Counts)>);

/// Finds a path in a lock.
///
/// # Errors
/// When the lock does not have it; the message lists what it has.
pub fn services<'a>(lock: &'a Lock, path: &str, lines: u32) -> Result<Services<'a>> {
    let names = |keys: Vec<&String>| keys.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    let paths = || names(lock.paths.keys().collect());
    let by_lines = lock.paths.get(path).with_context(|| format!("--path must be one of {} (was {path})", paths()))?;
    let counted = || names(by_lines.keys().collect());
    let found = by_lines.get(&lines.to_string());
    let found = found.with_context(|| format!("--lines must be one of {} (was {lines})", counted()))?;
    let all = found.iter().map(|(name, counts)| (name.as_str(), counts));
    Ok(all.partition(|(name, _)| lock.order_services.iter().any(|service| service == name)))
}

/// What these counts cost.
pub fn bill<'a>(all: impl IntoIterator<Item = &'a Counts>, compute: &Compute, batch: Batch, prices: &Prices) -> Bill {
    let used = Used::of(all);
    let (messages, records) = (f64::from(batch.messages), f64::from(batch.records));
    let invocations = used.api + used.deliveries / messages + used.records / records;
    let handled = used.api + used.deliveries + used.records;
    let gb_seconds = handled * compute.milliseconds / 1_000.0 * f64::from(compute.memory_mb) / 1_024.0;
    // EventBridge sends each message alone; Lambda receives and deletes a batch.
    let sqs = used.deliveries * (1.0 + 2.0 / messages) + used.sqs;
    let units = &prices.units;
    let rows = vec![
        Row::new(&units.api_requests, used.api),
        Row::new(&units.invocations, invocations),
        Row::new(&units.gb_seconds, gb_seconds),
        Row::new(&units.events, used.events),
        Row::new(&units.sqs_requests, sqs),
        Row::new(&units.write_units, used.writes),
        Row::new(&units.read_units, used.reads),
        Row::new(&units.log_kb, used.log_bytes / 1_000.0),
    ];
    let beside = vec![
        Row::new(&prices.beside.mails, used.mails),
        Row::new(&prices.beside.lambda_log_kb, invocations * LAMBDA_LOG_KB),
        Row::new(&prices.beside.log_storage_kb, used.log_bytes / 1_000.0),
    ];
    Bill { usd: rows.iter().map(|row| row.usd).sum(), rows, beside, used }
}

/// The sums of several services.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Used {
    api: f64,
    deliveries: f64,
    records: f64,
    pub events: f64,
    sqs: f64,
    mails: f64,
    pub writes: f64,
    pub reads: f64,
    pub log_bytes: f64,
}

impl Used {
    fn of<'a>(all: impl IntoIterator<Item = &'a Counts>) -> Self {
        let mut used = Self::default();
        for counts in all {
            let requests = |service: &str| {
                counts.requests.iter().filter(|(name, _)| name.starts_with(service)).map(|(_, count)| *count).sum()
            };
            used.api += number(counts.invocations.get("api").copied().unwrap_or_default());
            used.deliveries += number(counts.deliveries);
            used.records += number(counts.stream_records);
            used.events += number(counts.events.values().sum());
            used.sqs += number(requests("sqs."));
            used.mails += number(requests("ses."));
            used.writes += number(counts.write_units.values().sum());
            used.reads += counts.read_units.values().copied().sum::<ReadUnits>().as_f64();
            used.log_bytes += number(counts.log_bytes);
        }
        used
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of one order is far below 2^52")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    fn prices() -> Prices {
        Prices::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/prices.toml")).unwrap()
    }

    /// The paid order of which the formula's dollars were computed by hand: 37 write units, 11 read units, 7 bus events, 9
    /// deliveries, 13 stream records, 18 kB of logs.
    fn paid() -> Counts {
        Counts {
            deliveries: 9,
            stream_records: 13,
            log_bytes: 18_000,
            invocations: BTreeMap::from([("api".to_owned(), 1)]),
            events: BTreeMap::from([("any".to_owned(), 7)]),
            write_units: BTreeMap::from([("orders".to_owned(), 37)]),
            read_units: BTreeMap::from([("orders".to_owned(), ReadUnits::halves(22))]),
            ..Counts::default()
        }
    }

    fn usd(batch: &str) -> f64 {
        bill([&paid()], &Compute::default(), batch.parse().unwrap(), &prices()).usd
    }

    #[test]
    fn a_paid_order_costs_what_the_formula_says() {
        let compute = 13.3334 * 23.0 * 0.01 * 0.25;
        let alone = 1.0 + 0.2 * 23.0 + compute + 7.0 + 0.4 * 27.0 + 0.625 * 37.0 + 0.125 * 11.0 + 9.0;
        assert!((usd("alone") - alone).abs() < 1e-9, "{} is not {alone}", usd("alone"));
        let full = alone - 0.2 * (9.0 * 0.9 + 13.0 * 0.99) - 0.4 * 9.0 * 1.8;
        assert!((usd("full") - full).abs() < 1e-9, "{} is not {full}", usd("full"));
        assert!(usd("2") < usd("alone") && usd("full") < usd("10"), "a queue's batch ends at 10, a stream's at 100");
    }

    #[test]
    fn a_batch_of_nothing_is_refused() {
        for refused in ["0", "-1", "many"] {
            assert!(refused.parse::<Batch>().unwrap_err().contains(refused));
        }
    }

    #[test]
    fn services_outside_the_order_are_lines_of_their_own() {
        let services_of = BTreeMap::from([("orders".to_owned(), paid()), ("watcher".to_owned(), Counts::default())]);
        let paths = BTreeMap::from([("paid".to_owned(), BTreeMap::from([("1".to_owned(), services_of)]))]);
        let lock = Lock { order_services: vec!["orders".to_owned()], paths, ..Lock::default() };
        let (order, own) = services(&lock, "paid", 1).unwrap();
        assert_eq!((order[0].0, own[0].0), ("orders", "watcher"));
        assert_eq!(services(&lock, "lost", 1).unwrap_err().to_string(), "--path must be one of paid (was lost)");
        assert_eq!(services(&lock, "paid", 2).unwrap_err().to_string(), "--lines must be one of 1 (was 2)");
    }
}
