//! What the gateway's answers say about a charge, also those that come late, about a payment that others have moved on.

use jiff::{SignedDuration, Timestamp};

use super::decision::{Context, Step, later};
use super::gateway::{Call, GatewayAnswer as Answer};
use super::ids::IntentId;
use super::payment::{Payment, Stage};

/// What was found about a charge. `code` is the gateway's or the network's reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Finding {
    /// Nothing new: no answer, or one that decides nothing any more.
    Nothing,
    /// The amount was charged.
    Charged {
        /// The gateway's name of the charge.
        reference: IntentId,
        /// The attempt that charged.
        attempt: u32,
    },
    /// The intent is cancelled: nothing can be charged any more.
    Canceled,
    /// The latest attempt's way to pay was refused.
    Declined { code: String },
    /// The way to pay was refused when the intent was to be made.
    IntentDeclined { code: String, begun_at: Timestamp },
    /// The latest call surely did not reach the card: it was no attempt.
    NotReached { code: String, retry_after: Option<SignedDuration> },
    /// The latest attempt did not charge.
    NotCharged { code: String },
    /// The latest attempt, whose outcome was unknown, did not charge.
    NotChargedAfterAll { code: String },
    /// The latest attempt may have charged.
    Unknown { code: String },
    /// The answer decides nothing; this is to be done first.
    Undecided(Step),
}

/// How long to leave the gateway to another call on the same intent.
const BUSY: SignedDuration = SignedDuration::from_secs(1);

/// What an answer to a call says about the payment's charge.
pub(super) fn finding(payment: &Payment, call: Call, answer: Answer, context: &Context) -> Finding {
    let is_unknown = matches!(payment.stage, Stage::Unknown { .. });
    let found = match (call, answer) {
        (Call::Create { attempt, begun_at, .. }, answer) if is_next(payment, attempt) => {
            created(begun_at, answer, context)
        }
        (Call::Ask { attempt, code }, answer) if is_unknown && is_latest(payment, attempt) => {
            gateway_timeout_then_success(payment, attempt, code, answer)
        }
        // These two stay true of the intent, whichever call is answered so, and however late.
        (Call::Confirm { attempt } | Call::Ask { attempt, .. }, Answer::Charged) => charged(payment, attempt),
        (Call::Cancel, Answer::Charged) => charged(payment, payment.attempted().max(1)),
        (Call::Confirm { .. } | Call::Ask { .. } | Call::Cancel, Answer::Canceled) => Finding::Canceled,
        (Call::Cancel, answer) => unanswered(&answer),
        // The next attempt was only begun when the gateway had answered that the earlier one had not charged.
        (Call::Confirm { attempt } | Call::Ask { attempt, .. }, _) if !is_latest(payment, attempt) => Finding::Nothing,
        (Call::Confirm { .. }, Answer::NotCharged { code, .. }) if is_unknown => Finding::NotChargedAfterAll { code },
        (Call::Confirm { attempt }, answer) => confirmed(attempt, answer),
        (Call::Ask { code, .. }, answer) => asked(code, answer),
        (Call::Create { .. } | Call::Refund { .. } | Call::AskRefund { .. }, _) => Finding::Nothing,
    };
    payment_failed_after_payment_succeeded(&payment.stage, found)
}

/// The race "PaymentFailed after PaymentSucceeded": the first end of a payment is its only one. What an answer that
/// comes later says about the charge, a decline after the success or a failure after the void, counts for nothing.
fn payment_failed_after_payment_succeeded(stage: &Stage, found: Finding) -> Finding {
    match stage {
        Stage::Succeeded { .. } | Stage::Failed { .. } | Stage::Voided => Finding::Nothing,
        Stage::Ready { .. } | Stage::Charging { .. } | Stage::Unknown { .. } | Stage::Refused { .. } => found,
    }
}

/// The race "gateway timeout, then success": what the gateway answers about an attempt whose outcome is unknown. No
/// other attempt begins before it has said that this one did not charge.
fn gateway_timeout_then_success(payment: &Payment, attempt: u32, code: String, answer: Answer) -> Finding {
    match answer {
        Answer::Charged => charged(payment, attempt),
        Answer::Canceled => Finding::Canceled,
        Answer::Declined { code } => Finding::Declined { code },
        Answer::SoftDeclined { code } => Finding::NotChargedAfterAll { code },
        Answer::Open(_) => Finding::NotChargedAfterAll { code },
        Answer::NotCharged { .. }
        | Answer::Doubtful { .. }
        | Answer::Silent { .. }
        | Answer::Busy
        | Answer::Refunded
        | Answer::NotRefunded => unanswered(&answer),
    }
}

/// What becomes of the attempt for which the intent was to be made.
fn created(begun_at: Timestamp, answer: Answer, context: &Context) -> Finding {
    match answer {
        Answer::Declined { code } => Finding::IntentDeclined { code, begun_at },
        Answer::Busy => Finding::Undecided(Step::Wait { until: later(context.at, BUSY) }),
        // An intent that is only created charges nothing, whatever became of the call.
        Answer::NotCharged { code, retry_after } => Finding::NotReached { code, retry_after },
        Answer::SoftDeclined { code } | Answer::Doubtful { code } | Answer::Silent { code } => {
            Finding::NotReached { code, retry_after: None }
        }
        Answer::Charged | Answer::Canceled | Answer::Refunded | Answer::NotRefunded => unanswered(&answer),
        // That the intent exists is in the payment; it says nothing about the charge.
        Answer::Open(_) => Finding::Nothing,
    }
}

fn confirmed(attempt: u32, answer: Answer) -> Finding {
    match answer {
        Answer::Declined { code } => Finding::Declined { code },
        Answer::NotCharged { code, retry_after } => Finding::NotReached { code, retry_after },
        Answer::SoftDeclined { code } => Finding::NotCharged { code },
        Answer::Open(_) => Finding::NotCharged { code: "not_confirmed".to_owned() },
        Answer::Busy => Finding::NotCharged { code: "busy".to_owned() },
        Answer::Doubtful { code } => Finding::Undecided(Step::Call(Call::Ask { attempt, code })),
        Answer::Silent { code } => Finding::Unknown { code },
        Answer::Charged | Answer::Canceled | Answer::Refunded | Answer::NotRefunded => Finding::Nothing,
    }
}

/// `code` is the reason for which the gateway was asked.
fn asked(code: String, answer: Answer) -> Finding {
    match answer {
        Answer::Declined { code } => Finding::Declined { code },
        Answer::SoftDeclined { code } => Finding::NotCharged { code },
        Answer::Open(_) => Finding::NotCharged { code },
        Answer::NotCharged { .. } | Answer::Doubtful { .. } | Answer::Silent { .. } | Answer::Busy => {
            Finding::Unknown { code }
        }
        Answer::Charged | Answer::Canceled | Answer::Refunded | Answer::NotRefunded => Finding::Nothing,
    }
}

fn charged(payment: &Payment, attempt: u32) -> Finding {
    match payment.intent.clone() {
        Some(reference) => Finding::Charged { reference, attempt },
        None => Finding::Nothing,
    }
}

/// The gateway answered something else than what it was asked.
fn unanswered(answer: &Answer) -> Finding {
    Finding::Undecided(Step::Unanswered { code: answer.code() })
}

/// Whether the attempt is the latest and undecided.
fn is_latest(payment: &Payment, attempt: u32) -> bool {
    let is_undecided = matches!(payment.stage, Stage::Charging { .. } | Stage::Unknown { .. });
    is_undecided && attempt == payment.attempted()
}

/// Whether the attempt for which an intent was to be made is still the next one.
fn is_next(payment: &Payment, attempt: u32) -> bool {
    attempt == payment.attempted() + 1 && matches!(payment.stage, Stage::Ready { .. })
}
