//! capacity.toml.

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::quantile::quantile;

/// Everything that the model computes with.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub hops: Hops,
    pub work: Work,
    pub order: Order,
    pub deployed: Resources,
    pub changed: Vec<Changed>,
}

/// How long a hop takes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hops {
    pub stream: Quantiles,
    pub bus: Quantiles,
    pub queue: Quantiles,
}

/// A distribution of milliseconds by four of its quantiles.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quantiles {
    pub p10: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
}

impl Quantiles {
    /// The quantiles of what was measured; zeros if nothing was.
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let at = |percent| quantile(values, percent).unwrap_or_default();
        Self { p10: at(10), p50: at(50), p90: at(90), p99: at(99) }
    }

    /// The value that this share of all values does not exceed: straight lines between the known ones, and on to twice
    /// the last at the end.
    #[must_use]
    pub fn at(&self, share: f64) -> f64 {
        let known = [
            (0.0, self.p10 * 0.8),
            (0.1, self.p10),
            (0.5, self.p50),
            (0.9, self.p90),
            (0.99, self.p99),
            (1.0, 2.0 * self.p99),
        ];
        let between = known.windows(2).find(|pair| matches!(pair, [_, (end, _)] if share <= *end));
        match between {
            Some([(from, low), (to, high)]) => low + (high - low) * (share - from) / (to - from),
            Some(_) | None => 2.0 * self.p99,
        }
    }
}

/// How long work takes, in milliseconds.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Work {
    pub api: f64,
    pub message: f64,
    pub relay_fixed: f64,
    pub relay_put: f64,
    pub gateway_call: f64,
    pub mail: f64,
}

/// What one paid order asks.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    pub api_requests: f64,
    pub bus_events: f64,
    pub deliveries: f64,
    pub gateway_writes: f64,
    pub mails: f64,
    pub records: Tables,
    pub units: Tables,
    pub due_units: Waiting,
    pub needs_attention: f64,
    pub share_of_top_sku: f64,
}

/// By table.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    pub orders: f64,
    pub reservations: f64,
    pub payments: f64,
    pub deliveries: f64,
}

/// By table whose items wait for a time on the paid path.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    pub orders: f64,
    pub reservations: f64,
}

/// What there is, a second where it is a rate.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resources {
    pub due_shards: f64,
    pub parallelization_factor: f64,
    pub consumer_concurrency: f64,
    pub consumer_batch: f64,
    pub relay_batch: f64,
    pub sku_batch: f64,
    pub stock_items: f64,
    pub table_partitions: f64,
    pub gateway_writes: f64,
    pub mails: f64,
    pub api_requests: f64,
    pub bus_requests: f64,
    pub bus_invocations: f64,
    pub lambda_concurrency: f64,
    pub table_units: f64,
    pub in_flight: f64,
}

/// What to change for a rate; the rest stays.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Changed {
    rate: f64,
    due_shards: Option<f64>,
    parallelization_factor: Option<f64>,
    consumer_concurrency: Option<f64>,
    stock_items: Option<f64>,
    gateway_writes: Option<f64>,
    mails: Option<f64>,
    api_requests: Option<f64>,
    bus_requests: Option<f64>,
    bus_invocations: Option<f64>,
    lambda_concurrency: Option<f64>,
    table_units: Option<f64>,
}

impl Settings {
    /// # Errors
    /// The file is not what this version expects.
    pub fn read() -> Result<Self> {
        toml::from_str(include_str!("../../capacity.toml")).context("capacity.toml")
    }

    /// What there is after the changes for this rate, or for the next higher one; none where it needs none.
    pub fn changed(&self, rate: f64) -> Option<Resources> {
        let before = self.deployed;
        let lowest = self.changed.iter().map(|changed| changed.rate).fold(f64::INFINITY, f64::min);
        // a tenth of the lowest rate with changes needs none
        let fitting = self.changed.iter().filter(|changed| changed.rate >= rate && rate > lowest / 50.0);
        let change = fitting.min_by(|one, other| one.rate.total_cmp(&other.rate))?;
        Some(Resources {
            due_shards: change.due_shards.unwrap_or(before.due_shards),
            parallelization_factor: change.parallelization_factor.unwrap_or(before.parallelization_factor),
            consumer_concurrency: change.consumer_concurrency.unwrap_or(before.consumer_concurrency),
            stock_items: change.stock_items.unwrap_or(before.stock_items),
            gateway_writes: change.gateway_writes.unwrap_or(before.gateway_writes),
            mails: change.mails.unwrap_or(before.mails),
            api_requests: change.api_requests.unwrap_or(before.api_requests),
            bus_requests: change.bus_requests.unwrap_or(before.bus_requests),
            bus_invocations: change.bus_invocations.unwrap_or(before.bus_invocations),
            lambda_concurrency: change.lambda_concurrency.unwrap_or(before.lambda_concurrency),
            table_units: change.table_units.unwrap_or(before.table_units),
            ..before
        })
    }
}
