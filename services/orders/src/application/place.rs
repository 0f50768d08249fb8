//! Accepting an order: one write and no read, also for a repeated request.

use chassis::cause::Cause;
use chassis::store::{Revision, Saved, StoreError};
use jiff::SignedDuration;

use super::{AcceptedOrder, Decided, OrderMetadata, Orders, StoredOrder};
use crate::domain::decision::Event;
use crate::domain::ids::{CustomerId, OrderId};
use crate::domain::place::{self, OrderRequest, Violation};
use crate::domain::sweep::first_look;

/// A request to place an order.
#[derive(Debug, Clone)]
pub struct PlaceOrder {
    /// The id that follows from the customer and the idempotency key.
    pub id: OrderId,
    /// Who places it.
    pub customer: CustomerId,
    /// What they ask for.
    pub request: OrderRequest,
    /// Hash of the request, to know a repetition from a reuse of its key.
    pub fingerprint: String,
    /// How long the order may stay open.
    pub pay_within: SignedDuration,
}

/// An order that is in the table now.
#[derive(Debug, Clone, PartialEq)]
pub enum PlaceOutcome {
    /// It is new.
    New(StoredOrder),
    /// The same request placed it before: this is the order as it was then.
    Replayed(StoredOrder),
}

/// Why no order is placed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The request breaks these rules.
    #[error("the request breaks {} rules", .0.len())]
    Invalid(Vec<Violation>),
    /// The customer used the idempotency key for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Orders {
    /// Places an order. Its id follows from the idempotency key, so that of two requests with one key the conditional
    /// write lets one through, and the other sees what that has written.
    ///
    /// # Errors
    /// [`PlaceError`]; nothing is written then.
    pub async fn place(&self, command: PlaceOrder, cause: &Cause) -> Result<PlaceOutcome, PlaceError> {
        let PlaceOrder { id, customer, request, fingerprint, pay_within } = command;
        let cause = cause.in_saga(&id.saga(), cause.causation_id.clone());
        let order = place::place(&request, id, customer, cause.at, pay_within).map_err(PlaceError::Invalid)?;
        let metadata = OrderMetadata {
            client_correlation_id: cause.client_correlation_id.clone(),
            ..OrderMetadata::new(fingerprint.clone(), cause.correlation_id.clone())
        };
        let first_look = first_look(&order, self.settle_within).as_second();
        let order = AcceptedOrder { order, metadata };
        let decided = Decided { order, events: vec![Event::Created], cause };
        match self.save(decided, &Revision { wakes_at: Some(first_look), ..Revision::default() }).await? {
            Saved::Applied(stored) => Ok(PlaceOutcome::New(stored)),
            Saved::Conflict(Some(before)) if before.value.metadata.fingerprint == fingerprint => {
                Ok(PlaceOutcome::Replayed(as_placed(before)))
            }
            Saved::Conflict(_) => Err(PlaceError::KeyReused),
        }
    }
}

/// The order as its first write has left it.
fn as_placed(stored: StoredOrder) -> StoredOrder {
    let AcceptedOrder { order, metadata } = stored.value;
    let value = AcceptedOrder { order: place::as_placed(order), metadata };
    StoredOrder { value, revision: Revision { version: 1, emitted: 1, ..Revision::default() } }
}
