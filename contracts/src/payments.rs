//! The events of the payments service.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::envelope::{EventData, present};
use crate::ids::{Currency, CustomerId, OrderId, PaymentId, RefundId};
use crate::open::Open;

/// The source of every event in this module.
pub const SOURCE: &str = "oms.payments";

/// One attempt to charge did not succeed; the payment is still undecided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentAttemptFailed {
    /// The order.
    pub order_id: OrderId,
    /// The payment.
    pub payment_id: PaymentId,
    /// Number of the attempt, from 1.
    #[schemars(range(min = 1))]
    pub attempt: u32,
    /// What kind of failure it was.
    pub category: Open<AttemptFailure>,
    /// The gateway's or the network's own word for it, for example `http_503`.
    pub code: String,
    /// When the next attempt is due; absent after the last.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
}

impl EventData for PaymentAttemptFailed {
    const TYPE: &'static str = "PaymentAttemptFailed.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.attempt > 0 { Ok(()) } else { Err("`attempt` must be at least 1") }
    }
}

/// What kind of failure an attempt met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttemptFailure {
    /// The gateway did not charge; another attempt may succeed.
    Transient,
    /// It is unknown whether the gateway charged; it is asked before any new attempt.
    TimeoutUnknown,
}

/// The order's total was charged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentSucceeded {
    /// The order.
    pub order_id: OrderId,
    /// The payment.
    pub payment_id: PaymentId,
    /// What was charged, in minor units of `currency`.
    pub amount: u64,
    /// Currency of the amount.
    pub currency: Currency,
    /// The gateway's name of the charge; it means something to the gateway alone.
    pub gateway_reference: String,
    /// Number of the attempt that succeeded, from 1.
    #[schemars(range(min = 1))]
    pub attempt: u32,
}

impl EventData for PaymentSucceeded {
    const TYPE: &'static str = "PaymentSucceeded.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.attempt > 0 { Ok(()) } else { Err("`attempt` must be at least 1") }
    }
}

/// The order's total was not charged and never will be: final, never published per attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentFailed {
    /// The order.
    pub order_id: OrderId,
    /// The payment.
    pub payment_id: PaymentId,
    /// How many attempts were made.
    pub attempts: u32,
    /// Why it failed.
    pub category: Open<PaymentFailure>,
    /// The gateway's or the network's own word for it, for example `card_declined`.
    pub code: String,
}

impl EventData for PaymentFailed {
    const TYPE: &'static str = "PaymentFailed.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// Why a payment failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PaymentFailure {
    /// The gateway refused the way to pay.
    Declined,
    /// Every attempt failed, and the gateway confirms that nothing was charged.
    Exhausted,
    /// The hold on stock ended before the charge.
    ReservationGone,
}

/// The payment was forbidden before anything was charged: no later charge can happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentVoided {
    /// The order.
    pub order_id: OrderId,
    /// The payment.
    pub payment_id: PaymentId,
}

impl EventData for PaymentVoided {
    const TYPE: &'static str = "PaymentVoided.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }
}

/// Money went back to the customer. The same refund may be published more than once: `refundedTotal` only grows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PaymentRefunded {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// The refund.
    pub refund_id: RefundId,
    /// The payment that it was taken from.
    pub payment_id: PaymentId,
    /// What this refund returned, in minor units of `currency`.
    #[schemars(range(min = 1))]
    pub amount: u64,
    /// Currency of the amounts.
    pub currency: Currency,
    /// What all refunds of the payment have returned so far, this one included, in minor units of `currency`.
    #[schemars(range(min = 1))]
    pub refunded_total: u64,
    /// Why it was returned.
    pub reason: Open<RefundReason>,
}

impl EventData for PaymentRefunded {
    const TYPE: &'static str = "PaymentRefunded.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        let valid = self.amount > 0 && self.refunded_total >= self.amount;
        if valid { Ok(()) } else { Err("`amount` must be at least 1, and `refundedTotal` at least `amount`") }
    }
}

/// A refund has not gone through so far: the money is still owed. It is tried again, and an operator must act. It does not
/// change the order's state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefundFailed {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
    /// The refund.
    pub refund_id: RefundId,
    /// The payment that it is to be taken from.
    pub payment_id: PaymentId,
    /// What is owed, in minor units of `currency`.
    #[schemars(range(min = 1))]
    pub amount: u64,
    /// Currency of the amount.
    pub currency: Currency,
    /// How often it was tried so far.
    #[schemars(range(min = 1))]
    pub attempts: u32,
    /// The gateway's or the network's own word for it.
    pub code: String,
    /// Why it is to be returned.
    pub reason: Open<RefundReason>,
}

impl EventData for RefundFailed {
    const TYPE: &'static str = "RefundFailed.v1";
    const SOURCE: &'static str = SOURCE;

    fn subject(&self) -> &str {
        self.order_id.as_str()
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.amount > 0 && self.attempts > 0 { Ok(()) } else { Err("`amount` and `attempts` must be at least 1") }
    }
}

/// Why money is returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundReason {
    /// The order was cancelled after it was paid.
    Cancelled,
    /// The charge succeeded after the order was cancelled.
    LateSuccess,
    /// Staff returned it.
    Staff,
}
