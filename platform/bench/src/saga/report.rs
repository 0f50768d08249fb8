//! What was measured, for people and for programs.

use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result};
use omsctl::terminal::table;
use serde::Serialize;

use super::measure::{Measured, Plan};
use crate::quantile::quantile;

/// Smaller figures are shown with tenths.
const TENTHS_BELOW: f64 = 50.0;

/// Both sides, side by side.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// How ours was compiled, and how the emulator runs the textbook design.
    builds: [&'static str; 2],
    orders: usize,
    at_once: usize,
    seed: u64,
    /// The machine's load average of one minute, before and after.
    load: [f64; 2],
    sides: [Figures; 2],
    /// How many times better ours is; below 1 it is worse.
    ratios: Times,
}

/// One side. Times are in milliseconds, from POST to COMPLETED.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    name: &'static str,
    #[serde(flatten)]
    times: Times,
    failures: Vec<String>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct Times {
    alone_p50: f64,
    alone_p99: f64,
    together_p50: f64,
    together_p99: f64,
    orders_per_second: f64,
    billed_for_each: f64,
}

impl Report {
    /// Ours first.
    ///
    /// # Errors
    /// When no order of a side completed.
    pub fn new(measured: [Measured; 2], plan: Plan, builds: [&'static str; 2], load: [f64; 2]) -> Result<Self> {
        let [ours, theirs] = measured;
        let sides = [Figures::of(ours)?, Figures::of(theirs)?];
        let (a, b) = (sides[0].times, sides[1].times);
        let ratios = Times {
            alone_p50: b.alone_p50 / a.alone_p50,
            alone_p99: b.alone_p99 / a.alone_p99,
            together_p50: b.together_p50 / a.together_p50,
            together_p99: b.together_p99 / a.together_p99,
            orders_per_second: a.orders_per_second / b.orders_per_second,
            billed_for_each: b.billed_for_each / a.billed_for_each,
        };
        let Plan { orders, at_once, seed } = plan;
        Ok(Self { builds, orders, at_once, seed, load, sides, ratios })
    }

    /// Milliseconds that an invocation is billed for, on average; ours first.
    #[must_use]
    pub fn billed(&self) -> [f64; 2] {
        let [ours, theirs] = &self.sides;
        [ours.times.billed_for_each, theirs.times.billed_for_each]
    }
}

impl Figures {
    fn of(measured: Measured) -> Result<Self> {
        let Measured { name, alone, together, elapsed, billed, failures } = measured;
        let none = || format!("no order of {name} completed: {}", failures.first().map_or("", String::as_str));
        let completed = f64::from(u32::try_from(together.len())?);
        let times = Times {
            alone_p50: percentile(&alone, 50).with_context(none)?,
            alone_p99: percentile(&alone, 99).with_context(none)?,
            together_p50: percentile(&together, 50).with_context(none)?,
            together_p99: percentile(&together, 99).with_context(none)?,
            orders_per_second: completed / elapsed.as_secs_f64(),
            billed_for_each: billed,
        };
        Ok(Self { name, times, failures })
    }
}

/// In milliseconds.
fn percentile(times: &[Duration], percent: usize) -> Option<f64> {
    quantile(&times.iter().map(|time| time.as_secs_f64() * 1_000.0).collect::<Vec<_>>(), percent)
}

/// The machine's load average of one minute.
///
/// # Errors
/// When the system does not show it.
pub fn load() -> Result<f64> {
    let text = std::fs::read_to_string("/proc/loadavg").context("cannot read the load average")?;
    Ok(text.split_whitespace().next().unwrap_or_default().parse()?)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [ours, theirs] = &self.sides;
        let row = |name: String, unit: &str, of: fn(&Times) -> f64| {
            let value = |times: &Times| {
                let number = of(times);
                format!("{number:.*}{unit}", usize::from(number < TENTHS_BELOW))
            };
            [name, value(&ours.times), value(&theirs.times), format!("{:.2}×", of(&self.ratios))]
        };
        let together = format!("{} in parallel", self.at_once);
        let failures = |side: &Figures| side.failures.len().to_string();
        let rows = [
            row("one at a time, p50".to_owned(), " ms", |times| times.alone_p50),
            row("one at a time, p99".to_owned(), " ms", |times| times.alone_p99),
            row(format!("{together}, p50"), " ms", |times| times.together_p50),
            row(format!("{together}, p99"), " ms", |times| times.together_p99),
            row(format!("{together}, orders/s"), "", |times| times.orders_per_second),
            row("billed for each message or record".to_owned(), " ms", |times| times.billed_for_each),
            ["orders that failed".to_owned(), failures(ours), failures(theirs), String::new()],
        ];
        write!(f, "{}", table(["POST → COMPLETED", ours.name, theirs.name, "ours is better by"], &rows))?;
        for failure in self.sides.iter().flat_map(|side| &side.failures) {
            writeln!(f, "failed: {failure}")?;
        }
        writeln!(
            f,
            "\nOurs: {}; the textbook design: Python as {}. {} orders for each figure, shuffled by seed {}, after a warm-up of {} each. Load average {:.1}, then {:.1}.",
            self.builds[0], self.builds[1], self.orders, self.seed, self.at_once, self.load[0], self.load[1]
        )?;
        writeln!(
            f,
            "Both are limited by the emulator: one process that plays every AWS service, hands over each event, and shares the cores with the functions."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &'static str, alone: &[u64], failures: usize) -> Measured {
        let times: Vec<Duration> = alone.iter().copied().map(Duration::from_millis).collect();
        let failures = vec!["no answer".to_owned(); failures];
        Measured { name, together: times.clone(), alone: times, elapsed: Duration::from_secs(2), billed: 8.0, failures }
    }

    fn report(ours: Measured, theirs: Measured) -> Result<Report> {
        let plan = Plan { orders: 4, at_once: 2, seed: 1 };
        Report::new([ours, theirs], plan, ["release build", "python3.12"], [0.5, 1.5])
    }

    #[test]
    fn ours_at_half_the_time_is_twice_as_good() {
        let text = report(measured("ours", &[100, 200], 0), measured("textbook", &[200, 400], 1)).unwrap().to_string();
        let row: Vec<&str> = text.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(row, ["one", "at", "a", "time,", "p50", "100", "ms", "200", "ms", "2.00×"]);
        assert!(text.contains("failed: no answer"), "{text}");
        assert!(text.contains("release build"), "{text}");
    }

    #[test]
    fn a_side_without_a_completed_order_is_an_error_that_says_why() {
        let error = report(measured("ours", &[1], 0), measured("textbook", &[], 1)).unwrap_err();
        assert_eq!(error.to_string(), "no order of textbook completed: no answer");
    }
}
