//! The result of a comparison, for people and as JSON.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::finding::Finding;
use super::snapshot::Snapshot;
use crate::terminal::{Colour, Paint, age};

/// The result of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Such as `local`.
    pub stage: String,
    /// Orders that changed within this many seconds were not compared.
    pub grace_seconds: i64,
    /// The number of compared entries.
    pub compared: Counts,
    /// What could not be compared, and why.
    pub skipped: Vec<String>,
    /// The differences, with the outcome of their repair.
    pub findings: Vec<ReportedFinding>,
}

/// The number of compared entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Compared orders.
    pub orders: usize,
    /// Compared reservations.
    pub reservations: usize,
    /// Compared payments.
    pub payments: usize,
    /// Charges in the gateway's ledger; `None` if it cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charges: Option<usize>,
    /// Compared skus.
    pub skus: usize,
    /// Skus that changed while they were read, and so were not compared.
    pub moving: usize,
}

/// A difference and the outcome of its repair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReportedFinding {
    /// The difference.
    #[serde(flatten)]
    pub finding: Finding,
    /// The outcome.
    pub outcome: Outcome,
    /// Why it was not repaired; `None` if it was, or if nobody tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_because: Option<String>,
}

/// The outcome of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// Found; a repair was not requested.
    Found,
    /// Found and repaired.
    #[serde(rename = "MENDED")]
    Repaired,
    /// Found and still there after the repairs.
    Left,
}

impl Counts {
    /// Counts the entries of a snapshot.
    #[must_use]
    pub fn of(snapshot: &Snapshot) -> Self {
        Self {
            orders: snapshot.orders.len(),
            reservations: snapshot.reservations.len(),
            payments: snapshot.payments.len(),
            charges: snapshot.ledger.as_ref().map(|ledger| ledger.charges.len()),
            skus: snapshot.stock.len(),
            moving: snapshot.moving.len(),
        }
    }
}

impl Report {
    /// A report without findings.
    #[must_use]
    pub fn new(stage: &str, grace: SignedDuration, compared: Counts) -> Self {
        let ledger = "charges and refunds, since omsctl cannot read the ledger of a real gateway. Its dashboard shows \
            them with the metadata paymentId, orderId and refundId";
        let moving =
            format!("{} skus, which changed while they were read; run `just reconcile` again", compared.moving);
        let skipped = [compared.charges.is_none().then(|| ledger.to_owned()), (compared.moving > 0).then_some(moving)];
        let skipped = skipped.into_iter().flatten().collect();
        Self { stage: stage.to_owned(), grace_seconds: grace.as_secs(), compared, skipped, findings: Vec::new() }
    }

    /// Adds findings that nobody tried to repair.
    #[must_use]
    pub fn found(self, findings: Vec<Finding>) -> Self {
        let found = |finding| ReportedFinding { finding, outcome: Outcome::Found, left_because: None };
        Self { findings: findings.into_iter().map(found).collect(), ..self }
    }

    /// Adds repaired findings, and those that are left with their reasons.
    #[must_use]
    pub fn repaired(self, repaired: Vec<Finding>, left: Vec<(Finding, String)>) -> Self {
        let reported = |finding, outcome, left_because| ReportedFinding { finding, outcome, left_because };
        let repaired = repaired.into_iter().map(|finding| reported(finding, Outcome::Repaired, None));
        let left = left.into_iter().map(|(finding, why)| reported(finding, Outcome::Left, Some(why)));
        Self { findings: repaired.chain(left).collect(), ..self }
    }

    /// Whether there was no difference, or each was repaired.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.iter().all(|it| it.outcome == Outcome::Repaired)
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self, paint: Paint, now: Timestamp) -> String {
        let findings: String = self.findings.iter().map(|it| it.text(paint, now)).collect();
        let skipped = self.skipped.iter().map(|what| paint.paint(Colour::Yellow, format!("skipped: {what}\n")));
        let Counts { orders, reservations, payments, charges, skus, .. } = self.compared;
        let charges = charges.map_or_else(|| "no".to_owned(), |count| count.to_string());
        let compared = format!(
            "compared {orders} orders, {reservations} reservations, {payments} payments, {charges} charges, {skus} skus"
        );
        format!("{findings}{}{compared}\n{}\n", skipped.collect::<String>(), self.verdict(paint))
    }

    fn verdict(&self, paint: Paint) -> String {
        let left = self.findings.iter().filter(|it| it.outcome != Outcome::Repaired).count();
        match (self.findings.len(), left) {
            (0, _) => paint.paint(Colour::Green, "no drift"),
            (all, 0) => paint.paint(Colour::Green, format!("{all} found, all repaired")),
            (all, left) if all > left || self.findings.iter().any(|it| it.outcome == Outcome::Left) => {
                paint.paint(Colour::Red, format!("{} repaired, {left} left for people", all - left))
            }
            (all, _) => paint.paint(
                Colour::Red,
                format!("{all} found; to repair those with a repair, run `just reconcile --repair`"),
            ),
        }
    }
}

impl ReportedFinding {
    fn text(&self, paint: Paint, now: Timestamp) -> String {
        let Finding { kind, subject, known, since, repair, advice } = &self.finding;
        let (mark, colour) = match self.outcome {
            Outcome::Repaired => ("✓", Colour::Green),
            Outcome::Found | Outcome::Left => ("✗", Colour::Red),
        };
        let since = since.map_or_else(String::new, |at| format!("  since {at} ({})", age(at, now)));
        let head = paint.paint(colour, format!("{mark} {}  {subject}", kind.name()));
        let known = known.iter().map(|(service, words)| format!("    {service:<13} {words}\n"));
        let what = match (self.outcome, &self.left_because, repair) {
            (_, Some(why), _) => why.clone(),
            (Outcome::Repaired, None, _) => "repaired".to_owned(),
            (_, None, Some(repair)) => format!("repair: {repair}"),
            (_, None, None) => format!("for people: {advice}"),
        };
        format!("{head}{}\n{}    {what}\n", paint.paint(Colour::Dim, since), known.collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::super::finding::{Kind, Repair, Subject};
    use super::*;

    fn report(charges: Option<usize>, moving: usize) -> Report {
        let counts = Counts { orders: 3, reservations: 2, payments: 2, charges, skus: 4, moving };
        Report::new("local", SignedDuration::from_secs(60), counts)
    }

    fn finding() -> Finding {
        let finding = Finding::new(Kind::OnHandDiffers, Subject::Sku("MUG".into())).known("stock", "7 on hand");
        let repair = Repair::AdjustStock { sku: "MUG".into(), delta: 3, idempotency_key: "reconcile-1".into() };
        finding.since(Timestamp::UNIX_EPOCH).repair(repair)
    }

    fn text(report: &Report) -> String {
        report.text(Paint::none(), Timestamp::from_second(90).unwrap())
    }

    #[test]
    fn the_report_names_what_was_not_compared() {
        let text = text(&report(None, 2));
        assert!(text.contains("skipped: charges and refunds, since omsctl cannot read"), "{text}");
        assert!(text.contains("skipped: 2 skus, which changed while they were read"), "{text}");
        assert!(text.ends_with("3 orders, 2 reservations, 2 payments, no charges, 4 skus\nno drift\n"), "{text}");
    }

    #[test]
    fn a_finding_has_what_each_service_knows_since_when_and_its_repair() {
        let report = report(Some(2), 0).found(vec![finding()]);
        let text = text(&report);
        assert!(text.starts_with("✗ ON_HAND_DIFFERS  MUG  since 1970-01-01T00:00:00Z (1m 30s)\n"), "{text}");
        assert!(text.contains("    stock         7 on hand\n"), "{text}");
        assert!(
            text.contains("repair: the operator corrects the stock by +3: POST /v1/stock/MUG/adjustments"),
            "{text}"
        );
        assert!(text.ends_with("1 found; to repair those with a repair, run `just reconcile --repair`\n"), "{text}");
        assert!(!report.is_clean());
    }

    #[test]
    fn after_a_repair_each_finding_is_repaired_or_left_with_a_reason() {
        let repaired = report(Some(2), 0).repaired(vec![finding()], Vec::new());
        assert!(repaired.is_clean() && text(&repaired).ends_with("1 found, all repaired\n"), "{}", text(&repaired));
        let left = report(Some(2), 0).repaired(vec![finding()], vec![(finding(), "for people: count".into())]);
        assert!(!left.is_clean() && text(&left).contains("    for people: count\n"), "{}", text(&left));
        assert!(text(&left).ends_with("1 repaired, 1 left for people\n"), "{}", text(&left));
    }
}
