//! The way of what was heard, from a message, from staff or from the clock: it is written down, then the gateway is
//! called, until nothing is left to do now. The rules are [`decide`]'s; here is only the order of its steps.

use std::time::Duration;

use chassis::cause::Cause;
use chassis::consumer::{Classify, Verdict};
use chassis::store::{Revision, StoreError};
use jiff::Timestamp;

use crate::domain::decide::{Decision, Heard, Rules, Step, decide};
use crate::domain::gateway::{Call, Word};
use crate::domain::ids::OrderId;
use crate::domain::payment::Payment;

/// A payment as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The payment.
    pub payment: Payment,
    /// The saga's correlation id, if there is an item.
    pub correlation_id: Option<String>,
    /// What was seen of its item.
    pub revision: Revision,
}

/// How a write ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// As it was to be.
    Applied(Stored),
    /// Somebody wrote since the payment was read: this is what stands there.
    Conflict(Stored),
}

/// Where payments are kept.
pub trait Payments {
    /// The payment of an order, also if nothing is known of it yet.
    fn load(&self, order: &OrderId) -> impl Future<Output = Result<Stored, StoreError>>;

    /// Writes what was decided, if nobody wrote since `read`.
    fn save(
        &self,
        read: &Stored,
        decision: &Decision,
        cause: &Cause,
    ) -> impl Future<Output = Result<Written, StoreError>>;
}

/// Who charges.
pub trait Gateway {
    /// Carries out a call for the payment.
    fn call(&self, call: &Call, payment: &Payment) -> impl Future<Output = Result<Word, Misconfigured>>;
}

/// The gateway does not take our requests, whatever they are about: operators can help, the order is not to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the gateway refuses our requests: {code}")]
pub struct Misconfigured {
    /// The gateway's word.
    pub code: String,
}

/// Why a message is not done with.
#[derive(Debug, thiserror::Error)]
pub enum Unsettled {
    /// An attempt is under way, or the next one is not due.
    #[error("the payment is not settled; it is gone on with at {until}")]
    NotYet {
        /// When.
        until: Timestamp,
        /// How long that is from now.
        wait: Duration,
    },
    /// The gateway did not say what it was asked.
    #[error("the gateway did not answer: {code}")]
    Unanswered {
        /// What was heard instead.
        code: String,
    },
    /// No attempt is left.
    #[error("the payment is not settled after {attempts} attempts")]
    Exhausted {
        /// How many were made.
        attempts: u32,
    },
    /// Others kept writing the payment.
    #[error("the payment was written by others too often")]
    Contended,
    /// The gateway does not take our requests.
    #[error(transparent)]
    Misconfigured(#[from] Misconfigured),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Classify for Unsettled {
    fn verdict(&self) -> Verdict {
        match self {
            Self::NotYet { wait, .. } => Verdict::RetryIn(*wait),
            Self::Unanswered { .. } | Self::Contended | Self::Misconfigured(_) => Verdict::Retry,
            Self::Exhausted { .. } => Verdict::Park,
            Self::Store(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::NotYet { .. } => "payment_under_way",
            Self::Unanswered { .. } => "gateway_unanswered",
            Self::Exhausted { .. } => "attempts_exhausted",
            Self::Contended => "payment_contended",
            Self::Misconfigured(_) => "gateway_misconfigured",
            Self::Store(error) => error.class(),
        }
    }
}

/// More steps than any message needs, lost races included.
const MAX_STEPS: u32 = 24;

/// Carries what was heard as far as it goes, from the payment as it was read. The payment is returned as it then stands,
/// when whoever was heard is done with: it is settled, or lacks what somebody else will bring.
///
/// # Errors
/// [`Unsettled`]: a message must stay.
pub async fn settle(
    payments: &impl Payments,
    gateway: &impl Gateway,
    now: impl Fn() -> Timestamp,
    rules: &Rules,
    mut read: Stored,
    mut heard: Heard,
    cause: &Cause,
) -> Result<Stored, Unsettled> {
    for _ in 0..MAX_STEPS {
        let at = now();
        let decision = decide(&read.payment, heard.clone(), rules, at);
        if decision.payment != read.payment {
            // What is written now is said to have happened now, not when the message came.
            match payments.save(&read, &decision, &Cause { at, ..cause.clone() }).await? {
                Written::Applied(stored) => read = stored,
                Written::Conflict(stored) => {
                    read = stored;
                    continue;
                }
            }
        }
        match decision.step {
            Step::Call(call) => heard = ask(gateway, call, &read.payment).await?,
            Step::Settled | Step::Incomplete => return Ok(read),
            Step::Wait { until } => {
                let wait = Duration::try_from(until.duration_since(at)).unwrap_or_default();
                return Err(Unsettled::NotYet { until, wait });
            }
            Step::Unanswered { code } => return Err(Unsettled::Unanswered { code }),
            Step::Exhausted => return Err(Unsettled::Exhausted { attempts: read.payment.attempted() }),
        }
    }
    Err(Unsettled::Contended)
}

async fn ask(gateway: &impl Gateway, call: Call, payment: &Payment) -> Result<Heard, Misconfigured> {
    let word = gateway.call(&call, payment).await?;
    let (answer, code) = word.as_str();
    tracing::info!(call = call.as_str(), attempt = call.attempt(), answer, code, "gateway called");
    Ok(Heard::Answer(call, word))
}
