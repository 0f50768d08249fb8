//! Orders that wait longer than they should: for what, since when, who owes it, and what to do.

use anyhow::Result;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::dlq::letter::age;
use crate::reconcile::world::{Decision, Order, word};
use crate::terminal::{Colour, Paint, table};

/// Longer than this, and the line is red.
const LONG: jiff::SignedDuration = jiff::SignedDuration::from_hours(1);

/// An overdue order as support sees it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Overdue {
    /// The order, with what it has not heard yet.
    #[serde(flatten)]
    pub order: Order,
    /// When an order that is still open is cancelled.
    #[serde(rename = "payBy")]
    pub pay_by: Timestamp,
    /// What is wrong that it cannot settle itself.
    #[serde(default)]
    pub attention: Vec<Attention>,
}

/// What is wrong with an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attention {
    /// Its number within the order.
    pub number: u32,
    /// What is wrong.
    pub code: String,
    /// Since when.
    pub since: Timestamp,
    /// The fact that is missing.
    #[serde(default)]
    pub missing: Option<String>,
    /// Who owes it.
    #[serde(default)]
    pub owed_by: Option<String>,
    /// When and by whom it was resolved, if it was.
    #[serde(default)]
    pub resolved: Option<serde_json::Value>,
}

/// One thing that one order waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stuck {
    /// The order.
    pub order_id: String,
    /// How far it is.
    pub status: String,
    /// What is wrong: a code of the order's `attention`, or `PAY_BY_PASSED`, or `WAITING`.
    pub code: String,
    /// The number of the order's attention entry, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<u32>,
    /// The fact that is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// The service that owes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owed_by: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// What to do.
    pub hint: String,
}

/// Every order that waits longer than it should, the longest first.
///
/// # Errors
/// When orders does not answer.
pub async fn list(desk: &Desk, now: Timestamp) -> Result<Vec<Stuck>> {
    Ok(stuck(&desk.overdue().await?, now))
}

/// What the orders wait for, the longest first.
#[must_use]
pub fn stuck(orders: &[Overdue], now: Timestamp) -> Vec<Stuck> {
    let mut all: Vec<Stuck> = orders.iter().flat_map(|order| of(order, now)).collect();
    all.sort_by(|one, other| (one.since, &one.order_id).cmp(&(other.since, &other.order_id)));
    all
}

/// An order's open attention entries, and what else it waits for.
fn of(overdue: &Overdue, now: Timestamp) -> Vec<Stuck> {
    let line = |code: &str, missing: Option<&String>, owed_by: Option<&String>, since| Stuck {
        order_id: overdue.order.order_id.clone(),
        status: word(overdue.order.status),
        code: code.to_owned(),
        attention: None,
        missing: missing.cloned(),
        owed_by: owed_by.cloned(),
        since,
        hint: hint(code, owed_by.map(String::as_str), &overdue.order.order_id),
    };
    let open: Vec<&Attention> = overdue.attention.iter().filter(|entry| entry.resolved.is_none()).collect();
    let flagged = open.iter().map(|entry| {
        // The order waits since it was decided, and is flagged only after some patience.
        let waiting = overdue.order.waiting_for.iter().find(|waiting| entry.owed_by.as_ref() == Some(&waiting.owed_by));
        let missing = waiting.map(|waiting| &waiting.fact).or(entry.missing.as_ref());
        let since = waiting.map_or(entry.since, |waiting| waiting.since.min(entry.since));
        Stuck { attention: Some(entry.number), ..line(&entry.code, missing, entry.owed_by.as_ref(), since) }
    });
    let passed = overdue.order.decision() == Decision::Open && overdue.pay_by <= now;
    let code = if passed { "PAY_BY_PASSED" } else { "WAITING" };
    let waits = overdue.order.waiting_for.iter();
    let waits = waits.filter(|waiting| !open.iter().any(|entry| entry.owed_by.as_ref() == Some(&waiting.owed_by)));
    let waits = waits.map(|waiting| line(code, Some(&waiting.fact), Some(&waiting.owed_by), waiting.since));
    flagged.chain(waits).collect()
}

fn hint(code: &str, owed_by: Option<&str>, order: &str) -> String {
    match (code, owed_by) {
        ("EVENT_NOT_PROCESSED", _) => "just dlq list, mend the cause, redrive; then resolve the entry".to_owned(),
        ("REFUND_FAILED", _) => "ask the gateway why; payments goes on trying by itself".to_owned(),
        ("PAY_BY_PASSED", _) => "just sweep orders: it is cancelled as TIMED_OUT".to_owned(),
        (_, Some(service)) => {
            format!("just dlq list, just logs --service {service}; then just reconcile --repair --only {order}")
        }
        (_, None) => format!("just logs --order {order}"),
    }
}

/// The list for people.
#[must_use]
pub fn text(all: &[Stuck], paint: Paint, now: Timestamp) -> String {
    let rows: Vec<[String; 7]> = all
        .iter()
        .map(|it| {
            let word = |word: &Option<String>| word.clone().unwrap_or_else(|| "-".to_owned());
            let since = age(it.since, now);
            [
                it.order_id.clone(),
                it.status.clone(),
                word(&it.missing),
                word(&it.owed_by),
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
    fn overdue(status: &str, waiting: &str, attention: &str) -> Overdue {
        let text = format!(
            r#"{{"orderId":"ord_1","status":"{status}","settled":false,"total":900,"currency":"EUR",
            "placedAt":"2026-11-22T10:00:00Z","payBy":"2026-11-22T10:30:00Z","waitingFor":{waiting},
            "attention":{attention}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    const COMMITTED: &str = r#"[{"fact":"InventoryCommitted","owedBy":"inventory","since":"2026-11-22T10:01:00Z"}]"#;

    #[test]
    fn an_entry_of_attention_stands_for_the_fact_that_it_is_about_since_the_wait_began() {
        let entry = r#"[{"number":1,"code":"COMMIT_OVERDUE","since":"2026-11-22T10:11:00Z",
            "missing":"InventoryCommitted","owedBy":"inventory"}]"#;
        let all = stuck(&[overdue("CONFIRMED", COMMITTED, entry)], at("2026-11-22T11:00:00Z"));
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!((all[0].code.as_str(), all[0].attention), ("COMMIT_OVERDUE", Some(1)));
        assert_eq!(
            (all[0].missing.as_deref(), all[0].owed_by.as_deref()),
            (Some("InventoryCommitted"), Some("inventory"))
        );
        assert_eq!(all[0].since, at("2026-11-22T10:01:00Z"), "not since the flag was raised");
        assert!(all[0].hint.contains("just reconcile --repair --only ord_1"), "{}", all[0].hint);
    }

    #[test]
    fn what_was_resolved_is_not_listed_but_what_is_missing_still_is() {
        let entry = r#"[{"number":1,"code":"COMMIT_OVERDUE","since":"2026-11-22T10:01:00Z","owedBy":"inventory",
            "resolved":{"at":"2026-11-22T10:20:00Z","by":"sam","note":"seen"}}]"#;
        let all = stuck(&[overdue("CONFIRMED", COMMITTED, entry)], at("2026-11-22T11:00:00Z"));
        assert_eq!(all.iter().map(|it| it.code.as_str()).collect::<Vec<_>>(), ["WAITING"]);
    }

    #[test]
    fn an_open_order_past_its_time_waits_for_the_sweep() {
        let waiting = r#"[{"fact":"PaymentSucceeded","owedBy":"payments","since":"2026-11-22T10:00:05Z"}]"#;
        let order = overdue("INVENTORY_RESERVED", waiting, "[]");
        assert_eq!(stuck(std::slice::from_ref(&order), at("2026-11-22T10:31:00Z"))[0].code, "PAY_BY_PASSED");
        assert_eq!(stuck(&[order], at("2026-11-22T10:29:00Z"))[0].code, "WAITING");
    }

    #[test]
    fn the_longest_wait_comes_first_and_a_pipe_gets_plain_lines() {
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
