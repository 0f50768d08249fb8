//! `cost.lock`: what one order of each path asks of AWS, as `bench count` counted it.

use std::collections::BTreeMap;
use std::fs;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The counts of a design: path, such as `paid`, then lines of the order, then service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The services that an order is made of; the others, such as the watcher, are lines of their own.
    pub order_services: Vec<String>,
    /// The compute time that goes into GB-seconds.
    pub compute: Compute,
    /// Path, then lines, then service.
    pub paths: BTreeMap<String, BTreeMap<String, BTreeMap<String, Counts>>>,
}

/// What one handled message or request takes of a function.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Compute {
    /// Billed milliseconds.
    pub milliseconds: f64,
    /// The function's memory in MB, as the templates set it.
    pub memory_mb: u32,
    /// `declared`, or the command that measured it.
    pub source: String,
}

impl Default for Compute {
    /// A placeholder until the time is measured.
    fn default() -> Self {
        Self { milliseconds: 10.0, memory_mb: 256, source: "declared".to_owned() }
    }
}

/// What one service asks of AWS for one order, if each of its messages and stream records comes alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Messages that its queues delivered, redeliveries included.
    pub deliveries: u64,
    /// Stream records that its relay received.
    pub stream_records: u64,
    /// Lines that its functions logged; Lambda's own are not among them.
    pub log_lines: u64,
    /// Bytes of these lines, with the 26 that CloudWatch adds to each.
    pub log_bytes: u64,
    /// Invocations by role.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub invocations: BTreeMap<String, u64>,
    /// Events that it published, in units of 64 KB, by type.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<String, u64>,
    /// Requests of its functions by AWS service and operation; a retry is one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<String, u64>,
    /// DynamoDB write request units by table, and by table/index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub write_units: BTreeMap<String, u64>,
    /// DynamoDB read request units by table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub read_units: BTreeMap<String, ReadUnits>,
}

/// Read request units: an eventually consistent read is half of one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReadUnits {
    halves: u64,
}

impl ReadUnits {
    /// So many halves.
    #[must_use]
    pub const fn halves(halves: u64) -> Self {
        Self { halves }
    }

    /// As a number.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a count of one order is far below 2^52")]
    pub fn as_f64(self) -> f64 {
        self.halves as f64 / 2.0
    }
}

impl AddAssign for ReadUnits {
    fn add_assign(&mut self, other: Self) {
        self.halves += other.halves;
    }
}

impl Add for ReadUnits {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::halves(self.halves + other.halves)
    }
}

impl Sum for ReadUnits {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

impl Serialize for ReadUnits {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_f64().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ReadUnits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let units = f64::deserialize(deserializer)?;
        let halves = units * 2.0;
        if halves.fract() != 0.0 || !(0.0..1e9).contains(&halves) {
            return Err(serde::de::Error::custom(format!(
                "read units must be a multiple of 0.5 from 0 on (was {units})"
            )));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked just above")]
        Ok(Self::halves(halves as u64))
    }
}

/// The first lines of a lock's file; the recipes that write and compare it follow.
const HEAD: &str = "\
# What one order of each path asks of AWS: paths.<path>.<lines>.<service>. Counted, never written by hand:
# ";
const RULES: &str = ". The rules: docs/performance.md\n\n";

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    /// When the file is missing or has another form; the message names the file and the field.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} does not have the form of a lock", file.display()))
    }

    /// Every service's counts, with path and lines.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &str, &str, &Counts)> {
        let lines = self.paths.iter().flat_map(|(path, lines)| lines.iter().map(move |(count, it)| (path, count, it)));
        lines.flat_map(|(path, lines, services)| {
            services.iter().map(move |(service, counts)| (path.as_str(), lines.as_str(), service.as_str(), counts))
        })
    }

    /// Writes a lock; `recipes` says in its first lines which ones write and compare it.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: &Path, recipes: &str) -> Result<()> {
        let text = format!("{HEAD}{recipes}{RULES}{}", toml::to_string(self)?);
        fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock() -> Lock {
        let counts = Counts {
            deliveries: 2,
            write_units: BTreeMap::from([("orders/due".to_owned(), 4)]),
            read_units: BTreeMap::from([("orders".to_owned(), ReadUnits::halves(3))]),
            ..Counts::default()
        };
        let services = BTreeMap::from([("orders".to_owned(), counts)]);
        let lines = BTreeMap::from([("1".to_owned(), services)]);
        Lock {
            order_services: vec!["orders".to_owned()],
            compute: Compute::default(),
            paths: BTreeMap::from([("paid".to_owned(), lines)]),
        }
    }

    #[test]
    fn what_was_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cost.lock");
        lock().write(&file, "`just cost-lock` writes it").unwrap();
        assert_eq!(Lock::read(&file).unwrap(), lock());
        let text = fs::read_to_string(file).unwrap();
        assert!(text.contains("[paths.paid.1.orders.write_units]\n\"orders/due\" = 4\n"), "{text}");
        assert!(text.contains("orders = 1.5\n"), "{text}");
    }

    #[test]
    fn a_lock_with_a_quarter_of_a_unit_is_refused_by_the_name_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cost.lock");
        lock().write(&file, "`just cost-lock` writes it").unwrap();
        fs::write(&file, fs::read_to_string(&file).unwrap().replace("orders = 1.5", "orders = 1.25")).unwrap();
        let error = format!("{:#}", Lock::read(&file).unwrap_err());
        assert!(error.contains("cost.lock") && error.contains("multiple of 0.5"), "{error}");
    }
}
