//! The services' normal commands, and looking again until all is mended.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::SignedDuration;
use serde_json::json;

use super::compare::CORRECTION;
use super::finding::{Finding, Repair, Subject};
use super::read::Progress;
use super::report::Report;
use super::{Options, look};
use crate::desk::{Desk, Staff};
use crate::terminal::Step;

/// What shows up while something is being mended gets so long to go away by itself.
const SETTLES: Duration = Duration::from_secs(5);

/// Mends what was found, and says what became of it.
pub(super) async fn mend(desk: &Desk, options: &Options, found: Vec<Finding>, report: Report) -> Result<Report> {
    let since = Instant::now();
    let mut repairs = Repairs { desk, done: BTreeMap::new() };
    for finding in &found {
        repairs.carry_out(finding).await;
    }
    let mut subjects: Vec<String> = found.iter().map(|finding| finding.subject.to_string()).collect();
    subjects.dedup();
    let (mut open, mut seen) = (found.clone(), Vec::<(Finding, Instant)>::new());
    if found.iter().all(|finding| repairs.cannot(finding)) {
        return Ok(repairs.told(report, Vec::new(), &found));
    }
    while !open.is_empty() && since.elapsed() < options.within {
        tokio::time::sleep(options.between).await;
        // What is being mended has just moved, so that no grace is due to it.
        (_, open) = look(desk, &subjects, SignedDuration::ZERO, Progress::Quiet).await?;
        seen = still_there(&open, &seen);
        let settled = seen.iter().all(|(_, first)| first.elapsed() >= SETTLES);
        for (finding, _) in seen.iter().filter(|(_, first)| first.elapsed() >= SETTLES) {
            repairs.carry_out(finding).await;
        }
        if settled && open.iter().all(|finding| repairs.cannot(finding)) {
            break;
        }
    }
    Ok(repairs.told(report, found, &open))
}

/// Since when each of the findings has been there as it is.
fn still_there(open: &[Finding], seen: &[(Finding, Instant)]) -> Vec<(Finding, Instant)> {
    let first = |finding: &Finding| seen.iter().find(|(before, _)| before.is(finding)).map(|(_, first)| *first);
    open.iter().map(|finding| (finding.clone(), first(finding).unwrap_or_else(Instant::now))).collect()
}

/// The commands that were sent, each once, and the words of those that were refused.
struct Repairs<'a> {
    desk: &'a Desk,
    done: BTreeMap<Repair, Result<(), String>>,
}

impl Repairs<'_> {
    async fn carry_out(&mut self, finding: &Finding) {
        let Some(repair) = finding.repair.clone().filter(|repair| !self.done.contains_key(repair)) else { return };
        let step = Step::begin(repair.to_string());
        let sent = send(self.desk, &repair).await.map_err(|error| format!("{error:#}"));
        match sent {
            Ok(()) => step.done("sent"),
            Err(_) => step.failed(),
        }
        self.done.insert(repair, sent);
    }

    /// Whether no command helps: there is none, or it was refused.
    fn cannot(&self, finding: &Finding) -> bool {
        finding.repair.as_ref().is_none_or(|repair| self.done.get(repair).is_some_and(Result::is_err))
    }

    fn told(&self, report: Report, found: Vec<Finding>, open: &[Finding]) -> Report {
        let is_left = |subject: &Subject| open.iter().any(|finding| finding.subject == *subject);
        let mended = found.into_iter().filter(|finding| !is_left(&finding.subject)).collect();
        let left = open.iter().map(|finding| (finding.clone(), self.why(finding))).collect();
        report.mended(mended, left)
    }

    fn why(&self, finding: &Finding) -> String {
        match finding.repair.as_ref().and_then(|repair| self.done.get(repair)) {
            None => format!("for people: {}", finding.advice),
            Some(Err(refused)) => format!("the repair was refused: {refused}"),
            Some(Ok(())) => format!("the repair was sent, and it is not mended yet; look again, or {}", finding.advice),
        }
    }
}

async fn send(desk: &Desk, repair: &Repair) -> Result<()> {
    let announcement = |of: &str, id: &str| format!("/v1/{of}/{id}/announcement");
    match repair {
        Repair::AnnounceOrder { order_id } => {
            desk.command(Staff::Operator, "orders", &announcement("orders", order_id), json!({}), None).await
        }
        Repair::AnnounceReservation { order_id } => {
            desk.command(Staff::Operator, "inventory", &announcement("reservations", order_id), json!({}), None).await
        }
        Repair::AnnouncePayment { payment_id } => {
            desk.command(Staff::Operator, "payments", &announcement("payments", payment_id), json!({}), None).await
        }
        Repair::CancelOrder { order_id } => {
            let body = json!({ "reason": "STAFF", "note": "reconcile: it could not go on" });
            desk.command(Staff::Support, "orders", &format!("/v1/orders/{order_id}/cancellation"), body, None).await
        }
        Repair::AdjustStock { sku, delta, idempotency_key } => {
            let body = json!({ "delta": delta, "reason": format!("{CORRECTION} what no adjustment explains") });
            let path = format!("/v1/stock/{sku}/adjustments");
            desk.command(Staff::Operator, "inventory", &path, body, Some(idempotency_key)).await
        }
    }
}
