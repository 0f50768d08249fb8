//! Runs every design that is known to be wrong in the same worlds as ours: what catches it, after how many orders.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::flaws::{Flaw, Mechanism};
use crate::invariants::Rule;
use crate::report::counted;
use crate::run::{First, Options, Report, run};

/// The result for one flaw.
#[derive(Debug, Clone)]
pub struct Caught {
    /// The flaw.
    pub flaw: Flaw,
    /// The number of simulated orders.
    pub orders: u64,
    /// The violation that caught it.
    pub first: Option<First>,
}

impl Caught {
    /// Whether it was caught.
    #[must_use]
    pub fn is_caught(&self) -> bool {
        self.first.is_some()
    }
}

/// A whole design: ours, or one that is known to be bad.
#[derive(Debug, Clone)]
pub struct Design {
    /// Its name.
    pub name: &'static str,
    /// Its run.
    pub report: Report,
}

/// Simulates each flaw until it is caught, or for this many orders.
#[must_use]
pub fn catch_all(seed: u64, orders: u64, threads: usize) -> Vec<Caught> {
    let one = |flaw| {
        let options = Options { orders, seed, threads, stop_at_first: true, mechanism: Mechanism::with(flaw) };
        let report = run(options, |_| {});
        Caught { flaw, orders: report.orders, first: report.first }
    };
    Flaw::ALL.into_iter().map(one).collect()
}

/// Simulates our design and the known bad ones with the same orders.
#[must_use]
pub fn compare(seed: u64, orders: u64, threads: usize) -> [Design; 3] {
    let designs = [
        ("ours", Mechanism::default()),
        (Flaw::DualWrite.as_str(), Mechanism::with(Flaw::DualWrite)),
        (Flaw::LockThenComplete.as_str(), Mechanism::with(Flaw::LockThenComplete)),
    ];
    designs.map(|(name, mechanism)| {
        let options = Options { orders, seed, threads, stop_at_first: false, mechanism };
        Design { name, report: run(options, |_| {}) }
    })
}

/// The result as text.
#[must_use]
pub fn text(caught: &[Caught], designs: &[Design]) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").unwrap_or_default();
    line(format!("{:<22}{:<14}{:>9}  by", "flaw", "caught by", "orders"));
    for one in caught {
        let orders = counted(one.orders);
        match &one.first {
            Some(First { violation, .. }) => {
                line(format!(
                    "{:<22}{:<14}{orders:>9}  {}",
                    one.flaw.as_str(),
                    violation.rule.as_str(),
                    violation.what
                ));
            }
            None => line(format!("{:<22}{:<14}{orders:>9}", one.flaw.as_str(), "NOTHING")),
        }
    }
    let columns =
        |texts: &mut dyn Iterator<Item = String>| texts.fold(String::new(), |row, text| format!("{row}{text:>20}"));
    let names = columns(&mut designs.iter().map(|design| design.name.to_owned()));
    let orders = designs.first().map_or(0, |design| design.report.orders);
    line(format!("\nviolations in {} orders{names:>52}", counted(orders)));
    for rule in Rule::ALL {
        let count = |design: &Design| design.report.violations.get(&rule).copied().unwrap_or_default();
        let counts = columns(&mut designs.iter().map(|design| counted(count(design))));
        line(format!("  {:<13}{:<52}{counts}", rule.as_str(), rule.statement()));
    }
    out
}

/// The result as JSON.
#[must_use]
pub fn json(caught: &[Caught], designs: &[Design]) -> Value {
    let one = |one: &Caught| {
        let (rule, what) =
            one.first.as_ref().map(|first| (first.violation.rule.as_str(), &first.violation.what)).unzip();
        json!({ "flaw": one.flaw.as_str(), "caughtBy": rule, "what": what, "orders": one.orders })
    };
    let design = |design: &Design| {
        let broken = |rule: &Rule| design.report.violations.get(rule).copied().unwrap_or_default();
        let violations: serde_json::Map<String, Value> =
            Rule::ALL.iter().map(|rule| (rule.as_str().to_owned(), json!(broken(rule)))).collect();
        json!({ "design": design.name, "orders": design.report.orders, "violations": violations })
    };
    json!({
        "flaws": caught.iter().map(one).collect::<Vec<_>>(),
        "designs": designs.iter().map(design).collect::<Vec<_>>(),
    })
}
