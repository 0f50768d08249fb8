//! What a comparison has shown, for people and for machines.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::finding::Finding;
use super::world::World;
use crate::dlq::letter::age;
use crate::terminal::{Colour, Paint};

/// What a comparison has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The stage.
    pub stage: String,
    /// What moved less than so many seconds ago was not compared.
    pub grace_seconds: i64,
    /// How much was compared.
    pub compared: Counts,
    /// What could not be compared, and why.
    pub skipped: Vec<String>,
    /// What does not agree, and what became of it.
    pub findings: Vec<Told>,
}

/// How much was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Orders.
    pub orders: usize,
    /// Reservations.
    pub reservations: usize,
    /// Payments.
    pub payments: usize,
    /// Charges in the gateway's ledger, if that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charges: Option<usize>,
    /// Skus.
    pub skus: usize,
    /// Skus that were too busy to be compared.
    pub moving: usize,
}

/// A finding and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// The drift.
    #[serde(flatten)]
    pub finding: Finding,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it is left, if it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_because: Option<String>,
}

/// What became of a drift.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// It was only looked at.
    Found,
    /// It is gone.
    Mended,
    /// It is still there.
    Left,
}

impl Counts {
    /// How much of everything there is.
    #[must_use]
    pub fn of(world: &World) -> Self {
        Self {
            orders: world.orders.len(),
            reservations: world.reservations.len(),
            payments: world.payments.len(),
            charges: world.ledger.as_ref().map(|ledger| ledger.charges.len()),
            skus: world.stock.len(),
            moving: world.moving.len(),
        }
    }
}

impl Report {
    /// A report of which nothing is known yet but what was compared.
    #[must_use]
    pub fn new(stage: &str, grace: SignedDuration, compared: Counts) -> Self {
        let ledger = "the gateway is a real one, and its ledger cannot be read here: charges and refunds were not \
            compared with it. Its dashboard shows them under the metadata paymentId, orderId and refundId";
        let moving = format!(
            "{} skus changed while they were read and were not compared: run it again when it is quieter",
            compared.moving
        );
        let skipped = [compared.charges.is_none().then(|| ledger.to_owned()), (compared.moving > 0).then_some(moving)];
        let skipped = skipped.into_iter().flatten().collect();
        Self { stage: stage.to_owned(), grace_seconds: grace.as_secs(), compared, skipped, findings: Vec::new() }
    }

    /// With what was found.
    #[must_use]
    pub fn with(self, findings: Vec<Finding>) -> Self {
        let told = |finding| Told { finding, outcome: Outcome::Found, left_because: None };
        Self { findings: findings.into_iter().map(told).collect(), ..self }
    }

    /// With what was mended and what is left, each with its reason.
    #[must_use]
    pub fn mended(self, mended: Vec<Finding>, left: Vec<(Finding, String)>) -> Self {
        let mended = mended.into_iter().map(|finding| Told { finding, outcome: Outcome::Mended, left_because: None });
        let left =
            left.into_iter().map(|(finding, why)| Told { finding, outcome: Outcome::Left, left_because: Some(why) });
        Self { findings: mended.chain(left).collect(), ..self }
    }

    /// Whether nothing is left to be mended.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.iter().all(|told| told.outcome == Outcome::Mended)
    }

    /// The report for people.
    #[must_use]
    pub fn text(&self, paint: Paint, now: Timestamp) -> String {
        let findings: String = self.findings.iter().map(|told| told.text(paint, now)).collect();
        let skipped = self.skipped.iter().map(|what| paint.paint(Colour::Yellow, format!("skipped: {what}\n")));
        let Counts { orders, reservations, payments, charges, skus, .. } = self.compared;
        let charges = charges.map_or_else(|| "no".to_owned(), |count| count.to_string());
        let compared = format!(
            "compared {orders} orders, {reservations} reservations, {payments} payments, {charges} charges, {skus} skus"
        );
        format!("{findings}{}{compared}\n{}\n", skipped.collect::<String>(), self.verdict(paint))
    }

    fn verdict(&self, paint: Paint) -> String {
        let left = self.findings.iter().filter(|told| told.outcome != Outcome::Mended).count();
        match (self.findings.len(), left) {
            (0, _) => paint.paint(Colour::Green, "no drift"),
            (all, 0) => paint.paint(Colour::Green, format!("{all} found, all mended")),
            (all, left) if all > left || self.findings.iter().any(|told| told.outcome == Outcome::Left) => {
                paint.paint(Colour::Red, format!("{} mended, {left} left for people", all - left))
            }
            (all, _) => paint.paint(Colour::Red, format!("{all} found; --repair mends those that have a repair")),
        }
    }
}

impl Told {
    fn text(&self, paint: Paint, now: Timestamp) -> String {
        let Finding { kind, subject, says, since, repair, advice } = &self.finding;
        let (mark, colour) = match self.outcome {
            Outcome::Mended => ("✓", Colour::Green),
            Outcome::Found | Outcome::Left => ("✗", Colour::Red),
        };
        let since = since.map_or_else(String::new, |at| format!("  since {at} ({})", age(at, now)));
        let head = paint.paint(colour, format!("{mark} {}  {subject}", kind.word()));
        let says = says.iter().map(|(who, what)| format!("    {who:<13} {what}\n"));
        let what = match (self.outcome, &self.left_because, repair) {
            (_, Some(why), _) => why.clone(),
            (Outcome::Mended, None, _) => "mended".to_owned(),
            (_, None, Some(repair)) => format!("repair: {repair}"),
            (_, None, None) => format!("for people: {advice}"),
        };
        format!("{head}{}\n{}    {what}\n", paint.paint(Colour::Dim, since), says.collect::<String>())
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
        let finding = Finding::new(Kind::OnHandDiffers, Subject::Sku("MUG".into())).says("stock", "7 on hand");
        let repair = Repair::AdjustStock { sku: "MUG".into(), delta: 3, idempotency_key: "reconcile-1".into() };
        finding.since(Timestamp::UNIX_EPOCH).repair(repair)
    }

    fn text(report: &Report) -> String {
        report.text(Paint::none(), Timestamp::from_second(90).unwrap())
    }

    #[test]
    fn what_could_not_be_compared_is_said() {
        let text = text(&report(None, 2));
        assert!(text.contains("skipped: the gateway is a real one"), "{text}");
        assert!(text.contains("skipped: 2 skus changed while they were read"), "{text}");
        assert!(text.ends_with("3 orders, 2 reservations, 2 payments, no charges, 4 skus\nno drift\n"), "{text}");
    }

    #[test]
    fn a_drift_is_told_with_what_each_says_since_when_and_what_mends_it() {
        let report = report(Some(2), 0).with(vec![finding()]);
        let text = text(&report);
        assert!(text.starts_with("✗ ON_HAND_DIFFERS  MUG  since 1970-01-01T00:00:00Z (1m 30s)\n"), "{text}");
        assert!(text.contains("    stock         7 on hand\n"), "{text}");
        assert!(text.contains("repair: the operator corrects it by +3: POST /v1/stock/MUG/adjustments"), "{text}");
        assert!(text.ends_with("1 found; --repair mends those that have a repair\n"), "{text}");
        assert!(!report.is_clean());
    }

    #[test]
    fn after_a_repair_each_is_mended_or_left_with_a_reason() {
        let mended = report(Some(2), 0).mended(vec![finding()], Vec::new());
        assert!(mended.is_clean() && text(&mended).ends_with("1 found, all mended\n"), "{}", text(&mended));
        let left = report(Some(2), 0).mended(vec![finding()], vec![(finding(), "for people: count".into())]);
        assert!(!left.is_clean() && text(&left).contains("    for people: count\n"), "{}", text(&left));
        assert!(text(&left).ends_with("1 mended, 1 left for people\n"), "{}", text(&left));
    }
}
