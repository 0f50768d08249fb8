//! Events of orders become facts, and facts become mail.

use std::time::Duration;

use chassis::cause::Cause;
use chassis::consumer::{Classify, Delivery, Verdict};
use chassis::store::StoreError;
use contracts::orders::{CancelReason as Known, OrderCancelled, OrderCompleted, OrderCreated};
use contracts::{ContractError, EventData, Received};
use jiff::Timestamp;

use super::views::{Cancelled, Completed, Created, Reason};
use crate::domain::delivery::{CancelReason, Content, Fact, Failure, Outcome};
use crate::domain::ids::{CustomerId, EventId, OrderId};
use crate::domain::money::Money;
use crate::outbound::{Attempt, Contacts, DeliveryStore, Letters, PostOffice, Task};

/// The types that notifications consumes, and that its rule routes.
pub const HANDLED: [&str; 3] = [OrderCreated::TYPE, OrderCompleted::TYPE, OrderCancelled::TYPE];

/// When a delivery looks again at a message that another one has claimed. Mostly it was sent by then; and the queue
/// delivers often enough for the last look to come after the claim's end, also if the write after the mail failed once.
pub const LOOK_AGAIN: Duration = Duration::from_secs(20);

/// Why an event was not, or not fully, carried out.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The rule routed something that this version does not know.
    #[error("notifications does not consume {0}")]
    UnknownType(String),
    /// The event does not keep its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// The event names what the domain does not admit.
    #[error("the event's {0} is outside the domain")]
    OutsideDomain(&'static str),
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The channel did not take the message now. It is kept, and nobody has it.
    #[error("the mail was not taken: {0}")]
    NotTaken(String),
    /// A template does not fit its message.
    #[error("the letter could not be written")]
    Letter(#[from] minijinja::Error),
    /// Another delivery is sending the same message, or vanished while doing so.
    #[error("another delivery has claimed the message")]
    Claimed(Duration),
}

impl Classify for EventError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::UnknownType(_) | Self::Contract(_) | Self::OutsideDomain(_) | Self::Letter(_) => Verdict::Park,
            Self::Store(error) => error.verdict(),
            Self::NotTaken(_) => Verdict::Retry,
            Self::Claimed(wait) => Verdict::RetryIn(*wait),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "unknown_type",
            Self::Contract(_) => "contract",
            Self::OutsideDomain(_) => "outside_domain",
            Self::Store(error) => error.class(),
            Self::NotTaken(_) => "mail_not_taken",
            Self::Letter(_) => "letter",
            Self::Claimed(_) => "claimed",
        }
    }
}

/// All that it takes to tell a customer something.
#[derive(Debug)]
pub struct Desk {
    /// What is to be told, and how far that is.
    pub deliveries: DeliveryStore,
    /// Where customers are reached.
    pub contacts: Contacts,
    /// How messages are worded.
    pub letters: Letters,
    /// The channel.
    pub post_office: PostOffice,
}

impl Desk {
    /// Takes in one event, and sends what can be sent now.
    ///
    /// # Errors
    /// [`EventError`], which says whether a retry can help.
    pub async fn apply(&self, delivery: Delivery) -> Result<(), EventError> {
        let cause = &delivery.cause;
        let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
        let tasks = self.deliveries.hear(&order, &fact, cause).await?;
        for id in &tasks.lost {
            unknown(id.as_str(), "its sender has vanished");
        }
        let mut result = tasks.busy_until.map_or(Ok(()), |until| Err(EventError::Claimed(wait(cause.at, until))));
        if result.is_ok() && tasks.claimed.is_empty() {
            tracing::info!(outcome = "noted", "nothing to send");
        }
        // Each claim is ours alone: a failure of one must not keep us from the next.
        for task in &tasks.claimed {
            result = self.carry_out(&order, task, cause).await.and(result);
        }
        result
    }

    async fn carry_out(&self, order: &OrderId, task: &Task, cause: &Cause) -> Result<(), EventError> {
        let (notification, template) = (task.id.as_str(), task.content.template().as_str());
        let sent = self.send(order, task).await;
        let outcome = sent.as_ref().map_or(Outcome::NotSent, |attempt| attempt.outcome);
        self.deliveries.settle(order, &task.id, outcome, cause).await?;
        let code = sent?.code;
        match outcome {
            Outcome::Sent => tracing::info!(notification, template, outcome = "sent", "customer told"),
            Outcome::Failed(Failure::NoAddress) => {
                tracing::info!(notification, template, outcome = "no_address", "customer not told");
            }
            Outcome::Failed(Failure::Refused) => {
                tracing::warn!(notification, template, outcome = "refused", code, "customer not told");
            }
            Outcome::Unknown => unknown(notification, &code),
            Outcome::NotSent => return Err(EventError::NotTaken(code)),
        }
        Ok(())
    }

    async fn send(&self, order: &OrderId, task: &Task) -> Result<Attempt, EventError> {
        let letter = self.letters.write(order, &task.content)?;
        match self.contacts.get(&task.customer).await? {
            Some(contact) => Ok(self.post_office.send(&contact.email, &letter).await),
            None => Ok(Attempt { outcome: Outcome::Failed(Failure::NoAddress), code: String::new() }),
        }
    }
}

/// An alarm counts these lines: somebody may have to look whether the customer was told.
fn unknown(notification: &str, why: &str) {
    let error_class = "outcome_unknown";
    tracing::error!(error_class, notification, why, "a message may have been sent, and will not be sent again");
}

fn wait(now: Timestamp, until: Timestamp) -> Duration {
    Duration::try_from(now.duration_until(until)).unwrap_or_default().min(LOOK_AGAIN)
}

/// The order that an event is about, and what it makes true.
///
/// # Errors
/// An unknown type, or an event that does not keep its contract.
pub fn fact(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        OrderCreated::TYPE => {
            let data = Received::<Created>::parse(text)?.data;
            let customer = CustomerId::new(data.customer_id.as_str());
            Ok((order(&data.order_id)?, Fact::Placed(customer.ok_or(EventError::OutsideDomain("customerId"))?)))
        }
        OrderCompleted::TYPE => {
            let Received { id, data } = Received::<Completed>::parse(text)?;
            let content = Content::Completed(Money { minor: data.total, currency: data.currency.to_string() });
            Ok((order(&data.order_id)?, ended(&id, content)?))
        }
        OrderCancelled::TYPE => {
            let Received { id, data } = Received::<Cancelled>::parse(text)?;
            Ok((order(&data.order_id)?, ended(&id, Content::Cancelled(understood(&data.reason)))?))
        }
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}

fn order(id: &contracts::ids::OrderId) -> Result<OrderId, EventError> {
    OrderId::new(id.as_str()).ok_or(EventError::OutsideDomain("orderId"))
}

fn ended(id: &str, content: Content) -> Result<Fact, EventError> {
    Ok(Fact::Ended { event: EventId::new(id).ok_or(EventError::OutsideDomain("id"))?, content })
}

fn understood(reason: &Reason) -> CancelReason {
    match reason {
        Reason::Known(Known::Customer) => CancelReason::Customer,
        Reason::Known(Known::OutOfStock) => CancelReason::OutOfStock,
        Reason::Known(Known::PaymentFailed) => CancelReason::PaymentFailed,
        Reason::Known(Known::ReservationExpired) => CancelReason::ReservationExpired,
        Reason::Known(Known::TimedOut) => CancelReason::TimedOut,
        Reason::Known(Known::Staff) => CancelReason::Staff,
        Reason::New(_) => CancelReason::Other,
    }
}
