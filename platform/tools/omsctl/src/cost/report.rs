//! The bill of a path: for a person as tables, for a program as JSON.

use anyhow::{Context, Result, ensure};
use serde::Serialize;

use super::bill::{Batch, Bill, Row, bill, services};
use super::lock::{Compute, Lock};
use super::prices::{Prices, fixed_counts};
use crate::repository::Repository;
use crate::terminal::table;

/// Where locks and prices are.
const FOLDER: &str = "platform/bench";

/// Which bill.
#[derive(Debug, Clone)]
pub struct Selection {
    /// Such as `paid`.
    pub path: String,
    /// Lines of the order.
    pub lines: u32,
    /// How many messages share an invocation.
    pub batch: Batch,
    /// Another design's lock to compare with, such as `textbook`.
    pub compare: Option<String>,
}

impl Default for Selection {
    /// One paid order with one line, at full batches.
    fn default() -> Self {
        Self { path: "paid".to_owned(), lines: 1, batch: Batch::FULL, compare: None }
    }
}

/// A bill with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The path and its lines.
    pub path: String,
    /// Lines of the order.
    pub lines: u32,
    /// The AWS region of the prices.
    pub region: String,
    /// The day of the prices.
    pub as_of: String,
    /// The compute time behind the GB-seconds, and who says so.
    pub compute: Compute,
    /// What a million orders cost.
    pub order: Bill,
    /// The same, by service.
    pub services: Vec<Row>,
    /// Services that an order does not need: watcher, projections.
    pub own_lines: Vec<Row>,
    /// What the stage costs in a month without an order; the units are how many there are.
    pub fixed: Vec<Row>,
    /// Another design's bill.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
}

/// Another design's bill of the same path.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// What a million of its orders cost.
    pub order: Bill,
}

/// Makes a report from the files of this checkout.
///
/// # Errors
/// When a file is missing or has another form, or the lock lacks the path.
pub fn report(repository: &Repository, of: &Selection) -> Result<Report> {
    let folder = repository.path(FOLDER);
    let prices = Prices::read(&folder.join("prices.toml"))?;
    let lock = Lock::read(&folder.join("cost.lock")).context("to count, run `just cost-lock`")?;
    let compared = of.compare.as_ref().map(|name| compared(repository, name, of, &prices)).transpose()?;
    let (order, own) = services(&lock, &of.path, of.lines)?;
    let row = |(name, counts): &(&str, _)| {
        let bill = bill([*counts], &lock.compute, of.batch, &prices);
        Row { what: (*name).to_owned(), units: 1.0, usd: bill.usd }
    };
    let counts = fixed_counts(repository, &prices)?;
    let fixed = prices.fixed.iter().map(|(name, fixed)| {
        let units = counts.get(name).and_then(|count| u32::try_from(*count).ok()).map_or(0.0, f64::from);
        Row { what: fixed.what.clone(), units, usd: units * fixed.usd_per_month }
    });
    Ok(Report {
        path: of.path.clone(),
        lines: of.lines,
        order: bill(order.iter().map(|(_, counts)| *counts), &lock.compute, of.batch, &prices),
        services: order.iter().map(row).collect(),
        own_lines: own.iter().map(row).collect(),
        fixed: fixed.collect(),
        region: prices.region.clone(),
        as_of: prices.as_of.clone(),
        compute: lock.compute.clone(),
        compared,
    })
}

/// Every path of the lock with its largest units, as a table: one line each.
///
/// # Errors
/// As [`report`].
pub fn overview(repository: &Repository) -> Result<String> {
    let folder = repository.path(FOLDER);
    let prices = Prices::read(&folder.join("prices.toml"))?;
    let lock = Lock::read(&folder.join("cost.lock")).context("to count, run `just cost-lock`")?;
    let mut rows = Vec::new();
    for (path, by_lines) in &lock.paths {
        for lines in by_lines.keys() {
            let (order, _) = services(&lock, path, lines.parse().context("lines must be a number")?)?;
            let bill = |batch| bill(order.iter().map(|(_, counts)| *counts), &lock.compute, batch, &prices);
            let (full, alone) = (bill(Batch::FULL), bill(Batch::ALONE));
            let used = &full.used;
            rows.push([
                path.clone(),
                lines.clone(),
                amount(used.writes),
                amount(used.reads),
                amount(used.events),
                amount(used.log_bytes / 1_000.0),
                dollars(full.usd),
                dollars(alone.usd),
            ]);
        }
    }
    let header = ["PATH", "LINES", "WRITES", "READS", "EVENTS", "LOG KB", "$ PER MILLION", "EACH ALONE"];
    Ok(table(header, &rows))
}

fn compared(repository: &Repository, name: &str, of: &Selection, prices: &Prices) -> Result<Compared> {
    let is_plain = |it: char| it.is_ascii_alphanumeric() || it == '-';
    ensure!(name.chars().all(is_plain), "--compare must be letters, digits and dashes (was {name})");
    let file = repository.path(FOLDER).join(format!("{name}.lock"));
    let lock = Lock::read(&file).with_context(|| format!("--compare {name} needs {FOLDER}/{name}.lock"))?;
    let (order, _) = services(&lock, &of.path, of.lines).with_context(|| format!("{name}.lock"))?;
    let order = bill(order.iter().map(|(_, counts)| *counts), &lock.compute, of.batch, prices);
    Ok(Compared { name: name.to_owned(), order })
}

impl Report {
    /// The report as tables.
    #[must_use]
    pub fn tables(&self) -> String {
        let lines = if self.lines == 1 { "line" } else { "lines" };
        let (compute, order) = (&self.compute, &self.order);
        [
            format!(
                "One {} order with {} {lines}; prices of {} in {}\n",
                self.path, self.lines, self.as_of, self.region
            ),
            self.compared.as_ref().map_or_else(|| bill_table(order), |compared| compared.table(order)),
            table(["SERVICE", "$ PER MILLION", "SHARE"], &shares(&self.services, order.usd)),
            table(["NOT IN THE SUM", "$ PER MILLION"], &self.not_in_the_sum()),
            table(["FIXED", "HOW MANY", "$ PER MONTH"], &self.fixed_rows()),
            format!(
                "GB-seconds: {} ms at {} MB for each request, message and stream record ({})\n",
                compute.milliseconds, compute.memory_mb, compute.source
            ),
        ]
        .join("\n")
    }

    fn not_in_the_sum(&self) -> Vec<[String; 2]> {
        let rows = self.order.beside.iter().chain(&self.own_lines);
        rows.map(|row| [row.what.clone(), dollars(row.usd)]).collect()
    }

    fn fixed_rows(&self) -> Vec<[String; 3]> {
        let row = |row: &Row| [row.what.clone(), row.units.to_string(), dollars(row.usd)];
        let sum = dollars(self.fixed.iter().map(|row| row.usd).sum());
        let last = ["a stage without orders".to_owned(), String::new(), sum];
        self.fixed.iter().map(row).chain([last]).collect()
    }
}

impl Compared {
    fn table(&self, ours: &Bill) -> String {
        let ratio =
            |ours: f64, theirs: f64| if theirs > 0.0 { format!("{:.2}", ours / theirs) } else { "-".to_owned() };
        let mut rows: Vec<[String; 6]> = Vec::new();
        for (our, their) in ours.rows.iter().zip(&self.order.rows) {
            let (units, their_units) = (amount(our.units), amount(their.units));
            rows.push([
                our.what.clone(),
                units,
                dollars(our.usd),
                their_units,
                dollars(their.usd),
                ratio(our.usd, their.usd),
            ]);
        }
        let (sum, their_sum) = (dollars(ours.usd), dollars(self.order.usd));
        rows.push(["sum".to_owned(), String::new(), sum, String::new(), their_sum, ratio(ours.usd, self.order.usd)]);
        let name = self.name.to_uppercase();
        table(["WHAT", "UNITS", "$ PER MILLION", &format!("{name} UNITS"), &format!("{name} $"), "RATIO"], &rows)
    }
}

fn bill_table(bill: &Bill) -> String {
    let share = |usd: f64| format!("{:.0} %", 100.0 * usd / bill.usd);
    let mut rows: Vec<_> =
        bill.rows.iter().map(|row| [row.what.clone(), amount(row.units), dollars(row.usd), share(row.usd)]).collect();
    rows.push(["sum".to_owned(), String::new(), dollars(bill.usd), share(bill.usd)]);
    table(["WHAT", "UNITS", "$ PER MILLION", "SHARE"], &rows)
}

fn shares(rows: &[Row], sum: f64) -> Vec<[String; 3]> {
    let share = |usd: f64| format!("{:.0} %", 100.0 * usd / sum);
    rows.iter().map(|row| [row.what.clone(), dollars(row.usd), share(row.usd)]).collect()
}

fn dollars(usd: f64) -> String {
    format!("{usd:.2}")
}

/// At most three digits after the point.
fn amount(units: f64) -> String {
    let text = format!("{units:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(compare: Option<&str>) -> Selection {
        Selection { compare: compare.map(str::to_owned), ..Selection::default() }
    }

    fn checkout() -> Repository {
        Repository::at(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.."))
    }

    #[test]
    fn the_report_of_this_checkout_adds_up() {
        let report = report(&checkout(), &of(None)).unwrap();
        let (rows, services) = (&report.order.rows, &report.services);
        let sum = |rows: &[Row]| rows.iter().map(|row| row.usd).sum::<f64>();
        assert!((sum(rows) - report.order.usd).abs() < 1e-6);
        assert!((sum(services) - report.order.usd).abs() < 1e-6, "what a service costs is what its rows cost");
        assert!(report.fixed.iter().all(|row| row.units > 0.0), "{:?} names nothing of any template", report.fixed);
        assert!(report.tables().contains("\nsum "));
    }

    #[test]
    fn a_comparison_without_its_lock_names_the_file() {
        let error = format!("{:#}", report(&checkout(), &of(Some("missing"))).unwrap_err());
        assert!(error.contains("platform/bench/missing.lock"), "{error}");
        let error = report(&checkout(), &of(Some("../x"))).unwrap_err().to_string();
        assert!(error.contains("--compare must be"), "{error}");
    }

    #[test]
    fn a_design_beside_itself_has_the_ratio_one() {
        let report = report(&checkout(), &of(Some("cost"))).unwrap();
        assert_eq!(report.compared.as_ref().unwrap().order, report.order);
        assert!(report.tables().lines().any(|line| line.starts_with("sum") && line.ends_with("1.00")));
    }

    #[test]
    fn amounts_have_no_useless_digits() {
        assert_eq!(["37", "2.13", "0.058"], [37.0, 2.13, 0.0575].map(amount).each_ref().map(String::as_str));
    }
}
