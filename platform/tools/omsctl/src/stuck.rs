//! Orders that wait longer than they should: for which fact, since when, from which service, and what to do.

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::reconcile::snapshot::{Decision, Order, api_word};
use crate::staff_api::StaffApi;
use crate::terminal::{Colour, Paint, age, table};

/// A line about a longer wait is red.
const LONG: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// An overdue order as support sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct OverdueOrder {
    /// The order, with the facts that it waits for.
    #[serde(flatten)]
    pub order: Order,
    /// When the sweep cancels the order, if it is still open.
    #[serde(rename = "payBy")]
    pub pay_by: Timestamp,
    /// Problems that the order cannot settle by itself.
    #[serde(default)]
    pub attention: Vec<AttentionEntry>,
}

/// A problem of an order that it cannot settle by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttentionEntry {
    /// Its number within the order.
    pub number: u32,
    /// Such as `COMMIT_OVERDUE`.
    pub code: String,
    /// When it began.
    pub since: Timestamp,
    /// The fact that is missing.
    #[serde(default)]
    pub missing: Option<String>,
    /// The service that owes it.
    #[serde(default)]
    pub owed_by: Option<String>,
    /// Who resolved it and when; `None` if it is open.
    #[serde(default)]
    pub resolved: Option<serde_json::Value>,
}

/// A fact that an order waits for, or a problem of the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StuckOrder {
    /// The order's id.
    pub order_id: String,
    /// The order's status, such as `CONFIRMED`.
    pub status: String,
    /// A code of the order's `attention`, or `PAY_BY_PASSED`, or `WAITING`.
    pub code: String,
    /// The number of the attention entry, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<u32>,
    /// The fact that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// The service that owes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owed_by: Option<String>,
    /// When the wait began.
    pub since: Timestamp,
    /// The next command to run.
    pub hint: String,
}

/// Every order that waits longer than it should, longest wait first.
///
/// # Errors
/// When orders does not answer.
pub async fn list(staff: &StaffApi, now: Timestamp) -> Result<Vec<StuckOrder>> {
    Ok(stuck(&staff.overdue_orders().await?, now))
}

/// The waits of these orders, longest first.
#[must_use]
pub fn stuck(orders: &[OverdueOrder], now: Timestamp) -> Vec<StuckOrder> {
    let mut all: Vec<StuckOrder> = orders.iter().flat_map(|order| of(order, now)).collect();
    all.sort_by(|one, other| (one.since, &one.order_id).cmp(&(other.since, &other.order_id)));
    all
}

/// An order's open attention entries, and the facts that it waits for without such an entry.
fn of(overdue: &OverdueOrder, now: Timestamp) -> Vec<StuckOrder> {
    let line = |code: &str, missing: Option<&String>, owed_by: Option<&String>, since| StuckOrder {
        order_id: overdue.order.order_id.clone(),
        status: api_word(overdue.order.status),
        code: code.to_owned(),
        attention: None,
        missing: missing.cloned(),
        owed_by: owed_by.cloned(),
        since,
        hint: hint(code, owed_by.map(String::as_str), &overdue.order.order_id),
    };
    let open: Vec<&AttentionEntry> = overdue.attention.iter().filter(|entry| entry.resolved.is_none()).collect();
    let problems = open.iter().map(|entry| {
        // The order waits since it was decided; the sweep adds the entry only later.
        let waiting = overdue.order.waiting_for.iter().find(|waiting| entry.owed_by.as_ref() == Some(&waiting.owed_by));
        let missing = waiting.map(|waiting| &waiting.fact).or(entry.missing.as_ref());
        let since = waiting.map_or(entry.since, |waiting| waiting.since.min(entry.since));
        StuckOrder { attention: Some(entry.number), ..line(&entry.code, missing, entry.owed_by.as_ref(), since) }
    });
    let passed = overdue.order.decision() == Decision::Open && overdue.pay_by <= now;
    let code = if passed { "PAY_BY_PASSED" } else { "WAITING" };
    let waits = overdue.order.waiting_for.iter();
    let waits = waits.filter(|waiting| !open.iter().any(|entry| entry.owed_by.as_ref() == Some(&waiting.owed_by)));
    let waits = waits.map(|waiting| line(code, Some(&waiting.fact), Some(&waiting.owed_by), waiting.since));
    problems.chain(waits).collect()
}

fn hint(code: &str, owed_by: Option<&str>, order: &str) -> String {
    match (code, owed_by) {
        ("EVENT_NOT_PROCESSED" | "MORE_EVENTS_NOT_PROCESSED", _) => {
            "`just dlq list`; fix the cause, redrive, then resolve the entry".to_owned()
        }
        ("REFUND_FAILED", _) => {
            format!("find the gateway's reason: `just logs --service payments --order {order}`; payments keeps trying")
        }
        ("PAY_BY_PASSED", _) => "`just sweep orders` cancels it as TIMED_OUT".to_owned(),
        (_, Some(service)) => {
            format!("`just dlq list`, `just logs --service {service}`; then `just reconcile --repair --only {order}`")
        }
        (_, None) => format!("`just logs --order {order}`"),
    }
}

/// The list as a table.
#[must_use]
pub fn text(all: &[StuckOrder], paint: Paint, now: Timestamp) -> String {
    let rows: Vec<[String; 7]> = all
        .iter()
        .map(|it| {
            let cell = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".to_owned());
            let since = age(it.since, now);
            [
                it.order_id.clone(),
                it.status.clone(),
                cell(&it.missing),
                cell(&it.owed_by),
                since,
                it.code.clone(),
                it.hint.clone(),
            ]
        })
        .collect();
    let table = table(["ORDER", "STATUS", "MISSING", "OWED BY", "FOR", "WHY", "DO"], &rows);
    let mut lines = table.lines();
    let header = lines.next().map(|line| paint.paint(Colour::Dim, line)).unwrap_or_default();
    let painted = lines.zip(all).map(|(line, it)| {
        let colour = if now.duration_since(it.since) > LONG { Colour::Red } else { Colour::Yellow };
        paint.paint(colour, line) + "\n"
    });
    format!("{header}\n{}", painted.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// As orders lists it for support.
    fn overdue(status: &str, waiting: &str, attention: &str) -> OverdueOrder {
        let text = format!(
            r#"{{"orderId":"ord_1","status":"{status}","settled":false,"total":900,"currency":"EUR",
            "placedAt":"2026-11-22T10:00:00Z","payBy":"2026-11-22T10:30:00Z","waitingFor":{waiting},
            "attention":{attention}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    const COMMITTED: &str = r#"[{"fact":"InventoryCommitted","owedBy":"inventory","since":"2026-11-22T10:01:00Z"}]"#;

    #[test]
    fn an_attention_entry_replaces_the_wait_that_it_is_about_and_counts_from_its_begin() {
        let entry = r#"[{"number":1,"code":"COMMIT_OVERDUE","since":"2026-11-22T10:11:00Z",
            "missing":"InventoryCommitted","owedBy":"inventory"}]"#;
        let all = stuck(&[overdue("CONFIRMED", COMMITTED, entry)], at("2026-11-22T11:00:00Z"));
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((all[0].code.as_str(), all[0].attention), ("COMMIT_OVERDUE", Some(1)));
        assert_eq!(
            (all[0].missing.as_deref(), all[0].owed_by.as_deref()),
            (Some("InventoryCommitted"), Some("inventory"))
        );
        assert_eq!(all[0].since, at("2026-11-22T10:01:00Z"), "not since the entry was added");
        assert!(all[0].hint.contains("just reconcile --repair --only ord_1"), "{}", all[0].hint);
    }

    #[test]
    fn a_resolved_entry_is_not_listed_but_its_missing_fact_is() {
        let entry = r#"[{"number":1,"code":"COMMIT_OVERDUE","since":"2026-11-22T10:01:00Z","owedBy":"inventory",
            "resolved":{"at":"2026-11-22T10:20:00Z","by":"sam","note":"seen"}}]"#;
        let all = stuck(&[overdue("CONFIRMED", COMMITTED, entry)], at("2026-11-22T11:00:00Z"));
        assert_eq!(all.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["WAITING"]);
    }

    #[test]
    fn an_open_order_past_its_pay_by_waits_for_the_sweep() {
        let waiting = r#"[{"fact":"PaymentSucceeded","owedBy":"payments","since":"2026-11-22T10:00:05Z"}]"#;
        let order = overdue("INVENTORY_RESERVED", waiting, "[]");
        assert_eq!(stuck(std::slice::from_ref(&order), at("2026-11-22T10:31:00Z"))[0].code, "PAY_BY_PASSED");
        assert_eq!(stuck(&[order], at("2026-11-22T10:29:00Z"))[0].code, "WAITING");
    }

    #[test]
    fn the_longest_wait_is_listed_first_without_colours_in_a_pipe() {
        let mut later = overdue("CONFIRMED", COMMITTED, "[]");
        later.order.order_id = "ord_2".into();
        later.order.waiting_for[0].since = at("2026-11-22T10:02:00Z");
        let now = at("2026-11-22T10:05:00Z");
        let all = stuck(&[later, overdue("CONFIRMED", COMMITTED, "[]")], now);
        let text = text(&all, Paint::none(), now);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with("ORDER "), "{text}");
        assert!(lines[1].starts_with("ord_1  CONFIRMED  InventoryCommitted  inventory  4m"), "{text}");
        assert!(lines[2].starts_with("ord_2"), "{text}");
    }
}
