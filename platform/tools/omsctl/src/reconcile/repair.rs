//! Sends the services' commands, and compares again until everything is repaired.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::SignedDuration;
use serde_json::json;

use super::compare::CORRECTION;
use super::finding::{Finding, Repair, Subject};
use super::read::Progress;
use super::report::Report;
use super::{Options, compare_once};
use crate::staff_api::{Staff, StaffApi};
use crate::terminal::Step;

/// How long a difference that appears during the repairs may take to disappear by itself.
const SETTLING: Duration = Duration::from_secs(5);

/// Repairs the findings, and reports the outcome of each.
pub(super) async fn repair(staff: &StaffApi, options: &Options, found: Vec<Finding>, report: Report) -> Result<Report> {
    let since = Instant::now();
    let mut repairs = Repairs { staff, sent: BTreeMap::new() };
    for finding in &found {
        repairs.send(finding).await;
    }
    let mut subjects: Vec<String> = found.iter().map(|finding| finding.subject.to_string()).collect();
    subjects.dedup();
    let (mut open, mut seen) = (found.clone(), Vec::<(Finding, Instant)>::new());
    if found.iter().all(|finding| repairs.is_hopeless(finding)) {
        return Ok(repairs.report(report, Vec::new(), &found));
    }
    while !open.is_empty() && since.elapsed() < options.within {
        tokio::time::sleep(options.pause).await;
        // The repairs have just changed these orders, so a grace would hide them.
        (_, open) = compare_once(staff, &subjects, SignedDuration::ZERO, Progress::Hidden).await?;
        seen = first_seen(&open, &seen);
        let settled = seen.iter().all(|(_, first)| first.elapsed() >= SETTLING);
        for (finding, _) in seen.iter().filter(|(_, first)| first.elapsed() >= SETTLING) {
            repairs.send(finding).await;
        }
        if settled && open.iter().all(|finding| repairs.is_hopeless(finding)) {
            break;
        }
    }
    Ok(repairs.report(report, found, &open))
}

/// When each of the open findings was first seen in its present form.
fn first_seen(open: &[Finding], seen: &[(Finding, Instant)]) -> Vec<(Finding, Instant)> {
    let first = |finding: &Finding| seen.iter().find(|(before, _)| before.is_same(finding)).map(|(_, first)| *first);
    open.iter().map(|finding| (finding.clone(), first(finding).unwrap_or_else(Instant::now))).collect()
}

/// The commands that were sent, each once, with the reasons of those that were refused.
struct Repairs<'a> {
    staff: &'a StaffApi,
    sent: BTreeMap<Repair, Result<(), String>>,
}

impl Repairs<'_> {
    async fn send(&mut self, finding: &Finding) {
        let Some(repair) = finding.repair.clone().filter(|repair| !self.sent.contains_key(repair)) else { return };
        let step = Step::begin(repair.to_string());
        let sent = send(self.staff, &repair).await.map_err(|error| format!("{error:#}"));
        match sent {
            Ok(()) => step.done("sent"),
            Err(_) => step.failed(),
        }
        self.sent.insert(repair, sent);
    }

    /// Whether no command repairs it: it has none, or the service refused it.
    fn is_hopeless(&self, finding: &Finding) -> bool {
        finding.repair.as_ref().is_none_or(|repair| self.sent.get(repair).is_some_and(Result::is_err))
    }

    fn report(&self, report: Report, found: Vec<Finding>, open: &[Finding]) -> Report {
        let is_left = |subject: &Subject| open.iter().any(|finding| finding.subject == *subject);
        let repaired = found.into_iter().filter(|finding| !is_left(&finding.subject)).collect();
        let left = open.iter().map(|finding| (finding.clone(), self.why_left(finding))).collect();
        report.repaired(repaired, left)
    }

    fn why_left(&self, finding: &Finding) -> String {
        match finding.repair.as_ref().and_then(|repair| self.sent.get(repair)) {
            None => format!("for people: {}", finding.advice),
            Some(Err(refusal)) => format!("the service refused the repair: {refusal}"),
            Some(Ok(())) => {
                format!("the repair was sent and has no effect yet; run `just reconcile` again, or {}", finding.advice)
            }
        }
    }
}

async fn send(staff: &StaffApi, repair: &Repair) -> Result<()> {
    let announcement = |of: &str, id: &str| format!("/v1/{of}/{id}/announcement");
    match repair {
        Repair::AnnounceOrder { order_id } => {
            staff.post(Staff::Operator, "orders", &announcement("orders", order_id), json!({}), None).await
        }
        Repair::AnnounceReservation { order_id } => {
            staff.post(Staff::Operator, "inventory", &announcement("reservations", order_id), json!({}), None).await
        }
        Repair::AnnouncePayment { payment_id } => {
            staff.post(Staff::Operator, "payments", &announcement("payments", payment_id), json!({}), None).await
        }
        Repair::CancelOrder { order_id } => {
            let body = json!({ "reason": "STAFF", "note": "reconcile: the order could not continue" });
            staff.post(Staff::Support, "orders", &format!("/v1/orders/{order_id}/cancellation"), body, None).await
        }
        Repair::AdjustStock { sku, delta, idempotency_key } => {
            let body =
                json!({ "delta": delta, "reason": format!("{CORRECTION} no adjustment explains the difference") });
            let path = format!("/v1/stock/{sku}/adjustments");
            staff.post(Staff::Operator, "inventory", &path, body, Some(idempotency_key)).await
        }
    }
}
