//! A run's report, as text and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::explore::Found;
use crate::flash_sale::{Design, Sale};
use crate::invariants::Rule;
use crate::run::{First, Options, Report};

/// The report as text.
#[must_use]
pub fn text(options: &Options, report: &Report) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").unwrap_or_default();
    line(format!("{} orders in {} shops, seed {}", counted(report.orders), counted(report.shops), options.seed));
    line(format!("{} faults:", counted(report.faults.total())));
    for (fault, count) in report.faults.iter() {
        line(format!("  {:<38}{:>14}", fault.as_str(), counted(count)));
    }
    line("orders ended:".to_owned());
    for (how, count) in &report.ended {
        line(format!("  {how:<38}{:>14}", counted(*count)));
    }
    line("events:".to_owned());
    for (name, count) in &report.said {
        line(format!("  {name:<38}{:>14}", counted(*count)));
    }
    line("messages that payments' consumer of dead letters settled:".to_owned());
    for (class, count) in &report.parked {
        line(format!("  {class:<38}{:>14}", counted(*count)));
    }
    line("violations:".to_owned());
    for rule in Rule::ALL {
        let count = report.violations.get(&rule).copied().unwrap_or_default();
        line(format!("  {:<13}{:<52}{:>8}", rule.as_str(), rule.statement(), counted(count)));
    }
    line(format!(
        "{} steps in {:.1} s with {} threads: {} orders/s; trace hash {:016x}",
        counted(report.steps),
        report.took.as_secs_f64(),
        options.threads,
        counted(per_second(report)),
        report.hash
    ));
    out
}

/// The report as JSON.
#[must_use]
pub fn json(options: &Options, report: &Report) -> Value {
    let faults: Vec<_> = report.faults.iter().map(|(fault, count)| (fault.as_str(), json!(count))).collect();
    let broken = |rule: &Rule| report.violations.get(rule).copied().unwrap_or_default();
    json!({
        "seed": options.seed,
        "orders": report.orders,
        "shops": report.shops,
        "steps": report.steps,
        "threads": options.threads,
        "seconds": report.took.as_secs_f64(),
        "ordersPerSecond": per_second(report),
        "faults": object(faults),
        "ended": report.ended,
        "events": report.said,
        "deadLetters": report.parked,
        "violations": object(Rule::ALL.iter().map(|rule| (rule.as_str(), json!(broken(rule)))).collect()),
        "first": report.first.as_ref().map(first),
        "traceHash": format!("{:016x}", report.hash),
    })
}

/// The header of the explored scenarios.
#[must_use]
pub fn found_head() -> String {
    format!(
        "{:<40}{:<38}{:>10}{:>12}{:>7}{:>9}{:>9}{:>10}{:>8}",
        "scenario", "faults on a path", "states", "moves", "depth", "at rest", "endless", "violated", "s"
    )
}

/// One explored scenario as text. `endless` counts states from which the system cannot come to rest.
#[must_use]
pub fn found_text(found: &Found) -> String {
    let count = |number: usize| counted(number as u64);
    let faults = match (found.faults, found.only) {
        (0, _) => "none".to_owned(),
        (1, Some(fault)) => fault.as_str().to_owned(),
        (most, _) => format!("up to {most} of any kind"),
    };
    let (states, moves, resting, endless) =
        (count(found.states), count(found.moves), count(found.resting), count(found.endless));
    let mut out = format!(
        "{:<40}{faults:<38}{states:>10}{moves:>12}{:>7}{resting:>9}{endless:>9}{:>10}{:>8.1}",
        found.scenario.name(),
        found.depth,
        found.broken.len(),
        found.took.as_secs_f64()
    );
    let mut line = |text: &str| write!(out, "\n  {text}").unwrap_or_default();
    if !found.complete {
        line("NOT every state was visited; run it with more --most-states");
    }
    for (rule, way) in &found.broken {
        line(&format!("VIOLATION of {} ({}):", rule.as_str(), rule.statement()));
        for step in way {
            line(step);
        }
    }
    out
}

/// All explored scenarios as JSON.
#[must_use]
pub fn found_json(all: &[Found]) -> Value {
    let one = |found: &Found| {
        json!({
            "scenario": found.scenario.name(),
            "faults": found.faults,
            "only": found.only.map(crate::faults::Fault::as_str),
            "states": found.states,
            "moves": found.moves,
            "depth": found.depth,
            "resting": found.resting,
            "endless": found.endless,
            "complete": found.complete,
            "seconds": found.took.as_secs_f64(),
            "broken": object(found.broken.iter().map(|(rule, way)| (rule.as_str(), json!(way))).collect()),
        })
    };
    all.iter().map(one).collect()
}

fn first(first: &First) -> Value {
    json!({
        "rule": first.violation.rule.as_str(),
        "says": first.violation.rule.statement(),
        "what": first.violation.what,
        "order": first.order(),
        "shop": first.place.shop,
        "orderInShop": first.violation.order,
        "ordersUntilThen": first.orders_until_then(),
    })
}

fn object(pairs: Vec<(&'static str, Value)>) -> Value {
    Value::Object(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

fn per_second(report: &Report) -> u64 {
    let millis = u64::try_from(report.took.as_millis()).unwrap_or(u64::MAX).max(1);
    report.orders.saturating_mul(1000) / millis
}

/// A number with a comma between groups of three digits.
#[must_use]
pub fn counted(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Flash sales, side by side, as a table.
#[must_use]
pub fn sales(sales: &[(Design, Sale)]) -> String {
    let mut out = String::new();
    let mut line = |cells: [String; 9]| {
        let [design, numbers @ ..] = cells;
        writeln!(out, "{design:<10}{}", numbers.map(|cell| format!("{cell:>14}")).concat()).unwrap_or_default();
    };
    let heads =
        ["design", "reserved", "rejected", "oversold", "transactions", "cancelled", "returned", "seconds", "buyers/s"];
    line(heads.map(ToOwned::to_owned));
    for (design, sale) in sales {
        let count = |number: u64| counted(number);
        line([
            design.as_str().to_owned(),
            count(sale.reserved.into()),
            count(sale.rejected.into()),
            count(sale.oversold()),
            count(sale.transactions),
            count(sale.cancelled),
            count(sale.returned),
            format!("{:.2}", sale.seconds()),
            format!("{:.0}", sale.rate()),
        ]);
    }
    out
}

/// The same as JSON.
#[must_use]
pub fn sales_json(sales: &[(Design, Sale)]) -> Value {
    let sale = |(design, sale): &(Design, Sale)| {
        json!({
            "design": design.as_str(), "reserved": sale.reserved, "rejected": sale.rejected, "oversold": sale.oversold(),
            "transactions": sale.transactions, "cancelled": sale.cancelled, "returned": sale.returned,
            "seconds": sale.seconds(), "buyersPerSecond": sale.rate(),
        })
    };
    sales.iter().map(sale).collect()
}
