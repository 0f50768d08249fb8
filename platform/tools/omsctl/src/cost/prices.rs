//! `prices.toml`: public prices with a date, a region and a source for each.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::repository::Repository;

/// Every price.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The AWS region, such as `us-east-1`.
    pub region: String,
    /// The day on which they were looked up.
    pub as_of: String,
    /// What an order uses.
    pub units: Units,
    /// What an order uses and the sum leaves out.
    pub beside: Beside,
    /// What a stage costs in a month, by name.
    pub fixed: BTreeMap<String, Fixed>,
}

/// The prices of what an order uses.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "prices.toml says what each is")]
pub struct Units {
    pub api_requests: Price,
    pub invocations: Price,
    pub gb_seconds: Price,
    pub events: Price,
    pub sqs_requests: Price,
    pub write_units: Price,
    pub read_units: Price,
    pub log_kb: Price,
}

/// The prices of what the sum leaves out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "prices.toml says what each is")]
pub struct Beside {
    pub mails: Price,
    pub lambda_log_kb: Price,
    pub log_storage_kb: Price,
}

/// The price of a million units.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// US dollars.
    pub usd_per_million: f64,
    /// What it is.
    pub what: String,
    /// Where the price is published.
    pub source: String,
}

/// A price of a stage.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// The line that stands for one in a template.
    pub find: String,
    /// US dollars for one.
    pub usd_per_month: f64,
    /// What it is.
    pub what: String,
    /// Where the price is published.
    pub source: String,
}

impl Prices {
    /// Reads the prices.
    ///
    /// # Errors
    /// When the file is missing, or lacks a price; the message names the field.
    pub fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        toml::from_str(&text).with_context(|| format!("{} does not have the form of a price table", file.display()))
    }
}

/// How often each fixed price applies to a stage of this checkout.
///
/// # Errors
/// When a template cannot be read.
pub fn fixed_counts(repository: &Repository, prices: &Prices) -> Result<BTreeMap<String, usize>> {
    let mut text = String::new();
    for name in ["platform.yaml", "dead-letters.yaml"] {
        text += &fs::read_to_string(repository.path("platform/stacks").join(name))?;
    }
    for service in repository.services()? {
        text += &fs::read_to_string(repository.path("services").join(service).join("template.yaml"))?;
    }
    let occurrences = |fixed: &Fixed| text.lines().filter(|line| line.trim() == fixed.find).count();
    Ok(prices.fixed.iter().map(|(name, fixed)| (name.clone(), occurrences(fixed))).collect())
}
