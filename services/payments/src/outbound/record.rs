//! Item ⇄ payment.

mod refund;

use jiff::Timestamp;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::domain::attempt::{Attempt, Outcome};
use crate::domain::ids::{Currency, CustomerId, IntentId, OrderId, PaymentId, PaymentMethod, ReservationId};
use crate::domain::payment::{Failure, Hold, Payment, Stage, Terms};
use crate::domain::refund::Refund;
use refund::RefundRecord;

/// A payment as its item holds it: times in milliseconds, and nothing that follows from something else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentRecord {
    /// The item's key; the payment's id follows from it.
    #[serde(rename = "pk")]
    order_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    terms: Option<TermsRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hold: Option<HoldRecord>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    cancelled_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    intent_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<AttemptRecord>,
    stage: StageRecord,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    refunds: Vec<RefundRecord>,
    /// The saga's correlation id.
    pub correlation_id: String,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TermsRecord {
    customer_id: String,
    amount: u64,
    currency: String,
    payment_method: String,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    pay_by: Option<Timestamp>,
}

// The way to pay stays out of `Debug`, as it does in the domain.
impl std::fmt::Debug for TermsRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Terms::from(self.clone()).fmt(f)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum HoldRecord {
    Held {
        reservation_id: String,
        #[serde(with = "millisecond::required")]
        expires_at: Timestamp,
    },
    Gone,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AttemptRecord {
    #[serde(with = "millisecond::required")]
    started_at: Timestamp,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    ended_at: Option<Timestamp>,
    outcome: OutcomeRecord,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum OutcomeRecord {
    Pending,
    Charged,
    Declined,
    NotCharged,
    Unknown,
    Stopped,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "SCREAMING_SNAKE_CASE", rename_all_fields = "camelCase")]
enum StageRecord {
    Ready {
        #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
        next_attempt_at: Option<Timestamp>,
    },
    Charging {
        #[serde(with = "millisecond::required")]
        lease_ends_at: Timestamp,
    },
    Unknown {
        #[serde(with = "millisecond::required")]
        ask_at: Timestamp,
    },
    Refused {
        code: String,
    },
    Succeeded {
        attempt: u32,
    },
    Failed {
        category: FailureRecord,
        code: String,
    },
    Voided,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum FailureRecord {
    Declined,
    Exhausted,
    ReservationGone,
}

impl PaymentRecord {
    /// The payment as an item, with its saga's correlation id.
    #[must_use]
    pub fn new(payment: &Payment, correlation_id: String) -> Self {
        Self {
            order_id: payment.order.to_string(),
            terms: payment.terms.as_ref().map(TermsRecord::from),
            hold: hold(&payment.hold),
            cancelled_at: payment.cancelled_at,
            intent_id: payment.intent.as_ref().map(ToString::to_string),
            attempts: payment.attempts.iter().map(AttemptRecord::from).collect(),
            stage: (&payment.stage).into(),
            refunds: payment.refunds.iter().map(RefundRecord::from).collect(),
            correlation_id,
        }
    }
}

impl From<PaymentRecord> for Payment {
    fn from(record: PaymentRecord) -> Self {
        let order = OrderId::trusted(&record.order_id);
        Self {
            id: PaymentId::of(&order),
            order,
            terms: record.terms.map(Terms::from),
            hold: record.hold.map_or(Hold::Unknown, Hold::from),
            cancelled_at: record.cancelled_at,
            intent: record.intent_id.as_deref().map(IntentId::trusted),
            attempts: record.attempts.into_iter().map(Attempt::from).collect(),
            stage: record.stage.into(),
            refunds: record.refunds.into_iter().map(Refund::from).collect(),
        }
    }
}

impl From<&Terms> for TermsRecord {
    fn from(terms: &Terms) -> Self {
        Self {
            customer_id: terms.customer.to_string(),
            amount: terms.amount,
            currency: terms.currency.to_string(),
            payment_method: terms.method.as_str().to_owned(),
            pay_by: terms.pay_by,
        }
    }
}

impl From<TermsRecord> for Terms {
    fn from(record: TermsRecord) -> Self {
        Self {
            customer: CustomerId::trusted(&record.customer_id),
            amount: record.amount,
            currency: Currency::trusted(&record.currency),
            method: PaymentMethod::trusted(&record.payment_method),
            pay_by: record.pay_by,
        }
    }
}

fn hold(hold: &Hold) -> Option<HoldRecord> {
    match hold {
        Hold::Unknown => None,
        Hold::Held { reservation, expires_at } => {
            Some(HoldRecord::Held { reservation_id: reservation.to_string(), expires_at: *expires_at })
        }
        Hold::Gone => Some(HoldRecord::Gone),
    }
}

impl From<HoldRecord> for Hold {
    fn from(record: HoldRecord) -> Self {
        match record {
            HoldRecord::Held { reservation_id, expires_at } => {
                Self::Held { reservation: ReservationId::trusted(&reservation_id), expires_at }
            }
            HoldRecord::Gone => Self::Gone,
        }
    }
}

impl From<&Attempt> for AttemptRecord {
    fn from(attempt: &Attempt) -> Self {
        let (outcome, code) = match &attempt.outcome {
            Outcome::Pending => (OutcomeRecord::Pending, None),
            Outcome::Charged => (OutcomeRecord::Charged, None),
            Outcome::Declined { code } => (OutcomeRecord::Declined, Some(code.clone())),
            Outcome::NotCharged { code } => (OutcomeRecord::NotCharged, Some(code.clone())),
            Outcome::Unknown { code } => (OutcomeRecord::Unknown, Some(code.clone())),
            Outcome::Stopped => (OutcomeRecord::Stopped, None),
        };
        Self { started_at: attempt.started_at, ended_at: attempt.ended_at, outcome, code }
    }
}

impl From<AttemptRecord> for Attempt {
    fn from(record: AttemptRecord) -> Self {
        let code = record.code.unwrap_or_default();
        let outcome = match record.outcome {
            OutcomeRecord::Pending => Outcome::Pending,
            OutcomeRecord::Charged => Outcome::Charged,
            OutcomeRecord::Declined => Outcome::Declined { code },
            OutcomeRecord::NotCharged => Outcome::NotCharged { code },
            OutcomeRecord::Unknown => Outcome::Unknown { code },
            OutcomeRecord::Stopped => Outcome::Stopped,
        };
        Self { started_at: record.started_at, ended_at: record.ended_at, outcome }
    }
}

impl From<&Stage> for StageRecord {
    fn from(stage: &Stage) -> Self {
        match stage {
            Stage::Ready { next_attempt_at } => Self::Ready { next_attempt_at: *next_attempt_at },
            Stage::Charging { lease_ends_at } => Self::Charging { lease_ends_at: *lease_ends_at },
            Stage::Unknown { ask_at } => Self::Unknown { ask_at: *ask_at },
            Stage::Refused { code } => Self::Refused { code: code.clone() },
            Stage::Succeeded { attempt } => Self::Succeeded { attempt: *attempt },
            Stage::Failed { category, code } => Self::Failed { category: (*category).into(), code: code.clone() },
            Stage::Voided => Self::Voided,
        }
    }
}

impl From<StageRecord> for Stage {
    fn from(record: StageRecord) -> Self {
        match record {
            StageRecord::Ready { next_attempt_at } => Self::Ready { next_attempt_at },
            StageRecord::Charging { lease_ends_at } => Self::Charging { lease_ends_at },
            StageRecord::Unknown { ask_at } => Self::Unknown { ask_at },
            StageRecord::Refused { code } => Self::Refused { code },
            StageRecord::Succeeded { attempt } => Self::Succeeded { attempt },
            StageRecord::Failed { category, code } => Self::Failed { category: category.into(), code },
            StageRecord::Voided => Self::Voided,
        }
    }
}

impl From<Failure> for FailureRecord {
    fn from(category: Failure) -> Self {
        match category {
            Failure::Declined => Self::Declined,
            Failure::Exhausted => Self::Exhausted,
            Failure::ReservationGone => Self::ReservationGone,
        }
    }
}

impl From<FailureRecord> for Failure {
    fn from(record: FailureRecord) -> Self {
        match record {
            FailureRecord::Declined => Self::Declined,
            FailureRecord::Exhausted => Self::Exhausted,
            FailureRecord::ReservationGone => Self::ReservationGone,
        }
    }
}
