//! One drift: what it is, what each side says of it, and what mends it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// What does not agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// The order has not heard what inventory or payments has made true.
    OrderMissedFact,
    /// Inventory or payments has not carried out what orders has decided.
    DecisionMissed,
    /// Stock is held and the amount is known, but nothing tries to charge it.
    PaymentStandsStill,
    /// The order is open, but can never go on: its hold was given back, or its payment called off.
    DeadEnd,
    /// Two services contradict each other, and no message explains it.
    Contradiction,
    /// The gateway charged what the payment does not know of.
    ChargeUnknown,
    /// The gateway charged more than once.
    ChargedTwice,
    /// A cancelled order's money is kept, and nothing returns it.
    ChargeKept,
    /// The gateway gave back what the payment does not know of.
    RefundUnknown,
    /// The payment says charged, the gateway's ledger does not.
    ChargeMissing,
    /// The payment says refunded, the gateway's ledger does not.
    RefundMissing,
    /// The same money, in different amounts.
    AmountDiffers,
    /// Stock, a payment or a charge of an order that orders does not know.
    WithoutOrder,
    /// The stock says that other pieces are held than the reservations do.
    ReservedDiffers,
    /// The stock is not what was adjusted less what was sold.
    OnHandDiffers,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// An order, by its id.
    OrderId(String),
    /// A sku.
    Sku(String),
}

/// One drift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What does not agree.
    pub kind: Kind,
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// What each side says.
    pub says: BTreeMap<&'static str, String>,
    /// Since when, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// What mends it; nothing if people have to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
    /// What to do about it by hand.
    pub advice: &'static str,
}

/// A service's normal command that mends a drift.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "command", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Repair {
    /// Orders says again how the order stands.
    AnnounceOrder {
        /// Its id.
        order_id: String,
    },
    /// Inventory says again how the reservation stands.
    AnnounceReservation {
        /// Its order's id.
        order_id: String,
    },
    /// Payments says again how the payment stands.
    AnnouncePayment {
        /// Its id.
        payment_id: String,
    },
    /// Support cancels the order.
    CancelOrder {
        /// Its id.
        order_id: String,
    },
    /// The operator corrects the stock.
    AdjustStock {
        /// Of what.
        sku: String,
        /// Pieces to add, or to take.
        delta: i64,
        /// The same drift has the same, so that two who correct it correct it once.
        idempotency_key: String,
    },
}

impl Finding {
    /// A finding that says nothing yet but what it is about.
    #[must_use]
    pub fn new(kind: Kind, subject: Subject) -> Self {
        Self { kind, subject, says: BTreeMap::new(), since: None, repair: None, advice: kind.advice() }
    }

    /// With what one side says.
    #[must_use]
    pub fn says(mut self, who: &'static str, what: impl Into<String>) -> Self {
        self.says.insert(who, what.into());
        self
    }

    /// With the time since when it is so.
    #[must_use]
    pub fn since(self, since: impl Into<Option<Timestamp>>) -> Self {
        Self { since: since.into(), ..self }
    }

    /// With what mends it.
    #[must_use]
    pub fn repair(self, repair: impl Into<Option<Repair>>) -> Self {
        Self { repair: repair.into(), ..self }
    }

    /// Whether two looks have found the same.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.subject == other.subject && self.says == other.says
    }
}

impl Kind {
    /// What somebody does about it who has to do it by hand.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::OrderMissedFact | Self::DecisionMissed => "look for the message first: just dlq list",
            Self::PaymentStandsStill => "see whether the gateway answers: just logs --service payments",
            Self::DeadEnd => "cancel it as support, and tell the customer",
            Self::Contradiction => "a defect, or a table written by hand or restored: read the order's history, decide",
            Self::ChargeUnknown => "return it in the gateway's dashboard if the order is not carried out",
            Self::ChargedTwice => "return all but the payment's own charge in the gateway's dashboard",
            Self::ChargeKept => "return it: POST /v1/payments/{id}/refunds",
            Self::RefundUnknown => "made by hand at the gateway? do not return the same money once more",
            Self::ChargeMissing => "look the reference up in the gateway's dashboard: the goods may be unpaid",
            Self::RefundMissing => "look it up in the gateway's dashboard: the customer may still be owed",
            Self::AmountDiffers => "return what was taken too much; claim nothing without the customer",
            Self::WithoutOrder => "a restored table or a test: a hold ends by itself, a charge is to be returned",
            Self::ReservedDiffers => "no command changes what is held: stop selling the sku, find the defect",
            Self::OnHandDiffers => "count the shelf, then correct it: POST /v1/stock/{sku}/adjustments",
        }
    }

    /// The kind as JSON has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OrderMissedFact => "ORDER_MISSED_FACT",
            Self::DecisionMissed => "DECISION_MISSED",
            Self::PaymentStandsStill => "PAYMENT_STANDS_STILL",
            Self::DeadEnd => "DEAD_END",
            Self::Contradiction => "CONTRADICTION",
            Self::ChargeUnknown => "CHARGE_UNKNOWN",
            Self::ChargedTwice => "CHARGED_TWICE",
            Self::ChargeKept => "CHARGE_KEPT",
            Self::RefundUnknown => "REFUND_UNKNOWN",
            Self::ChargeMissing => "CHARGE_MISSING",
            Self::RefundMissing => "REFUND_MISSING",
            Self::AmountDiffers => "AMOUNT_DIFFERS",
            Self::WithoutOrder => "WITHOUT_ORDER",
            Self::ReservedDiffers => "RESERVED_DIFFERS",
            Self::OnHandDiffers => "ON_HAND_DIFFERS",
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrderId(id) | Self::Sku(id) => f.write_str(id),
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnnounceOrder { order_id } => {
                write!(f, "orders says it again: POST /v1/orders/{order_id}/announcement")
            }
            Self::AnnounceReservation { order_id } => {
                write!(f, "inventory says it again: POST /v1/reservations/{order_id}/announcement")
            }
            Self::AnnouncePayment { payment_id } => {
                write!(f, "payments says it again: POST /v1/payments/{payment_id}/announcement")
            }
            Self::CancelOrder { order_id } => {
                write!(f, "support cancels it: POST /v1/orders/{order_id}/cancellation (STAFF)")
            }
            Self::AdjustStock { sku, delta, .. } => {
                write!(f, "the operator corrects it by {delta:+}: POST /v1/stock/{sku}/adjustments")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_reads_the_same_in_json_and_for_people() {
        for kind in [Kind::OrderMissedFact, Kind::ChargedTwice, Kind::OnHandDiffers, Kind::WithoutOrder] {
            assert_eq!(serde_json::json!(kind), kind.word());
        }
    }

    #[test]
    fn a_finding_names_its_order_or_its_sku() {
        let finding = Finding::new(Kind::ReservedDiffers, Subject::Sku("MUG".into()));
        assert_eq!(serde_json::to_value(&finding).unwrap()["sku"], "MUG");
    }
}
