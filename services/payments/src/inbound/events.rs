//! Events of other services, and dead letters, become facts.

use chassis::consumer::Delivery;
use chassis::store::Stored;
use chassis::verdict::{Classify, Verdict};
use contracts::inventory::{InventoryReleased, InventoryReserved, ReleaseCause};
use contracts::orders::{OrderCancelled, OrderCreated};
use contracts::{ContractError, EventData, Reads, Received};
use jiff::Timestamp;

use super::reads::{Cancelled, Created, Released, Reserved};
use crate::application::apply_event::apply_event;
use crate::application::settle::Unsettled;
use crate::application::settle_dead_letter::settle_dead_letter;
use crate::application::{App, Gateway, PaymentStore, SagaPayment};
use crate::domain::ids::{Currency, CustomerId, OrderId, PaymentMethod, ReservationId};
use crate::domain::payment::{Fact, Terms};

/// The types that payments consumes, and that its rule routes.
pub const HANDLED: [&str; 4] =
    [OrderCreated::TYPE, OrderCancelled::TYPE, InventoryReserved::TYPE, InventoryReleased::TYPE];

/// Why an event is not done with.
#[derive(Debug, thiserror::Error)]
pub enum EventError {
    /// The rule routed a type that this version does not know.
    #[error("payments does not consume {0}")]
    UnknownType(String),
    /// The event does not keep its contract.
    #[error("the event does not keep its contract")]
    Contract(#[from] ContractError),
    /// Its payment is not settled.
    #[error(transparent)]
    Unsettled(#[from] Unsettled),
}

impl Classify for EventError {
    fn verdict(&self) -> Verdict {
        match self {
            Self::UnknownType(_) | Self::Contract(_) => Verdict::Park,
            Self::Unsettled(error) => error.verdict(),
        }
    }

    fn class(&self) -> &'static str {
        match self {
            Self::UnknownType(_) => "unknown_type",
            Self::Contract(_) => "contract",
            Self::Unsettled(error) => error.class(),
        }
    }
}

/// Carries an event of the queue as far as its payment goes.
///
/// # Errors
/// [`EventError`], which says whether a retry can help.
pub async fn apply<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    delivery: Delivery,
) -> Result<(), EventError> {
    let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
    log(&apply_event(app, &order, fact, &delivery.cause).await?);
    Ok(())
}

/// Ends the payment of an event that has become a dead letter.
///
/// # Errors
/// [`EventError`], which says whether a retry can help.
pub async fn apply_dead_letter<S: PaymentStore, G: Gateway, C: Fn() -> Timestamp>(
    app: &App<S, G, C>,
    delivery: Delivery,
) -> Result<(), EventError> {
    let (order, fact) = fact(&delivery.event_type, &delivery.text)?;
    log(&settle_dead_letter(app, &order, fact, &delivery.cause).await?);
    Ok(())
}

fn log(applied: &Stored<SagaPayment>) {
    let payment = &applied.value.payment;
    let (status, attempts, settled) = (payment.status(), payment.attempted(), !payment.is_open());
    if payment.owed() > 0 {
        tracing::warn!(status, attempts, owed = payment.owed(), "event applied; a refund has not gone through yet");
    } else {
        tracing::info!(status, attempts, settled, "event applied");
    }
}

/// The order that an event is about, and what it makes true.
///
/// # Errors
/// An unknown type, or an event that does not keep its contract.
pub fn fact(event_type: &str, text: &str) -> Result<(OrderId, Fact), EventError> {
    match event_type {
        OrderCreated::TYPE => open::<Created>(text).map(|data| {
            let terms = Terms {
                customer: CustomerId::trusted(data.customer_id.as_str()),
                amount: data.total,
                currency: Currency::trusted(data.currency.as_str()),
                method: PaymentMethod::trusted(data.payment_method.as_str()),
                pay_by: Some(data.pay_by),
            };
            (order(&data.order_id), Fact::Ordered(terms))
        }),
        OrderCancelled::TYPE => open::<Cancelled>(text).map(|data| (order(&data.order_id), Fact::Cancelled)),
        InventoryReserved::TYPE => open::<Reserved>(text).map(|data| {
            let reservation = ReservationId::trusted(data.reservation_id.as_str());
            (order(&data.order_id), Fact::Held { reservation, expires_at: data.expires_at })
        }),
        InventoryReleased::TYPE => open::<Released>(text).map(|data| {
            let fact = match data.cause {
                ReleaseCause::Expired => Fact::Expired,
                // The cancel reached inventory first.
                ReleaseCause::Cancelled | ReleaseCause::NeverReserved => Fact::Cancelled,
            };
            (order(&data.order_id), fact)
        }),
        other => Err(EventError::UnknownType(other.to_owned())),
    }
}

fn open<R: Reads>(text: &str) -> Result<R, EventError> {
    Ok(Received::<R>::parse(text)?.data)
}

fn order(id: &contracts::ids::OrderId) -> OrderId {
    OrderId::trusted(id.as_str())
}
