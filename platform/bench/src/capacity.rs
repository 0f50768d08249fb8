//! At which rate which limit is met first, and how long an order takes until then: sums for the limits, a discrete-event
//! model for the waiting.

mod check;
mod limits;
mod model;
mod settings;

use anyhow::{Context, Result};
use serde_json::json;

use limits::{Load, loads};
use model::{Outcome, simulate};
use settings::{Resources, Settings};

/// What to compute.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Orders per second.
    #[arg(default_values_t = [10.0, 1000.0, 50_000.0])]
    rates: Vec<f64>,
    /// The seed of every random choice.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Print JSON instead of tables.
    #[arg(long)]
    json: bool,
    /// Instead, compare the model with orders on the emulator.
    #[arg(long, conflicts_with = "json")]
    check: bool,
    /// The port of the emulator that the comparison starts, and stops when it is done.
    #[arg(long, default_value_t = 4740)]
    port: u16,
}

/// Resources are shown from this load on, and at most so many.
const SHOWN_FROM: f64 = 0.02;
const SHOWN: usize = 12;

/// What a rate leads to with some resources.
#[derive(Debug)]
struct Case {
    rate: f64,
    with: &'static str,
    loads: Vec<Load>,
    outcome: Outcome,
}

/// Prints each rate's limits, its latency, and the same after the changes that capacity.toml has for it.
///
/// # Errors
/// capacity.toml cannot be read, or the model is not what the emulator shows.
pub fn run(Arguments { rates, seed, json, check, port }: Arguments) -> Result<()> {
    let settings = Settings::read()?;
    if check {
        return check::run(&settings, port, seed);
    }
    let mut cases = Vec::new();
    for rate in rates {
        cases.push(case(&settings, rate, "as deployed", settings.deployed, seed));
        if let Some(changed) = settings.changed(rate) {
            cases.push(case(&settings, rate, "as changed", changed, seed));
        }
    }
    if json {
        let cases: Vec<_> = cases.iter().map(Case::to_json).collect();
        println!("{}", serde_json::to_string_pretty(&cases).context("a case is JSON")?);
    } else {
        cases.iter().for_each(Case::print);
    }
    Ok(())
}

fn case(settings: &Settings, rate: f64, with: &'static str, resources: Resources, seed: u64) -> Case {
    let loads = loads(&settings.order, &settings.work, &resources, rate);
    Case { rate, with, loads, outcome: simulate(settings, &resources, rate, seed) }
}

impl Case {
    fn print(&self) {
        println!("{} orders a second, {}\n", grouped(self.rate), self.with);
        println!("  {:<48} {:>11} {:>11} {:>9}  what to change", "resource", "asked", "there", "load");
        for load in self.loads.iter().filter(|load| load.share() >= SHOWN_FROM).take(SHOWN) {
            let name = format!("{}, {}", load.name, load.unit);
            let (asked, there, share) = (grouped(load.asked), grouped(load.there), grouped(100.0 * load.share()));
            let remedy = if load.share() > 1.0 { load.remedy } else { "" };
            println!("  {name:<48} {asked:>11} {there:>11} {share:>8}%  {remedy}");
        }
        match &self.outcome {
            Outcome::Settles { p50, p99, busiest } => {
                println!(
                    "\n  POST to COMPLETED: p50 {} ms, p99 {} ms; busiest: {busiest}\n",
                    grouped(*p50),
                    grouped(*p99)
                );
            }
            Outcome::Grows { first, behind } => {
                println!("\n  does not keep up: {first} falls behind by {} orders a second\n", grouped(*behind));
            }
        }
    }

    fn to_json(&self) -> serde_json::Value {
        let loads: Vec<_> = self.loads.iter().map(Load::to_json).collect();
        let outcome = match &self.outcome {
            Outcome::Settles { p50, p99, busiest } => json!({ "p50Ms": p50, "p99Ms": p99, "busiest": busiest }),
            Outcome::Grows { first, behind } => json!({ "fallsBehind": first, "ordersPerSecond": behind }),
        };
        json!({ "rate": self.rate, "with": self.with, "loads": loads, "outcome": outcome })
    }
}

/// A whole number with its thousands apart.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    groups.iter().map(|group| String::from_utf8_lossy(group)).collect::<Vec<_>>().join(",")
}
