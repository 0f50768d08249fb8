//! One difference: its kind, what each service knows, and the command that repairs it.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use super::snapshot::api_word;

/// A kind of difference between services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// Orders missed a fact of inventory or payments.
    OrderMissedFact,
    /// Inventory or payments missed a decision of orders.
    DecisionMissed,
    /// The stock is reserved and the amount is known, but payments does not try to charge.
    #[serde(rename = "PAYMENT_STANDS_STILL")]
    PaymentStalled,
    /// The order is open but cannot continue: its reservation was released, or its payment was voided.
    DeadEnd,
    /// Two services contradict each other, and no missed message explains it.
    Contradiction,
    /// The gateway has a charge that payments does not know.
    ChargeUnknown,
    /// The gateway charged more than once.
    ChargedTwice,
    /// A cancelled order was charged, and payments does not return the money.
    ChargeKept,
    /// The gateway has a refund that payments does not know.
    RefundUnknown,
    /// The payment succeeded, but the gateway's ledger has no charge.
    ChargeMissing,
    /// The refund succeeded, but the gateway's ledger does not have it.
    RefundMissing,
    /// Two services have different amounts for the same charge or refund.
    AmountDiffers,
    /// A reservation, a payment or a charge of an order that orders does not know.
    WithoutOrder,
    /// What is available and what reservations hold is not the sum of adjustments less sales.
    OnHandDiffers,
}

/// The order or sku that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Subject {
    /// An order, by its id.
    OrderId(String),
    /// A sku.
    Sku(String),
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The kind of difference.
    pub kind: Kind,
    /// The order or sku.
    #[serde(flatten)]
    pub subject: Subject,
    /// What each service knows, in words, by service.
    #[serde(rename = "says")]
    pub known: BTreeMap<&'static str, String>,
    /// When the difference began; `None` if nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// The command that repairs it; `None` if people have to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
    /// What people can do.
    pub advice: &'static str,
}

/// A command of a service that repairs a difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "command", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
pub enum Repair {
    /// Orders publishes the order's state again.
    AnnounceOrder {
        /// The order's id.
        order_id: String,
    },
    /// Inventory publishes the reservation's state again.
    AnnounceReservation {
        /// The order's id.
        order_id: String,
    },
    /// Payments publishes the payment's state again.
    AnnouncePayment {
        /// The payment's id.
        payment_id: String,
    },
    /// Support cancels the order.
    CancelOrder {
        /// The order's id.
        order_id: String,
    },
    /// The operator corrects the stock.
    AdjustStock {
        /// The sku.
        sku: String,
        /// Pieces to add, or to remove if negative.
        delta: i64,
        /// The same for the same difference, so that two operators correct it once.
        idempotency_key: String,
    },
}

impl Finding {
    /// A finding with nothing but its kind and its subject.
    #[must_use]
    pub fn new(kind: Kind, subject: Subject) -> Self {
        Self { kind, subject, known: BTreeMap::new(), since: None, repair: None, advice: kind.advice() }
    }

    /// Adds what a service knows.
    #[must_use]
    pub fn known(mut self, service: &'static str, words: impl Into<String>) -> Self {
        self.known.insert(service, words.into());
        self
    }

    /// Sets when it began.
    #[must_use]
    pub fn since(self, since: impl Into<Option<Timestamp>>) -> Self {
        Self { since: since.into(), ..self }
    }

    /// Sets the command that repairs it.
    #[must_use]
    pub fn repair(self, repair: impl Into<Option<Repair>>) -> Self {
        Self { repair: repair.into(), ..self }
    }

    /// Whether two comparisons found the same difference.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.subject == other.subject && self.known == other.known
    }
}

impl Kind {
    /// What people can do about a difference of this kind.
    #[must_use]
    pub fn advice(self) -> &'static str {
        match self {
            Self::OrderMissedFact | Self::DecisionMissed => "find the missed message: run `just dlq list`",
            Self::PaymentStalled => "check whether the gateway answers: run `just logs --service payments`",
            Self::DeadEnd => "cancel the order as support, and inform the customer: POST /v1/orders/{id}/cancellation",
            Self::Contradiction => {
                "find the defect, the manual write or the restored table: GET /v1/orders/{id}/history"
            }
            Self::ChargeUnknown => "if the order is cancelled, refund the charge in the gateway's dashboard",
            Self::ChargedTwice => "refund every charge but the payment's own in the gateway's dashboard",
            Self::ChargeKept => "refund it as support: POST /v1/payments/{id}/refunds",
            Self::RefundUnknown => "ask who refunded it at the gateway, and do not refund the same money again",
            Self::ChargeMissing => "look up the reference in the gateway's dashboard: the goods may be unpaid",
            Self::RefundMissing => "look up the refund in the gateway's dashboard: the customer may not have the money",
            Self::AmountDiffers => "refund what was charged too much; ask the customer before charging more",
            Self::WithoutOrder => {
                "find the restored table or the test; a reservation expires by itself, a charge must be refunded"
            }
            Self::OnHandDiffers => "count the pieces, then correct the stock: POST /v1/stock/{sku}/adjustments",
        }
    }

    /// Whether services disagree about reservations, so that the sums over them prove nothing about stock.
    #[must_use]
    pub fn casts_doubt_on_stock(self) -> bool {
        match self {
            Self::Contradiction | Self::WithoutOrder => true,
            Self::OrderMissedFact
            | Self::DecisionMissed
            | Self::PaymentStalled
            | Self::DeadEnd
            | Self::ChargeUnknown
            | Self::ChargedTwice
            | Self::ChargeKept
            | Self::RefundUnknown
            | Self::ChargeMissing
            | Self::RefundMissing
            | Self::AmountDiffers
            | Self::OnHandDiffers => false,
        }
    }

    /// Its name in JSON, such as `DEAD_END`.
    #[must_use]
    pub fn name(self) -> String {
        api_word(self)
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
                write!(f, "orders announces the order again: POST /v1/orders/{order_id}/announcement")
            }
            Self::AnnounceReservation { order_id } => {
                write!(f, "inventory announces the reservation again: POST /v1/reservations/{order_id}/announcement")
            }
            Self::AnnouncePayment { payment_id } => {
                write!(f, "payments announces the payment again: POST /v1/payments/{payment_id}/announcement")
            }
            Self::CancelOrder { order_id } => {
                write!(f, "support cancels the order: POST /v1/orders/{order_id}/cancellation (STAFF)")
            }
            Self::AdjustStock { sku, delta, .. } => {
                write!(f, "the operator corrects the stock by {delta:+}: POST /v1/stock/{sku}/adjustments")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_the_same_name_in_json_and_for_people() {
        for kind in
            [Kind::OrderMissedFact, Kind::PaymentStalled, Kind::ChargedTwice, Kind::OnHandDiffers, Kind::WithoutOrder]
        {
            assert_eq!(serde_json::json!(kind), kind.name());
        }
        assert_eq!(Kind::PaymentStalled.name(), "PAYMENT_STANDS_STILL", "operators and scripts rely on this name");
    }

    #[test]
    fn a_finding_names_its_order_or_its_sku() {
        let finding = Finding::new(Kind::OnHandDiffers, Subject::Sku("MUG".into()));
        assert_eq!(serde_json::to_value(&finding).unwrap()["sku"], "MUG");
    }
}
