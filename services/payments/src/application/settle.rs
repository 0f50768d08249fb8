//! The one way of every input, an event's, staff's or the clock's: a decision is written, then the gateway is called,
//! until nothing is left to do now. The rules are [`decide`]'s; here is only the order of the steps.

use std::future::ready;
use std::time::Duration;

use chassis::cause::Cause;
use chassis::store::{Round, Saved, StoreError, Stored, retry_on_conflict};
use chassis::verdict::{Classify, Verdict};
use jiff::Timestamp;

use super::{App, Gateway, Misconfigured, PaymentStore, SagaPayment};
use crate::domain::decide::{Input, decide};
use crate::domain::decision::{Context, Step, Worker};
use crate::domain::gateway::Call;
use crate::domain::payment::Payment;

/// Why a message is not done with.
#[derive(Debug, thiserror::Error)]
pub enum Unsettled {
    /// An attempt is under way, or the next one is not due.
    #[error("the payment is not settled: retry after {until}")]
    NotYet {
        /// When the next step is due.
        until: Timestamp,
        /// How long that is from now.
        wait: Duration,
    },
    /// The gateway cannot be reached, or has too much to do.
    #[error("the gateway takes no charge now: {code}")]
    NotNow {
        /// What came instead.
        code: String,
        /// How long it wants to be left alone.
        wait: Option<Duration>,
    },
    /// The gateway did not answer the question.
    #[error("the gateway did not answer: {code}")]
    Unanswered {
        /// What came instead.
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
    Store(StoreError),
}

impl From<StoreError> for Unsettled {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Contended(_) => Self::Contended,
            StoreError::Unavailable(..) | StoreError::Corrupt(..) => Self::Store(error),
        }
    }
}

impl Classify for Unsettled {
    fn verdict(&self) -> Verdict {
        match self {
            Self::NotYet { wait, .. } | Self::NotNow { wait: Some(wait), .. } => Verdict::RetryIn(*wait),
            Self::NotNow { wait: None, .. } | Self::Unanswered { .. } | Self::Contended | Self::Misconfigured(_) => {
                Verdict::Retry
            }
            Self::Exhausted { .. } => Verdict::Park,
            Self::Store(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::NotYet { .. } => "payment_under_way",
            Self::NotNow { .. } => "gateway_not_now",
            Self::Unanswered { .. } => "gateway_unanswered",
            Self::Exhausted { .. } => "attempts_exhausted",
            Self::Contended => "payment_contended",
            Self::Misconfigured(_) => "gateway_misconfigured",
            Self::Store(error) => error.class(),
        }
    }
}

/// Carries an input as far as it goes, from the payment as it was read. Returns the payment as it is then, when the
/// input is done with: the payment is settled, or lacks what another message will bring.
///
/// # Errors
/// [`Unsettled`]: a message must stay.
pub async fn settle<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    worker: Worker,
    read: Stored<SagaPayment>,
    input: Input,
    cause: &Cause,
) -> Result<Stored<SagaPayment>, Unsettled> {
    let key = read.value.payment.order.to_string();
    let begin = || ready(Ok((read.clone(), input.clone())));
    retry_on_conflict(&key, begin, |(read, input)| step(app, worker, read, input, cause)).await
}

/// The payment that is decided on, and the input.
type Turn = (Stored<SagaPayment>, Input);

/// One decision: written, then carried out.
async fn step<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    worker: Worker,
    mut read: Stored<SagaPayment>,
    input: Input,
    cause: &Cause,
) -> Result<Round<Stored<SagaPayment>, Turn>, Unsettled> {
    let at = (app.clock)();
    let due_by = app.look_ahead.map_or(at, |ahead| ahead.max(at));
    let decision = decide(&read.value.payment, input.clone(), &Context { worker, policy: app.policy, at, due_by });
    if decision.payment != read.value.payment {
        // The event's time is that of the write, not that of the message.
        match app.payments.save(&read, &decision, &Cause { at, ..cause.clone() }).await? {
            Saved::Applied(written) => read = written,
            Saved::Conflict(current) => return Ok(Round::Conflict((current, input))),
        }
    }
    match decision.step {
        Step::Call(call) => {
            let answer = ask(&app.gateway, call, &read.value.payment).await?;
            Ok(Round::More((read, answer)))
        }
        Step::Settled | Step::Incomplete => Ok(Round::Done(read)),
        Step::Wait { until } => {
            let wait = Duration::try_from(until.duration_since(at)).unwrap_or_default();
            Err(Unsettled::NotYet { until, wait })
        }
        Step::NotNow { code, wait } => {
            Err(Unsettled::NotNow { code, wait: wait.and_then(|wait| Duration::try_from(wait).ok()) })
        }
        Step::Unanswered { code } => Err(Unsettled::Unanswered { code }),
        Step::Exhausted => Err(Unsettled::Exhausted { attempts: read.value.payment.attempted() }),
    }
}

async fn ask(gateway: &impl Gateway, call: Call, payment: &Payment) -> Result<Input, Misconfigured> {
    let answered = gateway.call(&call, payment).await?;
    let (answer, code) = answered.as_str();
    let (call_name, attempt) = (call.as_str(), call.attempt());
    // What went well is in the line of the event that it leads to.
    if let Some(code) = code {
        tracing::info!(call = call_name, attempt, answer, code, "gateway called");
    } else {
        tracing::debug!(call = call_name, attempt, answer, "gateway called");
    }
    Ok(Input::Answer(call, answered))
}
